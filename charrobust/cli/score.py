"""``charrobust score``: what attacks do to predictions that were made elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from charrobust.cli import panels
from charrobust.cli.options import naming_options
from charrobust.cli.result import Result


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("score")(naming_options(score))


def score(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder that `attack --output FOLDER/` wrote.")],
    predictions: Annotated[
        list[str],
        typer.Option(
            "--predictions",
            "-p",
            metavar="FILE|VERSION=FILE|[NAME=]FOLDER",
            help="Predictions for a file of the folder, under its name: clean.csv, attacked.csv; with columns "
            "prediction and id, or one a line; or the folder of a system with such a file for each. Repeatable.",
        ),
    ],
    name: Annotated[str | None, typer.Option(help="Name of the system whose files are given one by one.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder to write results and report to; else none is written.")
    ] = None,
    label_map: Annotated[
        list[str] | None,
        typer.Option(help="LABEL=NAME: another name for a label, of the data or of the predictions; repeatable."),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(help="Report this metric of another package, too; repeatable.", rich_help_panel=panels.RESULTS),
    ] = None,
    confidence: Annotated[float, typer.Option(help="Level of all intervals.", rich_help_panel=panels.RESULTS)] = 0.95,
) -> Result:
    """Score predictions for clean and attacked data that were made elsewhere: no model is loaded."""
    from charrobust.cli.evaluate import score_figures, show_scores, tell_written, write_scores
    from charrobust.cli.progress import stages
    from charrobust.cli.shared import check_folder, tell
    from charrobust.scoring.evaluation.given_predictions import score as run

    if output is not None:
        check_folder(output)
    with stages(lambda _: "") as progress:
        found = run(
            folder,
            predictions,
            name=name,
            label_map=label_map or (),
            metrics=metric or (),
            confidence=confidence,
            progress=progress,
        )
    tell(found.notes)
    outputs = {} if output is None else write_scores(found, output)
    show_scores(found)
    if output is not None:
        tell_written(output, outputs)
    return Result(outputs, score_figures(found))
