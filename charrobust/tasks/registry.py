"""The one list of tasks: those that ship, those of installed packages, and those that a program registers.

A task is a room ``tasks/NAME/``: ``record.py`` (columns, reading, perturbing, writing back), ``metrics.py``, and
``head.py``, the only file that needs torch. Other packages add theirs by the entry point group ``charrobust.tasks``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from charrobust.errors import UserError, hint
from charrobust.plugins import Registry

if TYPE_CHECKING:
    from charrobust.tasks.base import Task

DEFAULT_TASK = "classification"  # of plain lists of inputs and targets
_SHIPPED = {
    "classification": "charrobust.tasks.classification.record:Classification",
    "multilabel": "charrobust.tasks.multilabel.record:MultiLabel",
    "regression": "charrobust.tasks.regression.record:Regression",
    "tagging": "charrobust.tasks.tagging.record:Tagging",
    "spans": "charrobust.tasks.spans.record:Spans",
    "qa": "charrobust.tasks.qa.record:QuestionAnswering",
    "text": "charrobust.tasks.text.record:PlainText",
    "retrieval": "charrobust.tasks.retrieval.record:Retrieval",
}
TASKS: Registry[type[Task]] = Registry("task", _SHIPPED)


def register_task(task: type[Task]) -> type[Task]:
    """Make a task known by its name; usable as a decorator.

    Args:
        task: The class of the task.

    Returns:
        The same class.

    Raises:
        UserError: Another task has that name.
    """
    TASKS.register(task.name, task)
    return task


def unregister_task(name: str) -> None:
    """Forget a task that a program registered."""
    TASKS.unregister(name)


def task_names() -> list[str]:
    """Return the names of all tasks, those that ship first."""
    return TASKS.names()


def task_class(name: str) -> type[Task]:
    """Return the class of a task.

    Args:
        name: Name of the task.

    Returns:
        The class.

    Raises:
        UserError: There is no such task; with the closest name.
    """
    task = TASKS.find(name)
    if task is None:
        raise UserError(f"unknown task {name!r}; {hint(name, task_names())}")
    return task


def task_classes() -> Iterator[type[Task]]:
    """Go through the classes of all tasks."""
    for name in task_names():
        yield task_class(name)
