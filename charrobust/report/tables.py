"""The tables of the page, their cells as text."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from charrobust.attackers.versions import CLEAN, AttackInfo
from charrobust.report.names import level_title, system_title
from charrobust.report.selection import (
    GROUPS,
    VersionLabel,
    by_level,
    has_levels,
    labels_by_attack,
    main_scores,
    main_versions,
    scored_versions,
    split_scores,
    split_versions,
    system_names,
)
from charrobust.report.wording import NONE, ends, negated, number, p_value, percent, points, signed
from charrobust.scoring.evaluation.results import Comparison, LanguageScore, Results, Score, SplitScore, Spread
from charrobust.scoring.intervals import Interval
from charrobust.systems.system import SystemInfo
from charrobust.visible import visible

_EVERY = "every severity and operator"  # what sets the long form of a table apart
_SIGNIFICANT = 0.05  # p-values below it are put in words as a difference


@dataclass(frozen=True)
class Cell:
    """A cell.

    Attributes:
        text: What it says.
        note: A second line, smaller.
        change: The change from clean text, beside the text.
        value: What columns of numbers are sorted by; None for text.
        kind: ``name``, ``number``, ``text`` or ``code``.
        mark: What sets a version apart from the average case, as ``worst case``.
        attack: Name of the attack whose examples the text leads to; empty where there are none.
    """

    text: str
    note: str = ""
    change: str = ""
    value: float | None = None
    kind: str = "text"
    mark: str = ""
    attack: str = ""


Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        caption: What it shows.
        heads: Heads of the columns.
        rows: Its rows; the first cell names the row.
        sortable: Whether readers can sort it.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    sortable: bool = True


def score_table(results: Results) -> Table:
    """Return the main metric on the versions that tell the story: a row each, a column for each system."""
    return _scores_of(results, main_versions(results))


def full_score_table(results: Results) -> Table | None:
    """Return the main metric on every version; None where :func:`score_table` has all of them."""
    versions = scored_versions(results)
    if len(versions) == len(main_versions(results)):
        return None
    return replace(_scores_of(results, versions), caption=f"{_score_caption(results)}, {_EVERY}")


def _scores_of(results: Results, versions: Sequence[VersionLabel]) -> Table:
    scores, names = main_scores(results), system_names(results)
    with_level = has_levels(results)
    shown = shown_attacks(results)
    rows = []
    for version in versions:
        # Not every system need have been scored on every version: its cell is a dash.
        cells = [score_cell(scores.get((name, version.name))) for name in names]
        if with_level:
            cells.insert(0, Cell(level_title(version.level) or NONE))
        rows.append((version_cell(version, shown), *cells))
    heads = [system_title(name) for name in names]
    if with_level:
        heads.insert(0, "level of noise")
    return Table(_score_caption(results), ("text", *heads), tuple(rows))


def _score_caption(results: Results) -> str:
    return f"{results.metrics[0]} × 100 with its interval, and its change from clean text in points"


def detail_table(results: Results) -> Table:
    """Return every metric of every system on every version."""
    heads = ("text", "model", "metric", "score × 100", "change, points", "change, relative", "right ones made wrong")
    caption = "Every metric, its change from clean text, and how many of the right examples the attack made wrong"
    return Table(caption, heads, tuple(_detail_rows(results)))


def spread_table(results: Results) -> Table:
    """Return how far the main metric varies over draws and seeds, where there are several."""
    labels = _labels_by_name(results)
    rows = []
    for (system, version), score in main_scores(results).items():
        if score.spread is not None and version in labels:
            cells = _spread_cells(score, score.spread)
            rows.append((version_cell(labels[version]), Cell(system), *cells))
    heads = ("text", "model", "mean × 100", "lowest to highest", "± data", "± draws", "± seeds")
    caption = f"{results.metrics[0]}, mean over draws and seeds, and standard deviations in points"
    return Table(caption, heads, tuple(rows))


def comparison_table(results: Results, *, every: bool = False) -> Table:
    """Return the comparisons of two systems on the versions that tell the story, or on every version."""
    versions = scored_versions(results) if every else main_versions(results)
    labels = {version.name: version for version in versions}
    rows = []
    for comparison in results.comparisons:
        version = labels.get(comparison.attack)
        if version is not None:
            rows.append((version_cell(version), *_comparison_cells(comparison)))
    heads = ("text", "first model", "second model", "first − second", "p", "in words")
    caption = "Pairs of models on the same examples"
    if every:
        caption = f"{caption}, {_EVERY}"
    return Table(caption, heads, tuple(rows))


def attack_table(results: Results) -> Table:
    """Return what each attack did to the text."""
    made = [attack for attack in results.attacks if attack.name != CLEAN and not attack.is_worst]
    labels = labels_by_attack(results)
    rows = [_attack_row(attack, labels[attack.name]) for attack in by_level(made)]
    heads = (
        "text",
        "level of noise",
        "recipe",
        "severity",
        "operator",
        "seed",
        "words changed",
        "edits",
        "edit distance",
    )
    return Table("What each attack does: means over examples", heads, tuple(rows))


def split_table(results: Results) -> Table:
    """Return scores by what a system's tokenizer does to the words."""
    scores, names = split_scores(results), system_names(results)
    rows = []
    for version in split_versions(results):
        for name in names:
            by_group = [scores.get((name, version.name, group)) for group in GROUPS]
            if any(by_group):
                rows.append((version_cell(version), Cell(name), *map(_split_cell, by_group)))
    return Table(f"{results.metrics[0]} × 100", ("text", "model", "whole words", "split words"), tuple(rows))


def system_table(results: Results) -> Table:
    """Return the systems, with where they came from."""
    rows = tuple(map(_system_row, results.systems))
    return Table("Models", ("name", "where it came from", "defences before it", "fingerprint"), rows, sortable=False)


def _labels_by_name(results: Results) -> dict[str, VersionLabel]:
    return {version.name: version for version in scored_versions(results)}


def _detail_rows(results: Results) -> Iterator[Row]:
    labels = _labels_by_name(results)
    for score in results.scores:
        if score.attack in labels:
            yield (
                version_cell(labels[score.attack]),
                Cell(score.system),
                Cell(score.metric),
                interval_cell(score.value),
                _change_cell(score.lost),
                number_cell(_relative(score.relative), _negative(score.relative)),
                success_cell(score.success),
            )


def _spread_cells(score: Score, spread: Spread) -> Row:
    deviations = (spread.data, spread.draws, spread.seeds)
    return (
        number_cell(points(score.value.value), score.value.value),
        number_cell(f"{points(spread.lowest)} to {points(spread.highest)}", spread.lowest),
        *(number_cell(points(deviation), deviation) for deviation in deviations),
    )


def _comparison_cells(comparison: Comparison) -> Row:
    return (
        Cell(comparison.first),
        Cell(comparison.second),
        interval_cell(comparison.difference),
        number_cell(p_value(comparison.p), comparison.p),
        Cell(_verdict(comparison)),
    )


def _attack_row(attack: AttackInfo, label: VersionLabel) -> Row:
    seed, severity = NONE, NONE
    if attack.seed is not None:
        seed = str(attack.seed)
    if attack.severity is not None:
        severity = f"{attack.severity:g}"
    if attack.draws > 1 and attack.seed is not None:
        seed = f"{attack.seed} to {attack.seed + attack.draws - 1}"
    cell = version_cell(label)
    if attack.system is not None:
        against = f"against {system_title(attack.system)}"
        cell = replace(cell, note=", ".join(filter(None, (cell.note, against))))
    return (
        cell,
        Cell(level_title(attack.level or "") or NONE),
        Cell(attack.recipe or NONE),
        number_cell(severity, attack.severity),
        Cell(attack.operator or NONE),
        Cell(seed, kind="number"),
        number_cell(percent(attack.words_changed), attack.words_changed),
        number_cell(number(attack.edits), attack.edits),
        number_cell(number(attack.distance), attack.distance),
    )


def _system_row(system: SystemInfo) -> Row:
    return (
        Cell(system.name, kind="name"),
        Cell(system.model, kind="code"),
        Cell(" + ".join(system.defences) or NONE),
        Cell(system.fingerprint, kind="code"),
    )


def version_cell(version: VersionLabel, shown: Collection[str] = ()) -> Cell:
    """Return the title of a version, how much of it and an edit of it below, and what sets it apart.

    Args:
        version: The version.
        shown: The attacks of which there are examples, to which titles lead.

    Returns:
        The cell.
    """
    return Cell(
        version.main,
        note=" · ".join(filter(None, (version.rest, version.typo))),
        kind="name",
        mark=version.mark,
        attack=visible(version.name) if version.name in shown else "",  # as the examples of the page name it
    )


def shown_attacks(results: Results) -> set[str]:
    """Return the names of the attacks of which there are examples."""
    return {example.attack for example in results.shown}


def score_cell(score: Score | LanguageScore | None, note: str = "") -> Cell:
    """Return a score with its interval, its change from clean text, and what else is to be noted; a dash for none."""
    if score is None:
        return Cell(NONE, kind="number")
    return Cell(
        points(score.value.value),
        note=" · ".join(filter(None, (ends(score.value), note))),
        change="" if score.lost is None else signed(-score.lost.value),
        value=_finite(score.value.value),
        kind="number",
    )


def _change_cell(lost: Interval | None) -> Cell:
    """Return the change from clean text with the ends of its interval; a dash for none."""
    change = negated(lost)
    if change is None:
        return Cell(NONE, kind="number")
    return number_cell(signed(change.value), change.value, note=ends(change))


def _relative(lost: float | None) -> str:
    """Return what was lost of a score as its change in per cent."""
    return percent(_negative(lost))


def _negative(value: float | None) -> float | None:
    return None if value is None else -value


def _split_cell(score: SplitScore | None) -> Cell:
    if score is None:
        return Cell(NONE)
    return interval_cell(score.value, f"n = {score.size:,}")


def interval_cell(interval: Interval | None, note: str = "") -> Cell:
    """Return a share with the ends of its interval in points, and what else is to be noted; a dash for none."""
    if interval is None:
        return Cell(NONE, kind="number")
    full_note = ends(interval)
    if note:
        full_note = f"{full_note} · {note}"
    return number_cell(points(interval.value), interval.value, note=full_note)


def success_cell(interval: Interval | None) -> Cell:
    """Return a share with the ends of its interval in per cent; a dash for none."""
    if interval is None:
        return Cell(NONE, kind="number")
    return number_cell(percent(interval.value), interval.value, note=f"{ends(interval, 0)} %")


def number_cell(text: str, value: float | None, *, note: str = "") -> Cell:
    """Return a cell of a column of numbers, sorted by a value."""
    return Cell(text, note=note, value=_finite(value), kind="number")


def _verdict(comparison: Comparison) -> str:
    if not comparison.p < _SIGNIFICANT:  # so written that a p-value of NaN is no difference either
        return "not told apart"
    better = comparison.second
    if comparison.difference.value > 0:
        better = comparison.first
    return f"{better} is better"


def _finite(value: float | None) -> float | None:
    """Return a value that can be sorted by: NaN and infinities are in no order."""
    if value is None or not math.isfinite(value):
        return None
    return value
