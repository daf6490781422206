"""Options that training commands share: where a run is written, how it goes on, and the text that it reads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from charrobust.cli import panels

ModelFolder = Annotated[Path, typer.Option("--output", "-o", help="Folder to write the model and the run to.")]
Resume = Annotated[
    bool,
    typer.Option("--resume", help="Go on from the last checkpoint in the folder.", rich_help_panel=panels.RUNNING),
]
CorpusText = Annotated[
    list[str],
    typer.Option("--corpus", "-c", help="Text: .txt, .jsonl, .parquet, a folder or hub:NAME:SPLIT; may be repeated."),
]
MeasuredText = Annotated[
    list[str] | None, typer.Option("--eval", help="Text to measure on; else some of the corpus is kept back.")
]
TextColumn = Annotated[str, typer.Option(help="Column of the text, where there are columns.")]
CorpusLanguage = Annotated[str | None, typer.Option(help="Language of the corpus, for the model card: en, de, ...")]
