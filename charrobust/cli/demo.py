"""``charrobust demo``: what do typos do to a model? Answered on the sample sets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from charrobust.scoring import Interval


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the attacked files.")] = Path("demo"),
) -> None:
    """Attack the sample sets with four recipes, and see what that does to a classifier of reviews."""
    from rich.markup import escape
    from transformers.utils import logging as transformers_logging

    from charrobust.cli.shared import console, progress_bar, table
    from charrobust.demo import run_demo

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    out = console()
    with progress_bar("demo", 100) as advance:
        found = run_demo(output, lambda _, done, steps: advance(round(100 * done / steps)))
    rows = table("text", "words changed", "accuracy", "95 % interval", "lost", "95 % interval", numbers=(1, 2, 3, 4, 5))
    for row in found.rows:
        lost = ("", "") if row.loss is None else _percent(row.loss)
        rows.add_row(row.recipe or "clean", f"{row.changed:.1%}", *_percent(row.score), *lost)
    out.print(f"[bold]What do typos do to a model?[/] Sentiment of {found.test} reviews; logistic regression on frozen")
    out.print(f"MiniLM, fitted to {found.train} clean reviews. Average case: one random draw of each attack.")
    out.print(rows)
    out.print("Reviews that were read rightly, and are no more:")
    for recipe, clean, attacked in found.flipped:
        out.print(f"  [dim]clean[/]     {escape(clean)}\n  [dim]{recipe:<9}[/] {escape(attacked)}")
    out.print(f"\nwrote {len(found.files)} files to {escape(str(output))}/: attacked sets and, for each, its edit log")
    for path in found.files:
        out.print(f"  {escape(str(path))}")


def _percent(interval: Interval) -> tuple[str, str]:
    return f"{100 * interval.value:.1f}", f"{100 * interval.low:.1f} to {100 * interval.high:.1f}"
