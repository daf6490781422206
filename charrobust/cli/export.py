"""``charrobust export``: a model as an ONNX file, attacked data as tasks of another harness."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from charrobust.cli.model_options import TrustRemoteCode
from charrobust.cli.options import naming_options
from charrobust.cli.result import Result
from charrobust.errors import UserError

_ONNX = "onnx"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(naming_options(export))


def export(
    source: Annotated[
        str,
        typer.Argument(
            metavar="MODEL|DATA",
            help="A fine-tuned model: a directory or hub id. Or data: a folder that `attack` wrote, or a data set.",
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Directory to write; --model takes that of a model.")],
    to: Annotated[
        str,
        typer.Option(
            metavar="[onnx|lm-eval|inspect|mteb]",
            help="A model: onnx. Data: tasks of lm-evaluation-harness, inspect_ai or MTEB, one for each version.",
        ),
    ] = _ONNX,
    task: Annotated[
        str | None,
        typer.Option(
            help="What an encoder without a head is to be asked for, such as retrieval; what a data set is of, where "
            "nothing tells."
        ),
    ] = None,
    trust_remote_code: TrustRemoteCode = False,
) -> Result:
    """Write a model as ONNX, with what lies beside it, compared with the model; or data as tasks of other harnesses."""
    if to == _ONNX:
        return _export_model(source, output, task, trust_remote_code=trust_remote_code)
    if trust_remote_code:
        raise UserError(f"leave out `trust_remote_code`: data are written `to` {to}, and no model is loaded")
    return _export_data(source, output, to, task)


def _export_model(model: str, output: Path, task: str | None, *, trust_remote_code: bool) -> Result:
    """Write a model.

    Raises:
        UserError: It is data.
    """
    from charrobust.cli.logs import hush_transformers
    from charrobust.cli.shared import say
    from charrobust.datasets.cards import card_names
    from charrobust.scoring.attacked_folder.manifest import MANIFEST

    if (Path(model) / MANIFEST).is_file():
        raise UserError(
            f"{model} holds attacked data, and `to` {_ONNX} writes a model; name a harness, as --to lm-eval"
        )
    if Path(model).is_file() or (model.partition(":")[0] in card_names() and not Path(model).exists()):
        raise UserError(f"{model} is a data set, and `to` {_ONNX} writes a model; name a harness, as --to lm-eval")
    from charrobust.systems.export import export_onnx

    hush_transformers()
    exported = export_onnx(model, output, task=task, trust_remote_code=trust_remote_code)
    say(f"wrote {exported.file}: outputs within {exported.difference:.1e} of the model's")
    return Result({"model": exported.file}, {"difference": exported.difference})


def _export_data(data: str, output: Path, to: str, task: str | None) -> Result:
    """Write data.

    Raises:
        UserError: It is a model, or there is no such format.
    """
    from charrobust.cli.shared import say
    from charrobust.errors import hint
    from charrobust.scoring.exchange.export import HARNESSES, export_tasks

    if to not in HARNESSES:
        raise UserError(f"unknown format {to!r} of `to`; {hint(to, [_ONNX, *HARNESSES])}")
    if (Path(data) / "config.json").is_file():
        raise UserError(
            f"{data} is a model, and `to` {to} writes data; give a folder that charrobust attack wrote, or --to {_ONNX}"
        )
    exported = export_tasks(data, output, to=to, task=task)
    count = len(exported.tasks)
    say(f"wrote {output}: {count} task{'s' * (count != 1)} of {exported.examples:,} examples")
    say(f"run them with: {exported.command}")
    figures = {"tasks": list(exported.tasks), "examples": exported.examples, "command": exported.command}
    return Result({"tasks": output}, figures)
