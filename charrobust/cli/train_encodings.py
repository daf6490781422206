"""``charrobust train-encodings``: put words in clusters whose typos are read alike, a defence before any model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charrobust.cli.options import settings_options
from charrobust.cli.result import Result
from charrobust.cli.run_options import CorpusLanguage, CorpusText, TextColumn
from charrobust.settings import read_changed
from charrobust.training.encodings.settings import EncodingSettings

if TYPE_CHECKING:
    from charrobust.training.encodings.train import TrainedEncodings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train-encodings")(train_encodings)


@settings_options(EncodingSettings)
def train_encodings(
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write the encodings to.")],
    corpus: CorpusText,
    settings: Mapping[str, Any],
    column: TextColumn = "text",
    language: CorpusLanguage = None,
) -> Result:
    """Train robust encodings on any text: words that typos turn into each other are read as one."""
    from charrobust.cli.progress import stages
    from charrobust.training.encodings.train import train_encodings as run

    encodings = read_changed(EncodingSettings, {}, settings)
    with stages(lambda metrics: "") as progress:
        done = run(encodings, corpus, output, column=column, language=language, progress=progress)
    _show(done)
    return Result({"encodings": done.output}, asdict(done.measures))


def _show(done: TrainedEncodings) -> None:
    from charrobust.cli.shared import console

    out, found = console(), done.measures
    outside, changed, before, after = (
        f"{100 * share:.1f}" for share in (found.outside, found.changed, found.stable_before, found.stable)
    )
    out.print(f"{found.vocabulary:,} words are read as {found.encodings:,}; {outside} % of the corpus is others")
    out.print(f"of 100 running words {changed} are read as another one")
    out.print(f"of 100 running words {after} have no typo that is read otherwise ({before} without clusters)")
    out.print(f"wrote {done.output}: encodings, card, training.json", markup=False, soft_wrap=True)
