"""What several commands need: progress, tables, notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from charrobust.errors import UserError
from charrobust.packages import is_installed, missing_package
from charrobust.progress import Progress

WARNING = "WARNING: "  # how notes begin that must not be missed


@contextmanager
def progress_bar(label: str, total: int) -> Iterator[Progress]:
    """Show the progress of work of one stage on standard error, if that is a terminal."""
    from rich import progress as bars
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with bars.Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        bar = shown.add_task(label, total=total or None)

        def advance(stage: str, done: int, total: int, metrics: Mapping[str, float]) -> None:  # noqa: ARG001
            shown.update(bar, completed=done)

        yield advance


def tell(notes: Sequence[str]) -> None:
    """Print what a user should know of data and results, on standard error; warnings stand out."""
    from rich.console import Console

    from charrobust.cli.options import with_options
    from charrobust.datasets.options import DataOptions
    from charrobust.settings import declared_options

    err = Console(stderr=True, highlight=False, soft_wrap=True)
    options = {option.path: option.names[0] for option in declared_options(DataOptions)}
    for note in (with_options(note, options) for note in notes):
        if note.startswith(WARNING):
            err.print(note, markup=False, style="bold red")
        else:
            err.print(f"note: {note}", markup=False)


def quiet_transformers() -> None:
    """Keep the transformers library from printing warnings and progress of its own; without torch it does nothing."""
    if not (is_installed("torch") and is_installed("transformers")):
        return
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


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
    # In a file or a pipe nothing tells the width, and tables would be folded at 80 columns.
    return made if made.is_terminal else Console(highlight=False, width=120)
