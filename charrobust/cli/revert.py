"""``charrobust revert``: undo an attack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from charrobust.cli.options import naming_options
from charrobust.cli.result import Result
from charrobust.errors import UserError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("revert")(naming_options(revert))


def revert(
    attacked: Annotated[Path, typer.Argument(metavar="ATTACKED", help="The attacked file.")],
    edits: Annotated[Path, typer.Option(help="The edit log that was written with it.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; NAME.reverted.SUFFIX where none is given.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an output that exists already.")] = False,
) -> Result:
    """Undo an attack from its edit log: all records are those of the original."""
    from charrobust.cli.shared import check_new, progress_bar, say
    from charrobust.datasets.edit_log import EditLog
    from charrobust.datasets.formats import format_of, suffix_of
    from charrobust.datasets.revert_file import revert_file
    from charrobust.tasks.registry import task_class

    log = EditLog(edits)
    if not attacked.exists():
        raise UserError(f"attacked file not found: {attacked}")
    if output is None:
        # At the first dot, as the suffix of data.jsonl.gz is both of its parts.
        stem, dot, suffix = attacked.name.partition(".")
        output = attacked.with_name(f"{stem}.reverted{dot}{suffix}")
    if not attacked.is_dir() and suffix_of(output) != suffix_of(attacked):
        raise UserError(f"the output {output} must be of the input's format: end its name with {suffix_of(attacked)}")
    check_new(output, given=str(attacked), force=force)
    # A file is read as it was for the attack (delimiter, header, ...); a folder needs no options.
    options = {} if attacked.is_dir() else log.about["format"]
    source = format_of(attacked, **options)
    task = task_class(log.about["task"]).of_columns(log.about["columns"])
    with progress_bar("revert", source.total()) as progress:
        count = revert_file(source, task, log, output=output, progress=progress)
    say(f"undid {count:,} edits ({log.about['recipe']} at {log.about['severity']}); wrote {output}")
    figures = {"recipe": log.about["recipe"], "severity": str(log.about["severity"]), "edits": count}
    return Result({"data": output}, figures)
