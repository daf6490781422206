"""The progress of runs that go through stages, shown with their newest metrics."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from charrobust.cli.manner import manner
from charrobust.cli.terminal import Terminal
from charrobust.progress import Progress
from charrobust.visible import visible

if TYPE_CHECKING:
    from charrobust.training.interruptions import Interrupted


def is_first() -> bool:
    """Tell whether this is the process that prints, of those that torchrun started."""
    return os.environ.get("RANK", "0") == "0"


def leave_group() -> None:
    """Part from the other processes that torchrun started; left to the interpreter's end, gloo may abort."""
    from torch import distributed

    if distributed.is_available() and distributed.is_initialized():
        distributed.destroy_process_group()


def interruption(error: Interrupted, command: str) -> str:
    """Say how far an interrupted run came, and which command goes on with it."""
    return f"interrupted after step {error.step} of {error.steps}; {error.kept}. Go on with: {command}"


@contextmanager
def stages(
    described: Callable[[Mapping[str, float]], str],
) -> Iterator[Progress]:
    """Show a bar for each stage on standard error, if that is a terminal: how far, how fast, and the time left.

    Args:
        described: Returns what is shown of metrics.

    Yields:
        A function to be called with a stage, how far it is, where it ends (0 if unknown) and the newest metrics.
    """
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    from charrobust.cli.rates import RateColumn

    console = Terminal(stderr=True)
    counts = (MofNCompleteColumn(), RateColumn(), TimeRemainingColumn(compact=True))
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), *counts)
    shown = console.is_terminal and is_first() and not manner().quiet
    bars = Bars(*columns, TextColumn("{task.fields[metrics]}"), console=console, disable=not shown)
    tasks: dict[str, Any] = {}

    def show(stage: str, done: int, total: int, metrics: Mapping[str, float]) -> None:
        # Not before there is something to show: until then, a question may be asked at the terminal.
        bars.start()
        if stage not in tasks:
            tasks[stage] = bars.add_task(escape(visible(stage)), total=total or None, completed=done, metrics="")
        bars.update(tasks[stage], completed=done, metrics=described(metrics))

    try:
        yield show
    finally:
        bars.stop()
