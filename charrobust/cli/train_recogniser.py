"""``charrobust train-recogniser``: train a word recogniser, a defence that stands before any model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charrobust.cli import panels
from charrobust.cli.ending import Interrupted as Ended
from charrobust.cli.options import changes, settings_options
from charrobust.cli.result import Result
from charrobust.cli.run_options import CorpusLanguage, CorpusText, MeasuredText, TextColumn
from charrobust.settings import read_changed
from charrobust.training.word_recognition.settings import RecogniserSettings

if TYPE_CHECKING:
    from charrobust.training.word_recognition.train import TrainedRecogniser


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train-recogniser")(train_recogniser)


@settings_options(RecogniserSettings)
def train_recogniser(
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write the recogniser and the run to.")],
    corpus: CorpusText,
    settings: Mapping[str, Any],
    background: Annotated[
        Path | None, typer.Option(help="Folder of the recogniser that decides on unknown words.")
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Any other value, such as hidden_size=128; repeatable.",
            rich_help_panel=panels.RUNNING,
        ),
    ] = None,
    evaluation: MeasuredText = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run that was interrupted.", rich_help_panel=panels.RUNNING)
    ] = False,
    column: TextColumn = "text",
    language: CorpusLanguage = None,
) -> Result:
    """Train a word recogniser on any text: it restores misspelt words before a model reads them."""
    from charrobust.cli.progress import interruption, stages
    from charrobust.training.interruptions import Interrupted
    from charrobust.training.word_recognition.train import train_recogniser as run

    recogniser = read_changed(RecogniserSettings, {}, changes(settings, change))
    try:
        with stages(_described) as progress:
            done = run(
                recogniser,
                corpus,
                output,
                background=background,
                evaluation=evaluation or [],
                column=column,
                language=language,
                resume=resume,
                progress=progress,
            )
    except Interrupted as error:
        raise Ended(128 + error.number, interruption(error, "the same command and --resume")) from None
    _show(done)
    figures = {"words": done.words, "outside": done.outside, "errors": done.errors}
    return Result({"recogniser": done.output}, figures)


def _described(metrics: Mapping[str, float]) -> str:
    """Return the metrics that are shown while training, as text."""
    return f"loss {metrics['loss']:.3f}  words/s {metrics['words_per_second']:,.0f}" if metrics else ""


def _show(done: TrainedRecogniser) -> None:
    from charrobust.cli.shared import console, table

    out = console()
    names = [*done.errors[0].restored]
    title = "Word error rate on held-out text, %"
    rows = table("noise", "nothing done", *names, title=title, numbers=tuple(range(1, 2 + len(names))))
    for each in done.errors:
        rows.add_row(each.noise, *(f"{100 * rate:.1f}" for rate in (each.nothing, *each.restored.values())))
    out.print(rows)
    out.print(f"{done.words:,} words are known; {100 * done.outside:.1f} % of the corpus is others")
    out.print(
        f"wrote {done.output}: recogniser, model card, recogniser.json, metrics.jsonl", markup=False, soft_wrap=True
    )
