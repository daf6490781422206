"""``charrobust export``: a model as an ONNX file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from charrobust.cli.model_options import TrustRemoteCode
from charrobust.cli.options import naming_options
from charrobust.cli.result import Result


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(naming_options(export))


def export(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A fine-tuned model: a directory or hub id.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Directory to write; --model takes it.")],
    task: Annotated[
        str | None, typer.Option(help="What an encoder without a head is to be asked for, such as retrieval.")
    ] = None,
    trust_remote_code: TrustRemoteCode = False,
) -> Result:
    """Write a model as ONNX, with its tokenizer and configuration, and compare both on batches of several shapes."""
    from charrobust.cli.logs import hush_transformers
    from charrobust.cli.shared import say
    from charrobust.systems.export import export_onnx

    hush_transformers()
    exported = export_onnx(model, output, task=task, trust_remote_code=trust_remote_code)
    say(f"wrote {exported.file}: outputs within {exported.difference:.1e} of the model's")
    return Result({"model": exported.file}, {"difference": exported.difference})
