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
    tables: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write all tables here, too: LaTeX (booktabs) and Markdown.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder to write to; that of the results where none is given.")
    ] = None,
) -> Result:
    """Make report.html and its plots again from the results of an evaluation; and its tables as files."""
    from charrobust.cli.shared import check_folder, say, tell_of_figures
    from charrobust.report import write_report
    from charrobust.report.style import can_draw
    from charrobust.report.table_files import write_tables
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
    if tables is not None:
        check_folder(tables)
    outputs = {"report": write_report(evaluation, output, sensitivity=inside)}
    tell_of_figures()
    say(f"wrote {outputs['report']}")
    if can_draw():
        outputs["plots"] = output / "plots"
        say(f"wrote its figures to {outputs['plots']}")
    if tables is not None:
        files = write_tables(evaluation, tables, sensitivity=inside)
        outputs["tables"] = tables
        say(f"wrote {len(files)} files of tables to {tables}")
    return Result(outputs)
