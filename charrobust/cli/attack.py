"""``charrobust attack``: write an adversarial test set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from charrobust.cli.data_options import takes_data
from charrobust.datasets.options import DataOptions
from charrobust.errors import UserError

if TYPE_CHECKING:
    from charrobust.datasets.attack_file import Summary
    from charrobust.datasets.formats import Format
    from charrobust.perturb import Attack


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("attack")(takes_data(attack))


def attack(
    source: Annotated[
        str,
        typer.Argument(
            metavar="INPUT", help="A file, the name of a data set card (reviews, sst2:train), or hub:NAME:SPLIT."
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File to write; a folder where several recipes are given.")
    ],
    recipe: Annotated[
        list[str],
        typer.Option(
            "--recipe", "-r", help="Recipe, such as charbert or keyboard@0.3, or a TOML file; may be repeated."
        ),
    ],
    severity: Annotated[
        str | None,
        typer.Option(help="Share of the eligible words, 0 to 1; 0.3x2 edits each twice. For recipes by count: 2."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed; the recipe's own where none is given.")] = None,
    edits: Annotated[
        Path | None,
        typer.Option(help="Write the edit log here: .parquet or .jsonl; a folder where several recipes are given."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes; the result is the same for any number.")] = 1,
    protect_pattern: Annotated[
        list[str] | None,
        typer.Option(help="Words that overlap a match of this regular expression stay; repeatable."),
    ] = None,
    *,
    reading: DataOptions,
) -> None:
    """Attack a data set with a recipe; labels, tags and answer spans stay right.

    The output has the shape of the input. Equal input, recipe and seed give equal output.
    """
    from charrobust.cli.shared import progress_bar, tell
    from charrobust.datasets.attack_file import attack_file
    from charrobust.datasets.source import open_source
    from charrobust.perturb import Attack

    patterns = tuple(protect_pattern or ())
    # All recipes before any file: a wrong one is told before anything is written.
    attacks = [Attack.load(name, severity=severity, seed=seed, protect_patterns=patterns) for name in recipe]
    opened = open_source(source, reading)
    tell(opened.notes)
    plans = _plans(opened.format, attacks, output, edits=edits)
    for loaded, target, log in plans:
        folders = _folders(target, log) if len(plans) > 1 else nullcontext()
        with folders, progress_bar(loaded.recipe.name, opened.format.total()) as progress:
            summary = attack_file(
                opened.format,
                opened.task,
                loaded,
                output=target,
                sink=_sink(opened.format, target),
                edits=log,
                workers=workers,
                bad_records=opened.bad_records,
                progress=progress,
            )
        _report(loaded, summary, target, log)


@contextmanager
def _folders(*paths: Path | None) -> Iterator[None]:
    """Make the folders of output files, and remove them if they stay empty."""
    made = {path.parent for path in paths if path is not None and not path.parent.exists()}
    for folder in made:
        folder.mkdir(parents=True)
    try:
        yield
    except BaseException:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()
        raise


def _plans(
    given: Format, attacks: list[Attack], output: Path, *, edits: Path | None
) -> list[tuple[Attack, Path, Path | None]]:
    """Say which attack is written where; several attacks are written to files in a folder."""
    if len(attacks) == 1 and not output.is_dir():
        return [(attacks[0], output, edits)]
    if output.suffix and not output.is_dir():
        raise UserError(f"with several recipes --output must be a folder, got {output}")
    if edits is not None and edits.suffix and not edits.is_dir():
        raise UserError(f"with several recipes --edits must be a folder, got {edits}")
    # What comes from the hub has no suffix to keep.
    name = given.path.name if given.path.is_file() or given.is_folder else f"{given.path.name}.parquet"
    stem, dot, suffix = name.partition(".")
    plans: list[tuple[Attack, Path, Path | None]] = []
    for attack in attacks:
        label = f"{stem}.{attack.recipe.name}@{attack.recipe.severity}"
        plans.append((attack, output / f"{label}{dot}{suffix}", edits / f"{label}.edits.parquet" if edits else None))
    targets = [target for _, target, _ in plans]
    if len(set(targets)) < len(targets):
        raise UserError("two of the recipes are the same at the same severity")
    return plans


def _sink(given: Format, target: Path) -> Format:
    """Return the format to write in: the input's, or for hub data sets any of plain rows.

    Raises:
        UserError: The output's name asks for another format than the input's.
    """
    from charrobust.datasets.formats import Hub, format_of, suffix_of

    if isinstance(given, Hub):
        return format_of(target) if suffix_of(target) in (".jsonl", ".csv", ".tsv", ".parquet") else given
    if not given.is_folder and suffix_of(target) != suffix_of(given.path):
        raise UserError(
            f"the output {target} must be of the input's format: end its name with {suffix_of(given.path)} (or "
            f"{suffix_of(given.path)}.gz)"
        )
    return given


def _report(attack: Attack, summary: Summary, target: Path, log: Path | None) -> None:
    """Print the table of an attack, a few examples, and the records that were left out."""
    from rich.markup import escape

    from charrobust.cli.shared import console, table

    tally, out = summary.tally, console()
    recipe = attack.recipe
    rows = table("operator", "drawn", "edits", "left", "why", numbers=(1, 2, 3))
    for operator in tally.drawn:
        reasons = {why: count for (name, why), count in tally.left.items() if name == operator}
        why = ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items()))
        rows.add_row(
            operator, f"{tally.drawn[operator]:,}", f"{tally.edited[operator]:,}", f"{sum(reasons.values()):,}", why
        )
    out.print(
        f"[bold]{escape(recipe.name)}[/] at severity {recipe.severity}, seed {attack.seed}: "
        f"{summary.records:,} records, {tally.words:,} words, {tally.eligible:,} eligible, "
        f"{sum(tally.drawn.values()):,} drawn"
    )
    excluded = ", ".join(f"{reason} {count:,}" for reason, count in tally.excluded.most_common())
    if excluded:
        out.print(f"not eligible: {escape(excluded)}")
    out.print(rows)
    for example in summary.examples:
        out.print(f"  [dim]{escape(example.field)} before[/]  {escape(_short(example.before))}")
        out.print(f"  [dim]{escape(example.field)} after [/]  {escape(_short(example.after))}")
    if summary.skipped:
        out.print(f"left out {len(summary.skipped):,} bad records:")
        for problem in summary.skipped:
            out.print(f"  {problem}", markup=False, soft_wrap=True)
    out.print(f"wrote {escape(str(target))}" + (f" and {escape(str(log))}" if log else ""), soft_wrap=True)


def _short(text: str) -> str:
    return text if len(text) <= 160 else text[:157] + "..."
