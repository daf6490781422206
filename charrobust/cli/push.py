"""``charrobust push``: a model, attacked data or results on the hub."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from charrobust.cli.result import Result


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("push")(push)


def push(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What finetune, pretrain, attack or evaluate wrote.")],
    name: Annotated[str, typer.Argument(metavar="USER/NAME", help="Where it goes on the hub.")],
    private: Annotated[bool, typer.Option("--private", help="A new one is for its owner alone.")] = False,
) -> Result:
    """Write a model, attacked data or results to the hub, with a card; the token is that of `hf auth login`."""
    from charrobust.cli.shared import say
    from charrobust.report.publishing.push import publication, publish

    found = publication(folder)
    address = publish(found, name, private=private)
    say(f"wrote {len(found.files)} files to {address}")
    return Result({"address": address}, {"kind": found.kind, "files": found.files})
