"""``charrobust convert``: a published CharBERT checkpoint as a model of this package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from charrobust.cli.model_options import TrustRemoteCode
from charrobust.cli.options import naming_options
from charrobust.cli.result import Result
from charrobust.errors import UserError
from charrobust.files import replacing


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("convert")(naming_options(convert))


def convert(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="Directory as published.")],
    char_vocab: Annotated[Path, typer.Option(help="The character vocabulary published with it.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Directory to write.")],
    head: Annotated[
        str | None, typer.Option(help="Class of the head; told by the weights where it is not given.")
    ] = None,
    trust_remote_code: TrustRemoteCode = False,
) -> Result:
    """Turn a CharBERT checkpoint as published (BERT or RoBERTa, any head) into one of ours."""
    from transformers import AutoTokenizer

    from charrobust.cli.logs import hush_transformers
    from charrobust.cli.shared import say
    from charrobust.models.conversion import convert as convert_checkpoint

    hush_transformers()
    if not source.is_dir():
        raise UserError(f"directory not found: {source}")
    if output.exists():
        raise UserError(f"the output {output} exists; give another name or remove it first")
    model = convert_checkpoint(source, char_vocab, head=head, trust_remote_code=trust_remote_code)
    # Under another name until all of it is there: what is interrupted leaves no half a model.
    with replacing(output, like=source) as temporary:
        model.save_pretrained(temporary)
        if any((source / name).is_file() for name in ("tokenizer.json", "vocab.txt", "vocab.json")):
            AutoTokenizer.from_pretrained(source, trust_remote_code=trust_remote_code).save_pretrained(temporary)
    count = sum(weight.numel() for weight in model.parameters())
    say(f"wrote {output}: {type(model).__name__}, {count:,} parameters")
    return Result({"model": output}, {"class": type(model).__name__, "parameters": count})
