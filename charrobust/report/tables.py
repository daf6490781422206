"""The tables of the page, their cells as text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from charrobust.attackers.versions import CLEAN, AttackInfo
from charrobust.report.selection import (
    GROUPS,
    VersionLabel,
    case_of,
    main_scores,
    scored_versions,
    split_scores,
    split_versions,
    system_names,
)
from charrobust.report.wording import NONE, ends, number, p_value, percent, points
from charrobust.scoring.evaluation.results import Comparison, Results, Score, SplitScore, Spread
from charrobust.scoring.intervals import Interval
from charrobust.scoring.sensitivity.results import ModelSensitivity, OperatorSensitivity, Sensitivity
from charrobust.systems.system import SystemInfo

_SIGNIFICANT = 0.05  # p-values below it are put in words as a difference


@dataclass(frozen=True)
class Cell:
    """A cell.

    Attributes:
        text: What it says.
        note: A second line, smaller.
        change: What was lost, beside the text.
        value: What columns of numbers are sorted by; None for text.
        kind: ``name``, ``number``, ``text``, ``code`` or ``case``.
    """

    text: str
    note: str = ""
    change: str = ""
    value: float | None = None
    kind: str = "text"


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
    """Return the main metric: a row for each version, a column for each system."""
    scores, names = main_scores(results), system_names(results)
    rows = []
    for version in scored_versions(results):
        # Not every system need have been scored on every version: its cell is a dash.
        cells = [_score_cell(scores.get((name, version.name))) for name in names]
        rows.append((version_cell(version), *cells))
    caption = f"{results.metrics[0]} × 100 with its interval, and the points lost"
    return Table(caption, ("version", *names), tuple(rows))


def detail_table(results: Results) -> Table:
    """Return every metric of every system on every version."""
    heads = ("version", "system", "metric", "score × 100", "points lost", "lost, relative", "attack success")
    caption = "Every metric, what was lost, and how often the attack succeeded"
    return Table(caption, heads, tuple(_detail_rows(results)))


def spread_table(results: Results) -> Table:
    """Return how far the main metric varies over draws and seeds, where there are several."""
    labels = _labels_by_name(results)
    rows = []
    for (system, version), score in main_scores(results).items():
        if score.spread is not None and version in labels:
            cells = _spread_cells(score, score.spread)
            rows.append((version_cell(labels[version]), Cell(system), *cells))
    heads = ("version", "system", "mean × 100", "lowest to highest", "± data", "± draws", "± seeds")
    caption = f"{results.metrics[0]}, mean over draws and seeds, and standard deviations in points"
    return Table(caption, heads, tuple(rows))


def comparison_table(results: Results) -> Table:
    """Return every comparison of two systems."""
    labels = _labels_by_name(results)
    rows = []
    for comparison in results.comparisons:
        version = labels.get(comparison.attack, VersionLabel(comparison.attack, ""))
        rows.append((version_cell(version), *_comparison_cells(comparison)))
    heads = ("version", "first", "second", "first − second", "p", "in words")
    return Table("Pairs of systems on the same examples", heads, tuple(rows))


def attack_table(results: Results) -> Table:
    """Return what each attack did to the text."""
    made = [attack for attack in results.attacks if attack.name != CLEAN and not attack.is_worst]
    rows = list(map(_attack_row, made))
    heads = ("attack", "recipe", "severity", "operator", "seed", "words changed", "edits", "edit distance")
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
    return Table(f"{results.metrics[0]} × 100", ("version", "system", "whole words", "split words"), tuple(rows))


def sensitivity_table(sensitivity: Sensitivity) -> Table:
    """Return the paper's S of each model, and its parts."""
    heads = ("model", "S, all words", "noised words", "untouched neighbours", "sentences")
    caption = "Sensitivity in the last layer of the token channel; 0: nothing moves"
    return Table(caption, heads, tuple(map(_sensitivity_row, sensitivity.models)))


def operator_table(sensitivity: Sensitivity) -> Table:
    """Return how far words move, by the operator that edited them."""
    by_model = list(map(_by_operator, sensitivity.models))
    operators: dict[str, None] = {}  # an ordered set: operators as the models name them, each once
    for measured in by_model:
        operators |= dict.fromkeys(measured)
    rows = []
    for operator in operators:
        cells = [_operator_cell(measured, operator) for measured in by_model]
        rows.append((Cell(operator, kind="name"), *cells))
    heads = ("operator", *(model.model for model in sensitivity.models))
    return Table("How far noised words move, by operator", heads, tuple(rows))


def system_table(results: Results) -> Table:
    """Return the systems, with where they came from."""
    rows = tuple(map(_system_row, results.systems))
    return Table("Systems", ("name", "model", "defences before it", "fingerprint"), rows, sortable=False)


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
                interval_cell(score.lost),
                number_cell(percent(score.relative), score.relative),
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


def _attack_row(attack: AttackInfo) -> Row:
    seed, severity = NONE, NONE
    if attack.seed is not None:
        seed = str(attack.seed)
    if attack.severity is not None:
        severity = f"{attack.severity:g}"
    if attack.draws > 1 and attack.seed is not None:
        seed = f"{attack.seed} to {attack.seed + attack.draws - 1}"
    case = case_of(attack)
    if attack.system is not None:
        case = f"{case}, against {attack.system}"
    return (
        version_cell(VersionLabel(attack.name, case)),
        Cell(attack.recipe or NONE),
        number_cell(severity, attack.severity),
        Cell(attack.operator or NONE),
        Cell(seed, kind="number"),
        number_cell(percent(attack.words_changed), attack.words_changed),
        number_cell(number(attack.edits), attack.edits),
        number_cell(number(attack.distance), attack.distance),
    )


def _sensitivity_row(model: ModelSensitivity) -> Row:
    return (
        Cell(model.model, kind="name"),
        _displacement_cell(model.score, model.words),
        _displacement_cell(model.noised, model.noised_words),
        _displacement_cell(model.untouched, model.untouched_words),
        number_cell(f"{model.sentences:,}", model.sentences),
    )


def _system_row(system: SystemInfo) -> Row:
    return (
        Cell(system.name, kind="name"),
        Cell(system.model, kind="code"),
        Cell(" + ".join(system.defences) or NONE),
        Cell(system.fingerprint, kind="code"),
    )


def _by_operator(model: ModelSensitivity) -> dict[str, OperatorSensitivity]:
    return {measured.operator: measured for measured in model.operators}


def _operator_cell(measured: Mapping[str, OperatorSensitivity], operator: str) -> Cell:
    """Return how far an operator moves words in one model; a dash where that model met none of its edits."""
    if operator not in measured:
        return Cell(NONE)
    return _displacement_cell(measured[operator].value, measured[operator].words)


def version_cell(version: VersionLabel) -> Cell:
    """Return the name of a version with its case below it."""
    if version.case == version.name:  # "clean" and "worst case" need not be said twice
        return Cell(version.name, kind="name")
    return Cell(version.name, note=version.case, kind="name")


def _score_cell(score: Score | None) -> Cell:
    """Return a score with its interval and what was lost."""
    if score is None:
        return Cell(NONE)
    return Cell(
        points(score.value.value),
        note=ends(score.value),
        change=_change(score.lost),
        value=_finite(score.value.value),
        kind="number",
    )


def _change(lost: Interval | None) -> str:
    """Return the points that a score changed by, with its sign; empty where nothing is compared."""
    if lost is None:
        return ""
    # What is lost comes off the score, so its sign turns.
    change = number(-100 * lost.value)
    if change.startswith(("−", "0.0", NONE)):
        return change
    return f"+{change}"


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


def _displacement_cell(interval: Interval | None, words: int) -> Cell:
    if interval is None:
        return Cell(NONE, kind="number")
    note = f"{ends(interval, digits=3, factor=1)} · n = {words:,}"
    return number_cell(number(interval.value, 3), interval.value, note=note)


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
