"""``charrobust fragility``: what does one edit do to the sub-tokens of a word?"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from charrobust.cli.data_options import takes_data
from charrobust.datasets.options import DataOptions
from charrobust.errors import UserError

if TYPE_CHECKING:
    from charrobust.scoring.fragility.results import Fragility
    from charrobust.scoring.intervals import Interval


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("fragility")(takes_data(fragility))


def fragility(
    tokenizer: Annotated[
        list[str],
        typer.Option(
            "--tokenizer", "-t", metavar="[NAME=]PATH", help="minilm, a channel, a directory or a hub id; repeatable."
        ),
    ],
    data: Annotated[str, typer.Option(help="A file (.txt: a text a line), the name of a card, or hub:NAME:SPLIT.")],
    attack: Annotated[str, typer.Option("--attack", "-a", help="Recipe of the edits, or a TOML file.")] = "charbert",
    group: Annotated[
        list[str] | None,
        typer.Option(help="Words by their tags: a pattern such as 'NN*', or entities (all tags but O); repeatable."),
    ] = None,
    severity: Annotated[str | None, typer.Option(help="Severity of the recipe; its own where none is given.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed; the recipe's own where none is given.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Read no more than this many examples.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder to write JSON and CSV to.")] = None,
    *,
    reading: DataOptions,
) -> None:
    """Measure how often tokenizers split words, and what is left of a word's sub-tokens after an edit."""
    from transformers.utils import logging as transformers_logging

    from charrobust.cli.noising import by_name, data_name, output_folder, read_noised
    from charrobust.cli.shared import console
    from charrobust.scoring.fragility.measure import measure_fragility, tag_groups
    from charrobust.scoring.fragility.results import FILE
    from charrobust.scoring.stored import save_csv

    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    tokenizers = by_name(tokenizer)
    noised, tags = read_noised(data, attack, severity=severity, seed=seed, limit=limit, reading=reading)
    if group and not tags:
        raise UserError(f"--group needs tags, and {data} has none; give a data set for tagging, or leave --group out")
    with nullcontext() if output is None else output_folder(output):
        found = measure_fragility(tokenizers, noised, groups=tag_groups(group or [], tags), data=data_name(data))
    _show(found)
    if output is not None:
        found.save(output / FILE)
        save_csv(found.to_frame(), output / "fragility.csv")
        console().print(f"wrote {output}: {FILE}, fragility.csv", markup=False, soft_wrap=True)


def _show(found: Fragility) -> None:
    """Print how often words are split, and what edits do to them."""
    from rich.markup import escape

    from charrobust.cli.shared import console, table

    out = console()
    rows = table("tokenizer", "words", "number", "split, %", "95 % interval", "sub-tokens", numbers=(2, 3, 4, 5))
    for each in found.tokenizers:
        for group in each.groups:
            numbers = (f"{group.words:,}", *_percent(group.split), f"{group.pieces:.2f}")
            rows.add_row(escape(each.tokenizer), escape(group.group), *numbers)
    out.print(
        f"[bold]Words that the tokenizer splits[/], and the mean number of their sub-tokens: {escape(found.data)}"
    )
    out.print(rows)
    headers = ("tokenizer", "words", "edited by", "number", "none left, %", "other count, %", "overlap, %")
    rows = table(*headers, numbers=(3, 4, 5, 6))
    for each in found.tokenizers:
        for group in each.groups:
            for edit in group.edits:
                shares = (edit.replaced, edit.recounted, edit.overlap)
                names = map(escape, (each.tokenizer, group.group, edit.operator))
                rows.add_row(*names, f"{edit.words:,}", *map(_plus_minus, shares))
    out.print(
        f"[bold]Words after an edit[/] ({escape(found.attack)} {found.severity}, seed {found.seed}): share without any "
        "of the sub-tokens before, share with another number of them, mean share of the sub-tokens that stay"
    )
    out.print(rows)


def _percent(interval: Interval) -> tuple[str, str]:
    return f"{100 * interval.value:.2f}", f"{100 * interval.low:.2f} to {100 * interval.high:.2f}"


def _plus_minus(interval: Interval) -> str:
    return f"{100 * interval.value:.1f} ± {50 * (interval.high - interval.low):.1f}"
