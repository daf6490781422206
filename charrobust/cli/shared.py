"""What several commands need: progress, tables, notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charrobust.cli.manner import manner
from charrobust.cli.terminal import Terminal
from charrobust.errors import UserError
from charrobust.packages import missing_package
from charrobust.progress import Progress
from charrobust.visible import visible

if TYPE_CHECKING:
    from charrobust.scoring.intervals import Interval

WARNING = "WARNING: "  # how notes begin that must not be missed


@contextmanager
def progress_bar(label: str, total: int) -> Iterator[Progress]:
    """Show the progress of work of one stage on standard error, if that is a terminal."""
    from rich import progress as bars
    from rich.markup import escape
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from charrobust.cli.rates import RateColumn

    console = Terminal(stderr=True)
    counts = (TaskProgressColumn(), RateColumn(), TimeRemainingColumn(compact=True))
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), *counts)
    hidden = manner().quiet or not console.is_terminal
    with bars.Progress(*columns, console=console, transient=True, disable=hidden) as shown:
        bar = shown.add_task(escape(visible(label)), total=total or None)

        def advance(stage: str, done: int, total: int, metrics: Mapping[str, float]) -> None:  # noqa: ARG001
            shown.update(bar, completed=done)

        yield advance


def tell(notes: Sequence[str]) -> None:
    """Print what a user should know of data and results, on standard error; warnings stand out, and always come."""
    from charrobust.cli.options import with_options
    from charrobust.datasets.options import DataOptions
    from charrobust.settings import declared_options

    err = Terminal(stderr=True, soft_wrap=True)
    options = {option.path: option.names[0] for option in declared_options(DataOptions)}
    for note in (with_options(note, options) for note in notes):
        manner().notes.append(note)
        if note.startswith(WARNING):
            err.print(note, markup=False, style="bold red")
        elif not manner().quiet:
            err.print(f"note: {note}", markup=False)


def tell_of_figures() -> None:
    """Say that a page has no figures, where they cannot be drawn."""
    from charrobust.report.style import can_draw

    if not can_draw():
        tell([f"the page has no figures: {missing_package('matplotlib', 'drawing them')}"])


def check_folder(output: Path) -> None:
    """Refuse a file as the folder to write to, before any work.

    Args:
        output: What is to be written.

    Raises:
        UserError: It is one.
    """
    if output.exists() and not output.is_dir():
        raise UserError(f"the output {output} is a file; give a folder")


def check_new(*outputs: str | Path | None, given: str, force: bool) -> None:
    """Refuse to overwrite what is there already, before any work.

    Args:
        outputs: What is to be written: files, or folders of attacked data; None where nothing is.
        given: The input, which is no output whatever the user says, and is refused elsewhere.
        force: Whether it may be overwritten.

    Raises:
        UserError: With the first that is there, or that is to be standard output.
    """
    from charrobust.scoring.attacked_folder.manifest import MANIFEST

    for output in outputs:
        if output == "-":
            raise UserError("`output` - is no file, and standard output takes no data; name a file")
        path = Path(output or "")
        is_there = path.is_file() or (path / MANIFEST).is_file()
        if output and is_there and path.resolve() != Path(given).resolve() and not force:
            raise UserError(f"{output} exists already; give another name, or overwrite it with `force`")


def table(*headers: str, title: str | None = None, numbers: tuple[int, ...] = ()) -> Any:
    """Return an empty table; columns in ``numbers`` are set flush right."""
    from rich import box
    from rich.table import Table

    made = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    for number, header in enumerate(headers):
        made.add_column(header, justify="right" if number in numbers else "left", overflow="fold")
    return made


def stacked(text: str, below: str) -> str:
    """Return a cell of two lines: what it says, and more quietly what belongs to it; empty where there is nothing."""
    return f"{text}\n[dim]{below}[/]" if below else text


def interval_cell(interval: Interval | None) -> str:
    """Return a cell with a share times 100, above the ends of its interval; empty where there is none."""
    if interval is None:
        return ""
    return stacked(f"{100 * interval.value:.1f}", f"{100 * interval.low:.1f} to {100 * interval.high:.1f}")


def console(*, asked_for: bool = False) -> Terminal:
    """Return the console that results are printed on: standard error where standard output is for a program.

    Args:
        asked_for: Whether what is printed is all that the command is for, as a list, which no silence is meant for.

    Returns:
        The console.
    """
    spoken = manner()
    hushed = spoken.quiet and (spoken.as_json or not asked_for)
    make = partial(Terminal, stderr=spoken.as_json, quiet=hushed)
    made = make()
    # In a file or a pipe nothing tells the width, and tables would be folded at 80 columns.
    return made if made.is_terminal else make(width=120)


def say(message: str) -> None:
    """Print a message as it stands, on one line however long it is.

    Args:
        message: The message.
    """
    console().print(message, markup=False, soft_wrap=True)
