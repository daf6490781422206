"""The one list of tasks: those that ship, those of installed packages, and those that a program registers.

A task is a room ``tasks/NAME/``: ``record.py`` (columns, reading, perturbing, writing back), ``metrics.py``, and
``head.py``, the only file that needs torch. Other packages add theirs by the entry point group ``charrobust.tasks``.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from charrobust.errors import UserError, hint

if TYPE_CHECKING:
    from charrobust.tasks.base import Task

GROUP = "charrobust.tasks"
DEFAULT_TASK = "classification"  # of plain lists of inputs and targets
# Places and not classes: to name one task must not load all of them.
_SHIPPED = {
    "classification": "charrobust.tasks.classification.record:Classification",
    "multilabel": "charrobust.tasks.multilabel.record:MultiLabel",
    "regression": "charrobust.tasks.regression.record:Regression",
    "tagging": "charrobust.tasks.tagging.record:Tagging",
    "spans": "charrobust.tasks.spans.record:Spans",
    "qa": "charrobust.tasks.qa.record:QuestionAnswering",
    "retrieval": "charrobust.tasks.retrieval.record:Retrieval",
}
_registered: dict[str, type[Task]] = {}


def register_task(task: type[Task]) -> type[Task]:
    """Make a task known by its name; usable as a decorator.

    Args:
        task: The class of the task.

    Returns:
        The same class.

    Raises:
        UserError: Another task has that name.
    """
    known = _registered.get(task.name)
    shipped = task.name in _SHIPPED
    if shipped or (known is not None and known is not task):
        raise UserError(f"a task {task.name!r} is registered already; give {task.__name__} another name")
    _registered[task.name] = task
    return task


def unregister_task(name: str) -> None:
    """Forget a task that a program registered."""
    _registered.pop(name, None)


def task_names() -> list[str]:
    """Return the names of all tasks, those that ship first."""
    return list(dict.fromkeys([*_SHIPPED, *_plugins(), *_registered]))


def task_class(name: str) -> type[Task]:
    """Return the class of a task.

    Args:
        name: Name of the task.

    Returns:
        The class.

    Raises:
        UserError: There is no such task; with the closest name.
    """
    if name in _SHIPPED:
        return load_object(_SHIPPED[name])  # type: ignore[no-any-return]
    if name in _registered:
        return _registered[name]
    plugins = _plugins()
    if name in plugins:
        return plugins[name].load()  # type: ignore[no-any-return]
    raise UserError(f"unknown task {name!r}; {hint(name, task_names())}")


def task_classes() -> Iterator[type[Task]]:
    """Go through the classes of all tasks."""
    for name in task_names():
        yield task_class(name)


def load_object(place: str) -> Any:
    """Import what ``module:name`` names."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def _plugins() -> dict[str, EntryPoint]:
    """Return the tasks of installed packages by name."""
    return {point.name: point for point in entry_points(group=GROUP)}
