"""Options of the commands that measure what noise does to words, inside a model or before it."""

from __future__ import annotations

from typing import Annotated

import typer

from charrobust.cli import completion, panels

NoisedData = Annotated[
    str,
    typer.Option(
        help="A file (.txt: a text a line), the name of a card, or hub:NAME:SPLIT.",
        autocompletion=completion.data_sets,
    ),
]
Severity = Annotated[str | None, typer.Option(help="Severity of the recipe; its own where none is given.")]
Seed = Annotated[int | None, typer.Option(help="Seed; the recipe's own where none is given.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Read no more than this many examples.")]
Confidence = Annotated[float, typer.Option(help="Level of the intervals.", rich_help_panel=panels.RESULTS)]
