"""``charrobust sensitivity``: what does noise do inside an encoder?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from charrobust.cli.data_options import takes_data
from charrobust.datasets.options import DataOptions

if TYPE_CHECKING:
    from charrobust.scoring.intervals import Interval
    from charrobust.scoring.sensitivity.results import Sensitivity


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sensitivity")(takes_data(sensitivity))


def sensitivity(
    model: Annotated[
        list[str],
        typer.Option(
            "--model",
            "-m",
            metavar="[NAME=]PATH",
            help="An encoder: minilm, charbert-minilm-l6, a directory (a fine-tuned one, too) or a hub id; repeatable.",
        ),
    ],
    data: Annotated[str, typer.Option(help="A file (.txt: a text a line), the name of a card, or hub:NAME:SPLIT.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    attack: Annotated[str, typer.Option("--attack", "-a", help="Recipe of the noise, or a TOML file.")] = "charbert",
    severity: Annotated[str | None, typer.Option(help="Severity of the recipe; its own where none is given.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed; the recipe's own where none is given.")] = None,
    pooling: Annotated[
        str, typer.Option(help="first: the first sub-token of a word, as in the paper; mean: the mean of all.")
    ] = "first",
    limit: Annotated[int | None, typer.Option(min=1, help="Read no more than this many examples.")] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Sentences of a batch; changes no result.")] = 32,
    *,
    reading: DataOptions,
) -> None:
    """Measure how far noise moves the words of sentences inside encoders (Ma et al. 2020, equation 8).

    S is the mean over all words of (1 - cosine) / 2, clean against noised: 0 where nothing moves.
    """
    from transformers.utils import logging as transformers_logging

    from charrobust.cli.noising import by_name, data_name, output_folder, read_noised
    from charrobust.cli.shared import console, progress_bar
    from charrobust.report.plots import plot_sensitivity
    from charrobust.scoring.sensitivity.measure import measure_sensitivity
    from charrobust.scoring.sensitivity.results import FILE
    from charrobust.scoring.stored import save_csv

    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    models = by_name(model)
    noised, _ = read_noised(data, attack, severity=severity, seed=seed, limit=limit, reading=reading)
    done = 0
    bar = progress_bar("sensitivity", len(models) * len(noised.pairs))
    with output_folder(output), bar as advance:

        def progress(name: str, sentences: int) -> None:
            nonlocal done
            done = list(models).index(name) * len(noised.pairs) + sentences
            advance(done)

        found = measure_sensitivity(
            models, noised, data=data_name(data), pooling=pooling, batch_size=batch_size, progress=progress
        )
    found.save(output / FILE)
    save_csv(found.to_frame(), output / "sensitivity.csv")
    plots = plot_sensitivity(found, output)
    _show(found)
    console().print(
        f"wrote {output}: {FILE}, sensitivity.csv and {len(plots)} files of plots", markup=False, soft_wrap=True
    )


def _show(found: Sensitivity) -> None:
    """Print S of each model, and its parts by operator and by layer."""
    from rich.markup import escape

    from charrobust.cli.shared import console, table

    out = console()
    pooled = "first sub-token" if found.pooling == "first" else "mean of the sub-tokens"
    out.print(
        f"[bold]Sensitivity[/] of words to {escape(found.attack)} {found.severity}, seed {found.seed}: "
        f"(1 - cosine) / 2, {pooled}, last layer"
    )
    rows = table(
        "model", "S: all words", "noised", "untouched", "words", "noised", "left out", numbers=(1, 2, 3, 4, 5, 6)
    )
    for each in found.models:
        shares = (each.score, each.noised, each.untouched)
        counts = (each.words, each.noised_words, each.dropped)
        rows.add_row(escape(each.model), *map(_shown, shares), *(f"{count:,}" for count in counts))
    out.print(rows)
    names = [escape(each.model) for each in found.models]
    rows = table("noised by", *names, numbers=tuple(range(1, len(names) + 1)))
    for operator in dict.fromkeys(each.operator for model in found.models for each in model.operators):
        values = [{each.operator: each.value for each in model.operators}.get(operator) for model in found.models]
        rows.add_row(escape(operator), *map(_shown, values))
    out.print(rows)
    rows = table(
        "layer",
        *(f"{name}, {channel}" for name, channel in _channels(found)),
        numbers=tuple(range(1, 1 + len(_channels(found)))),
    )
    for layer in sorted({each.layer for model in found.models for each in model.layers}):
        rows.add_row(str(layer), *_layer(found, layer))
    out.print(rows)


def _channels(found: Sensitivity) -> list[tuple[str, str]]:
    return [(model.model, channel) for model in found.models for channel in model.channels]


def _layer(found: Sensitivity, number: int) -> list[str]:
    """Return the mean over all words in a layer, for each channel of each model."""
    cells = []
    for model in found.models:
        values = {(layer.layer, layer.channel): layer.all for layer in model.layers}
        cells += [_shown(values.get((number, channel))) for channel in model.channels]
    return cells


def _shown(value: Interval | None) -> str:
    return "" if value is None else f"{value.value:.4f} ± {(value.high - value.low) / 2:.4f}"
