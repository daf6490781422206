"""The tables of the page, their cells as text."""

from __future__ import annotations

import math
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
from charrobust.scoring.evaluation.results import Comparison, Results, Score
from charrobust.scoring.intervals import Interval
from charrobust.scoring.sensitivity.results import Sensitivity


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
    rows: tuple[tuple[Cell, ...], ...]
    sortable: bool = True


def score_table(results: Results) -> Table:
    """Return the main metric: a row for each version, a column for each system."""
    found, names = main_scores(results), system_names(results)
    return Table(
        f"{results.metrics[0]} × 100 with its interval, and the points lost",
        ("version", *names),
        tuple(
            (_version(version), *(_score(found.get((name, version.name))) for name in names))
            for version in scored_versions(results)
        ),
    )


def detail_table(results: Results) -> Table:
    """Return every metric of every system on every version."""
    cases = {version.name: version for version in scored_versions(results)}
    rows = [
        (
            _version(cases[score.attack]),
            _text(score.system),
            _text(score.metric),
            _interval(score.value),
            _interval(score.lost),
            Cell(percent(score.relative), value=_finite(score.relative), kind="number"),
            _success(score.success),
        )
        for score in results.scores
        if score.attack in cases
    ]
    heads = ("version", "system", "metric", "score × 100", "points lost", "lost, relative", "attack success")
    return Table("Every metric, what was lost, and how often the attack succeeded", heads, tuple(rows))


def comparison_table(results: Results) -> Table:
    """Return every comparison of two systems."""
    cases = {version.name: version for version in scored_versions(results)}
    rows = [
        (
            _version(cases.get(each.attack, VersionLabel(each.attack, ""))),
            _text(each.first),
            _text(each.second),
            _interval(each.difference),
            Cell(p_value(each.p), value=_finite(each.p), kind="number"),
            _text(_verdict(each)),
        )
        for each in results.comparisons
    ]
    heads = ("version", "first", "second", "first − second", "p", "in words")
    return Table("Pairs of systems on the same examples", heads, tuple(rows))


def attack_table(results: Results) -> Table:
    """Return what each attack did to the text."""
    rows = [_attack(attack) for attack in results.attacks if attack.name != CLEAN]
    heads = ("attack", "recipe", "severity", "operator", "seed", "words changed", "edits", "edit distance")
    return Table("What each attack does: means over examples", heads, tuple(rows))


def split_table(results: Results) -> Table:
    """Return scores by what a system's tokenizer does to the words."""
    found, names = split_scores(results), system_names(results)
    rows = []
    for version in split_versions(results):
        for name in names:
            pair = [found.get((name, version.name, group)) for group in GROUPS]
            if any(pair):
                cells = [_interval(score.value, f"n = {score.size:,}") if score else Cell(NONE) for score in pair]
                rows.append((_version(version), _text(name), *cells))
    return Table(f"{results.metrics[0]} × 100", ("version", "system", "whole words", "split words"), tuple(rows))


def sensitivity_table(sensitivity: Sensitivity) -> Table:
    """Return the paper's S of each model, and its parts."""
    rows = [
        (
            Cell(model.model, kind="name"),
            _moved(model.score, model.words),
            _moved(model.noised, model.noised_words),
            _moved(model.untouched, model.untouched_words),
            Cell(f"{model.sentences:,}", value=model.sentences, kind="number"),
        )
        for model in sensitivity.models
    ]
    heads = ("model", "S, all words", "noised words", "untouched neighbours", "sentences")
    return Table("Sensitivity in the last layer of the token channel; 0: nothing moves", heads, tuple(rows))


def operator_table(sensitivity: Sensitivity) -> Table:
    """Return how far words move, by the operator that edited them."""
    names = list(dict.fromkeys(each.operator for model in sensitivity.models for each in model.operators))
    by_model = [{each.operator: each for each in model.operators} for model in sensitivity.models]
    rows = [
        (
            Cell(name, kind="name"),
            *(_moved(found[name].value, found[name].words) if name in found else Cell(NONE) for found in by_model),
        )
        for name in names
    ]
    heads = ("operator", *(model.model for model in sensitivity.models))
    return Table("How far noised words move, by operator", heads, tuple(rows))


def system_table(results: Results) -> Table:
    """Return the systems, with where they came from."""
    rows = [
        (
            Cell(system.name, kind="name"),
            Cell(system.model, kind="code"),
            _text(" + ".join(system.defences) or NONE),
            Cell(system.fingerprint, kind="code"),
        )
        for system in results.systems
    ]
    return Table("Systems", ("name", "model", "defences before it", "fingerprint"), tuple(rows), sortable=False)


def _version(version: VersionLabel) -> Cell:
    return Cell(version.name, note=version.case if version.case != version.name else "", kind="name")


def _text(text: str) -> Cell:
    return Cell(text)


def _score(score: Score | None) -> Cell:
    """Return a score with its interval and what was lost."""
    if score is None:
        return Cell(NONE)
    change = "" if score.lost is None else number(-100 * score.lost.value).replace("−0.0", "0.0")
    if change and not change.startswith(("−", "0.0", NONE)):
        change = f"+{change}"
    value = _finite(score.value.value)
    return Cell(points(score.value.value), ends(score.value), change, value, "number")


def _interval(interval: Interval | None, note: str = "") -> Cell:
    if interval is None:
        return Cell(NONE, kind="number")
    text = " · ".join(filter(None, (ends(interval), note)))
    return Cell(points(interval.value), text, value=_finite(interval.value), kind="number")


def _success(interval: Interval | None) -> Cell:
    if interval is None:
        return Cell(NONE, kind="number")
    return Cell(percent(interval.value), f"{ends(interval, 0)} %", value=_finite(interval.value), kind="number")


def _moved(interval: Interval | None, words: int) -> Cell:
    if interval is None:
        return Cell(NONE, kind="number")
    note = f"{ends(interval, 3, 1)} · n = {words:,}"
    return Cell(number(interval.value, 3), note, value=_finite(interval.value), kind="number")


def _attack(attack: AttackInfo) -> tuple[Cell, ...]:
    seed = NONE if attack.seed is None else str(attack.seed)
    severity = NONE if attack.severity is None else f"{attack.severity:g}"
    return (
        _version(VersionLabel(attack.name, case_of(attack))),
        _text(attack.recipe or NONE),
        Cell(severity, value=attack.severity, kind="number"),
        _text(attack.operator or NONE),
        Cell(seed, kind="number"),
        Cell(percent(attack.words_changed), value=attack.words_changed, kind="number"),
        Cell(number(attack.edits), value=attack.edits, kind="number"),
        Cell(number(attack.distance), value=attack.distance, kind="number"),
    )


def _verdict(each: Comparison) -> str:
    if not each.p < 0.05:
        return "not told apart"
    return f"{each.first if each.difference.value > 0 else each.second} is better"


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
