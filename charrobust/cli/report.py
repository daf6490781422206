"""``charrobust report``: the page of an evaluation, made again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from charrobust.cli.result import Result
from charrobust.errors import UserError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report")(report)


def report(
    results: Annotated[
        Path, typer.Argument(metavar="RESULTS", help="results.json, or the folder that an evaluation wrote it to.")
    ],
    sensitivity: Annotated[
        Path | None, typer.Option(help="sensitivity.json, or its folder: what noise does inside the models.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder to write to; that of the results where none is given.")
    ] = None,
) -> Result:
    """Make report.html and its plots again from the results of an evaluation."""
    from charrobust.cli.shared import say, tell_of_figures
    from charrobust.report import write_report
    from charrobust.report.style import can_draw
    from charrobust.scoring.evaluation.results_file import read_results
    from charrobust.scoring.sensitivity.results import Sensitivity

    for path in filter(None, (results, sensitivity)):
        if not path.exists():
            raise UserError(f"{path} does not exist; give a file or folder that evaluate or sensitivity wrote")
    evaluation = read_results(results)
    inside = None
    if sensitivity is not None:
        inside = Sensitivity.load(sensitivity)
    if output is None:
        output = results if results.is_dir() else results.parent
    page = write_report(evaluation, output, sensitivity=inside)
    tell_of_figures()
    if not can_draw():
        say(f"wrote {page}")
        return Result({"report": page})
    say(f"wrote {page}, and its figures to {output / 'plots'}")
    return Result({"report": page, "plots": output / "plots"})
