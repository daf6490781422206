"""Options that all commands with models share: where these run, and whether code that lies with them is run."""

from __future__ import annotations

from typing import Annotated

import typer

from charrobust.cli import panels

Device = Annotated[
    str | None,
    typer.Option(
        help="Where models run: cpu, cuda, cuda:1, mps; auto (the default) takes a GPU of CUDA if there is one.",
        rich_help_panel=panels.MODELS,
    ),
]
TrustRemoteCode = Annotated[
    bool,
    typer.Option(
        "--trust-remote-code",
        help="Run the code that comes with a model; read it first, as it can do all.",
        rich_help_panel=panels.MODELS,
    ),
]
SegmentationDropout = Annotated[
    float,
    typer.Option(
        help="Let the tokenizers of models pass over pieces with this chance, such as 0.1, and so cut words otherwise.",
        rich_help_panel=panels.MODELS,
    ),
]
