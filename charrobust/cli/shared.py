"""What several commands need: progress, tables, and finding the data set that an argument names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charrobust.errors import UserError, hint

if TYPE_CHECKING:
    from charrobust.datasets.cards import Task
    from charrobust.datasets.formats import Format


@contextmanager
def progress_bar(label: str, total: int) -> Iterator[Callable[[int], object]]:
    """Show progress on standard error, if that is a terminal; yields a function that takes the position."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(label, total=total or None)
        yield lambda position: progress.update(task, completed=position)


def open_input(
    name: str, task: str | None, format_options: dict[str, Any], named: tuple[str, ...]
) -> tuple[Format, Task]:
    """Find a data set and its task.

    Args:
        name: A file, a directory, a card's name (``sst2``, ``sst2:train``) or a hub data set (``hub:NAME:SPLIT``).
        task: Name of the task; None takes the card's, or what the format tells.
        format_options: Options of the file's format.
        named: The text or token columns, if they were named.

    Raises:
        UserError: Nothing of that name, or no task to be told.
    """
    from charrobust.datasets.cards import card_names, load_card
    from charrobust.datasets.formats import Hub, format_of

    base, _, split = name.partition(":")
    if base in card_names() or base.endswith(".toml"):
        card = load_card(base)
        if task is not None and task != card.task.name:
            raise UserError(f"data set {base!r} is for the task {card.task.name!r}, not {task!r}")
        return card.format(split or None), card.task
    if base == "hub":
        hub_id, _, split = split.rpartition(":")
        if not hub_id:
            raise UserError(f"{name!r}: a hub data set is written hub:NAME:SPLIT, such as hub:stanfordnlp/imdb:test")
        source: Format = Hub(Path(hub_id), split)
        return source, detect_task(source, task, named)
    path = Path(name)
    if path.exists():
        source = format_of(path, **format_options)
        return source, detect_task(source, task, named)
    if Path(base).is_dir() and split:
        source = Hub(Path(base), split)
        return source, detect_task(source, task, named)
    raise UserError(f"input {name!r} is no existing file and no data set card; cards: {hint(base, card_names())}")


def card_labels(name: str) -> tuple[str, ...]:
    """Return the names of the classes or tags of a data set, where a card tells them; see :func:`open_input`."""
    from charrobust.datasets.cards import card_names, load_card

    base = name.partition(":")[0]
    return load_card(base).labels if base in card_names() or base.endswith(".toml") else ()


def detect_task(source: Format, name: str | None, named: tuple[str, ...]) -> Task:
    """Find the columns of a data set by its first record.

    Raises:
        UserError: No task is given and the format does not tell it, or the columns have no usual names.
    """
    from charrobust.datasets.cards import TASKS
    from charrobust.datasets.formats import Conll, Squad

    if name is None:
        name = "tagging" if isinstance(source, Conll) else "qa" if isinstance(source, Squad) else None
    if name is None:
        raise UserError(f"{source.path}: say what it is with --task: {', '.join(TASKS)}")
    if name not in TASKS:
        raise UserError(f"unknown task {name!r}; {hint(name, TASKS)}")
    for block in source.blocks():
        batch = source.parse(block)
        for _, record, place in batch.rows():
            return TASKS[name].detect(record, place, named)
    raise UserError(f"{source.path} holds no records; expected at least one")


def with_choices(task: Task, choices: dict[str, Any]) -> Task:
    """Return a task with the columns and choices that were given on the command line.

    Raises:
        UserError: The task does not know one of them.
    """
    given = {key: value for key, value in choices.items() if value}
    known = set(type(task).__dataclass_fields__)
    for key in given:
        if key not in known:
            raise UserError(f"the task {task.name!r} has no {_OPTIONS[key]}")
    return replace(task, **given)


_OPTIONS = {
    "texts": "--text-column",
    "label": "--label-column",
    "tokens": "--token-column",
    "tags": "--tag-column",
    "id_column": "--id-column",
    "attacked": "--field",
    "protect_entities": "--protect entities",
    "protect_answers": "--protect answers",
}


def table(*headers: str, title: str | None = None, numbers: tuple[int, ...] = ()) -> Any:
    """Return an empty table; columns in ``numbers`` are set flush right."""
    from rich import box
    from rich.table import Table

    made = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    for number, header in enumerate(headers):
        made.add_column(header, justify="right" if number in numbers else "left", overflow="fold")
    return made


def console() -> Any:
    """Return the console that results are printed on."""
    from rich.console import Console

    made = Console(highlight=False)
    return made if made.is_terminal else Console(highlight=False, width=120)
