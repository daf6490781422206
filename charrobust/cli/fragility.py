"""``charrobust fragility``: what does one edit do to the sub-tokens of a word?"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charrobust.cli import completion
from charrobust.cli.data_options import takes_data
from charrobust.cli.measuring_options import Confidence, Limit, NoisedData, Seed, Severity
from charrobust.cli.model_options import TrustRemoteCode
from charrobust.cli.result import Result
from charrobust.datasets.options import DataOptions
from charrobust.errors import UserError

if TYPE_CHECKING:
    from charrobust.scoring.fragility.results import Fragility
    from charrobust.scoring.intervals import Interval

CSV = "fragility.csv"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("fragility")(takes_data(fragility))


def fragility(
    tokenizer: Annotated[
        list[str],
        typer.Option(
            "--tokenizer",
            "-t",
            metavar="[NAME=]PATH",
            help="minilm, e5-small, a channel, a directory or a hub id; repeatable.",
        ),
    ],
    data: NoisedData,
    attack: Annotated[
        str,
        typer.Option("--attack", "-a", help="Recipe of the edits, or a TOML file.", autocompletion=completion.recipes),
    ] = "charbert",
    group: Annotated[
        list[str] | None,
        typer.Option(help="Words by their tags: a pattern such as 'NN*', or entities (all tags but O); repeatable."),
    ] = None,
    severity: Severity = None,
    seed: Seed = None,
    limit: Limit = None,
    confidence: Confidence = 0.95,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder to write JSON and CSV to.")] = None,
    trust_remote_code: TrustRemoteCode = False,
    *,
    reading: DataOptions,
) -> Result:
    """Measure how often tokenizers split words, and what is left of a word's sub-tokens after an edit."""
    from charrobust.cli.logs import hush_transformers
    from charrobust.cli.noising import by_name, data_name, output_folder, read_noised
    from charrobust.cli.shared import say
    from charrobust.scoring.fragility.measure import measure_fragility, tag_groups
    from charrobust.scoring.fragility.results import FILE
    from charrobust.scoring.stored import save_csv

    hush_transformers()
    tokenizers = by_name(tokenizer)
    noised, tags = read_noised(data, attack, severity=severity, seed=seed, limit=limit, reading=reading)
    if group and not tags:
        raise UserError(f"--group needs tags, and {data} has none; give a data set for tagging, or leave --group out")
    folder: AbstractContextManager[Path | None] = nullcontext()
    if output is not None:
        folder = output_folder(output)
    with folder:
        measured = measure_fragility(
            tokenizers,
            noised,
            groups=tag_groups(group or [], tags),
            data=data_name(data),
            confidence=confidence,
            trust_remote_code=trust_remote_code,
        )
        outputs = {}
        if output is not None:
            outputs = {"results": output / FILE, "table": output / CSV}
            measured.save(outputs["results"])
            save_csv(measured.to_frame(), outputs["table"])
    _print(measured)
    if output is not None:
        say(f"wrote {output}: {FILE}, {CSV}")
    return Result(outputs, _figures(measured))


def _figures(measured: Fragility) -> dict[str, Any]:
    """Return what was measured, for programs."""
    kept = ("data", "attack", "severity", "seed", "confidence", "tokenizers")
    return {name: getattr(measured, name) for name in kept}


def _print(measured: Fragility) -> None:
    """Print how often words are split, and what edits do to them."""
    from rich.markup import escape

    from charrobust.cli.shared import console
    from charrobust.scoring.intervals import interval_name

    out = console()
    out.print(
        f"[bold]Words that the tokenizer splits[/], and the mean number of their sub-tokens: {escape(measured.data)}; "
        f"below: {interval_name(measured.confidence)}"
    )
    out.print(_split_table(measured))
    out.print(
        f"[bold]Words after an edit[/] ({escape(measured.attack)} {measured.severity}, seed {measured.seed}): share "
        "without any of the sub-tokens before, share with another number of them, mean share of the sub-tokens that "
        f"stay; ±: half of the {interval_name(measured.confidence)}"
    )
    out.print(_edit_table(measured))


def _split_table(measured: Fragility) -> Any:
    """Return how many words of each group a tokenizer splits."""
    from charrobust.cli.long_names import stacked_name
    from charrobust.cli.shared import interval_cell, table

    headers = ("words", "number", "split, %", "sub-tokens")
    rows = table(*headers, numbers=(1, 2, 3))
    for tokenizer in measured.tokenizers:
        _begin(rows, tokenizer.tokenizer)
        for group in tokenizer.groups:
            numbers = (f"{group.words:,}", interval_cell(group.split), f"{group.pieces:.2f}")
            rows.add_row(stacked_name(group.group, indent="  "), *numbers)
    return rows


def _begin(rows: Any, tokenizer: str) -> None:
    """Begin the rows of a tokenizer with its name."""
    from charrobust.cli.long_names import stacked_name

    rows.add_section()
    rows.add_row(f"[bold]{stacked_name(tokenizer)}[/]")


def _edit_table(measured: Fragility) -> Any:
    """Return what edits do to the sub-tokens of each group's words."""
    from rich.markup import escape

    from charrobust.cli.long_names import stacked_name
    from charrobust.cli.shared import table

    headers = ("words", "edited by", "number", "none\nleft, %", "other\ncount, %", "overlap,\n%")
    rows = table(*headers, numbers=(2, 3, 4, 5))
    for tokenizer in measured.tokenizers:
        _begin(rows, tokenizer.tokenizer)
        for group in tokenizer.groups:
            for edit in group.edits:
                words = stacked_name(group.group, indent="  ")
                shares = map(_plus_minus, (edit.replaced, edit.recounted, edit.overlap))
                rows.add_row(words, escape(edit.operator), f"{edit.words:,}", *shares)
    return rows


def _plus_minus(interval: Interval) -> str:
    """Return a share in per cent above half the width of its interval."""
    from charrobust.cli.shared import stacked

    return stacked(f"{100 * interval.value:.1f}", f"± {100 * (interval.high - interval.low) / 2:.1f}")
