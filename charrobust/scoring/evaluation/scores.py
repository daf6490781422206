"""Scores with intervals, what attacks take from them, and comparisons of systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

from charrobust.scoring.evaluation.outcomes import Outcome
from charrobust.scoring.evaluation.results import CLEAN, Comparison, Score
from charrobust.scoring.intervals import Interval, Resampled, permutation_test, resample, wilson
from charrobust.tasks.metrics import Metric


@dataclass(frozen=True, eq=False)
class Sheet:
    """All that is known of one system.

    Attributes:
        system: Its name.
        metrics: The metrics, the main one first.
        outcomes: What it made of each version, by name: clean first, the worst case last.
        values: Each (version, metric), resampled.
    """

    system: str
    metrics: Sequence[Metric]
    outcomes: dict[str, Outcome]
    values: dict[tuple[str, str], Resampled]


def make_sheet(system: str, metrics: Sequence[Metric], outcomes: dict[str, Outcome], seed: int) -> Sheet:
    """Compute all metrics of a system on all versions, with their resamples.

    Args:
        system: Name of the system.
        metrics: The metrics.
        outcomes: What it made of each version, by name.
        seed: Seed of the resampling: the same for all systems, whose differences are then paired.
    """
    pairs = list(product(outcomes, metrics))
    values = resample([(metric, outcomes[version].statistics(metric)) for version, metric in pairs], seed=seed)
    names = [(version, metric.name) for version, metric in pairs]
    return Sheet(system, metrics, outcomes, dict(zip(names, values, strict=True)))


def scores_of(sheet: Sheet, confidence: float) -> list[Score]:
    """Return the scores of a system, version by version."""
    return [_score(sheet, version, metric.name, confidence) for version in sheet.outcomes for metric in sheet.metrics]


def _score(sheet: Sheet, version: str, metric: str, confidence: float) -> Score:
    here, clean = sheet.values[version, metric], sheet.values[CLEAN, metric]
    value = here.interval(confidence)
    if version == CLEAN:
        return Score(sheet.system, version, metric, value)
    lost = (clean - here).interval(confidence)
    relative = lost.value / clean.value if clean.value else None
    success = _success(sheet.outcomes[CLEAN], sheet.outcomes[version], confidence)
    return Score(sheet.system, version, metric, value, lost, relative, success)


def _success(clean: Outcome, attacked: Outcome, confidence: float) -> Interval | None:
    """Return the share of right examples that an attack made wrong; None where none was right, and for numbers."""
    if clean.right is None or attacked.right is None or not clean.right.any():
        return None
    return wilson(int((clean.right & ~attacked.right).sum()), int(clean.right.sum()), confidence=confidence)


def compare(sheets: Sequence[Sheet], versions: Sequence[str], confidence: float, seed: int) -> list[Comparison]:
    """Compare every pair of systems on versions, by the main metric.

    Args:
        sheets: The systems.
        versions: Names of the versions.
        confidence: Level of the intervals.
        seed: Seed of the permutations.
    """
    return [
        _comparison(first, second, version, confidence, seed)
        for version in versions
        for first, second in combinations(sheets, 2)
    ]


def _comparison(first: Sheet, second: Sheet, version: str, confidence: float, seed: int) -> Comparison:
    metric = first.metrics[0]
    difference = first.values[version, metric.name] - second.values[version, metric.name]
    statistics = (sheet.outcomes[version].statistics(metric) for sheet in (first, second))
    p = permutation_test(metric, *statistics, seed=seed)
    return Comparison(version, metric.name, first.system, second.system, difference.interval(confidence), p)
