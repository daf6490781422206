"""``charrobust sensitivity``: what does noise do inside an encoder?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charrobust.cli import completion, panels
from charrobust.cli.data_options import takes_data
from charrobust.cli.measuring_options import Confidence, Limit, NoisedData, Seed, Severity
from charrobust.cli.model_options import Device, TrustRemoteCode
from charrobust.cli.result import Result
from charrobust.datasets.options import DataOptions

if TYPE_CHECKING:
    from charrobust.scoring.intervals import Interval
    from charrobust.scoring.sensitivity.results import Sensitivity

CSV = "sensitivity.csv"


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
            help="An encoder: minilm, e5-small, a channel, a directory (fine-tuned, too) or a hub id; repeatable.",
        ),
    ],
    data: NoisedData,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    attack: Annotated[
        str,
        typer.Option("--attack", "-a", help="Recipe of the noise, or a TOML file.", autocompletion=completion.recipes),
    ] = "charbert",
    severity: Severity = None,
    seed: Seed = None,
    pooling: Annotated[
        str, typer.Option(help="first: the first sub-token of a word, as in the paper; mean: the mean of all.")
    ] = "first",
    limit: Limit = None,
    batch_size: Annotated[
        int, typer.Option(min=1, help="Sentences of a batch; changes no result.", rich_help_panel=panels.MODELS)
    ] = 32,
    device: Device = None,
    trust_remote_code: TrustRemoteCode = False,
    confidence: Confidence = 0.95,
    *,
    reading: DataOptions,
) -> Result:
    """Measure how far noise moves the words of sentences inside encoders (Ma et al. 2020, equation 8).

    S is the mean over all words of (1 - cosine) / 2, clean against noised: 0 where nothing moves.
    """
    from charrobust.cli.logs import hush_transformers
    from charrobust.cli.noising import by_name, data_name, output_folder, read_noised
    from charrobust.cli.shared import progress_bar, say
    from charrobust.report.plots import plot_sensitivity
    from charrobust.scoring.sensitivity.measure import measure_sensitivity
    from charrobust.scoring.sensitivity.results import FILE
    from charrobust.scoring.stored import save_csv

    hush_transformers()
    models = by_name(model)
    noised, _ = read_noised(data, attack, severity=severity, seed=seed, limit=limit, reading=reading)
    sentences = len(noised.pairs)
    bar = progress_bar("sensitivity", len(models) * sentences)
    with output_folder(output), bar as advance:

        def progress(name: str, done: int, total: int, metrics: Mapping[str, float]) -> None:
            # Models are read one after the other: those before this one are done with all sentences.
            advance(name, list(models).index(name) * total + done, len(models) * total, metrics)

        measured = measure_sensitivity(
            models,
            noised,
            data=data_name(data),
            pooling=pooling,
            batch_size=batch_size,
            device=device,
            trust_remote_code=trust_remote_code,
            confidence=confidence,
            progress=progress,
        )
        measured.save(output / FILE)
        save_csv(measured.to_frame(), output / CSV)
        plots = plot_sensitivity(measured, output)
    _print(measured)
    say(f"wrote {output}: {FILE}, {CSV} and {len(plots)} files of plots")
    return Result({"results": output / FILE, "table": output / CSV, "plots": list(plots)}, _figures(measured))


def _figures(measured: Sensitivity) -> dict[str, Any]:
    """Return what was measured, for programs: without the maps of words, which lie in the file of the results."""
    kept = ("data", "attack", "severity", "seed", "pooling", "confidence")
    models = []
    for model in measured.models:
        figures = asdict(model)
        del figures["maps"]
        models.append(figures)
    return {name: getattr(measured, name) for name in kept} | {"models": models}


def _print(measured: Sensitivity) -> None:
    """Print S of each model, and its parts by operator and by layer."""
    from rich.markup import escape

    from charrobust.cli.shared import console
    from charrobust.scoring.intervals import interval_name

    pooled = {"first": "first sub-token", "mean": "mean of the sub-tokens"}[measured.pooling]
    out = console()
    out.print(
        f"[bold]Sensitivity[/] of words to {escape(measured.attack)} {measured.severity}, seed {measured.seed}: "
        f"(1 - cosine) / 2, {pooled}, last layer; ±: half of the {interval_name(measured.confidence)}"
    )
    out.print(_score_table(measured))
    out.print(_operator_table(measured))
    out.print(_layer_table(measured))


def _score_table(measured: Sensitivity) -> Any:
    """Return S of each model, that of noised and of untouched words, and how many these are."""
    from charrobust.cli.long_names import stacked_name
    from charrobust.cli.shared import table

    headers = ("model", "S: all words", "noised", "untouched", "words", "noised", "left out")
    rows = table(*headers, numbers=(1, 2, 3, 4, 5, 6))
    for model in measured.models:
        shares = map(_share, (model.score, model.noised, model.untouched))
        counts = (f"{model.words:,}", f"{model.noised_words:,}", f"{model.dropped:,}")
        rows.add_row(stacked_name(model.model), *shares, *counts)
    return rows


def _operator_table(measured: Sensitivity) -> Any:
    """Return how far words move by what edited them, a column for each model."""
    from rich.markup import escape

    from charrobust.cli.long_names import stacked_name
    from charrobust.cli.shared import table

    by_model = []
    operators: dict[str, None] = {}  # an ordered set
    for model in measured.models:
        values = {by_operator.operator: by_operator.value for by_operator in model.operators}
        by_model.append(values)
        operators |= dict.fromkeys(values)
    names = [stacked_name(model.model) for model in measured.models]
    rows = table("noised by", *names, numbers=tuple(range(1, len(names) + 1)))
    for operator in operators:
        rows.add_row(escape(operator), *(_share(values.get(operator)) for values in by_model))
    return rows


def _layer_table(measured: Sensitivity) -> Any:
    """Return the mean over all words in each layer, a column for each channel of each model."""
    from charrobust.cli.long_names import stacked_name
    from charrobust.cli.shared import table

    headers = []
    columns: list[dict[int, str]] = []
    for model in measured.models:
        for channel in model.channels:
            headers.append(stacked_name(f"{model.model}, {channel}"))
            columns.append({layer.layer: _share(layer.all) for layer in model.layers if layer.channel == channel})
    rows = table("layer", *headers, numbers=tuple(range(1, 1 + len(headers))))
    # Models differ in depth, and merged channels end early: such layers stay empty.
    for number in sorted(set(chain.from_iterable(columns))):
        rows.add_row(str(number), *(column.get(number, "") for column in columns))
    return rows


def _share(value: Interval | None) -> str:
    """Return a value above half the width of its interval; empty for none."""
    from charrobust.cli.shared import stacked

    if value is None:
        return ""
    return stacked(f"{value.value:.4f}", f"± {(value.high - value.low) / 2:.4f}")
