"""``charrobust demo``: what do typos do to a model, and what does a character channel do about it?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from charrobust.cli.ending import Interrupted as Ended
from charrobust.cli.result import Result

if TYPE_CHECKING:
    from charrobust.demo import Demo
    from charrobust.scoring.evaluation.results import AttackedExample, Results

_EXAMPLES = 3  # examples on the terminal


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")] = Path("demo"),
) -> Result:
    """Attack sample sets, fine-tune MiniLM with and without a character channel, and report what typos do to both."""
    from charrobust.cli.evaluate import score_figures
    from charrobust.cli.logs import hush_transformers
    from charrobust.cli.progress import stages
    from charrobust.demo import run_demo
    from charrobust.training.interruptions import Interrupted

    hush_transformers()
    try:
        with stages(lambda _: "") as progress:
            outcome = run_demo(output, progress)
    except Interrupted as error:
        raise Ended(128 + error.number, "interrupted; the same command goes on from where it was") from None
    _print(outcome, output)
    return Result({"folder": output, "report": outcome.page}, score_figures(outcome.results))


def _print(outcome: Demo, output: Path) -> None:
    """Print the table, some reviews that were lost, and where all is."""
    from rich.markup import escape

    from charrobust.cli.evaluate import show_scores
    from charrobust.cli.shared import console

    out = console()
    out.print("[bold]What do typos do to a model?[/]")
    show_scores(outcome.results)
    out.print("Read rightly without typos, and wrongly with them:")
    for example in islice(_lost(outcome.results), _EXAMPLES):
        answers = "  ".join(f"{each.system}: {each.clean} -> {each.attacked}" for each in example.predictions)
        out.print(f"  [dim]clean[/]    {escape(' '.join(example.clean))}")
        out.print(f"  [dim]attacked[/] {escape(' '.join(example.attacked))}\n           [dim]{escape(answers)}[/]")
    out.print(f"\nattacked sample sets, models, scores, plots: {escape(str(output))}/")
    out.print(f"[bold]the report: {escape(str(outcome.page))}[/]")


def _lost(results: Results) -> Iterator[AttackedExample]:
    """Go through the examples that the first system loses."""
    for example in results.shown:
        first = example.predictions[0]
        if first.clean_right and first.attacked_right is False:
            yield example
