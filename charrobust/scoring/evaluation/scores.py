"""Scores with intervals, what attacks take from them, and comparisons of systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from charrobust.attackers.versions import CLEAN
from charrobust.scoring.evaluation.outcomes import Outcome
from charrobust.scoring.evaluation.results import Comparison, Score, Spread
from charrobust.scoring.intervals import Array, Interval, Resampled, permutation_test, resample, wilson
from charrobust.tasks.metrics import Metric


@dataclass(frozen=True, eq=False)
class SystemScores:
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


def score_system(system: str, metrics: Sequence[Metric], outcomes: dict[str, Outcome], *, seed: int) -> SystemScores:
    """Compute all metrics of a system on all versions, with their resamples.

    Args:
        system: Name of the system.
        metrics: The metrics.
        outcomes: What it made of each version, by name.
        seed: Seed of the resampling: the same for all systems, whose differences are then paired.

    Returns:
        The scores, with the resamples that intervals and comparisons are made of.
    """
    pairs = list(product(outcomes, metrics))
    values = resample([(metric, outcomes[version].statistics(metric)) for version, metric in pairs], seed=seed)
    names = [(version, metric.name) for version, metric in pairs]
    return SystemScores(system, metrics, outcomes, dict(zip(names, values, strict=True)))


def scores_of(scores: SystemScores, confidence: float) -> list[Score]:
    """Return the scores of a system, version by version."""
    pairs = product(scores.outcomes, scores.metrics)
    return [_score(scores, version, metric.name, confidence=confidence) for version, metric in pairs]


def _score(scores: SystemScores, version: str, metric: str, *, confidence: float) -> Score:
    here, clean = scores.values[version, metric], scores.values[CLEAN, metric]
    value = here.interval(confidence)
    of_metric = next(known for known in scores.metrics if known.name == metric)
    spread = _spread(scores.outcomes[version].values(of_metric), here)
    if version == CLEAN:
        return Score(scores.system, version, metric, value, spread=spread)
    # Paired: the same examples were drawn for both, so that what they have in common cancels in each resample.
    lost = (clean - here).interval(confidence)
    relative = lost.value / clean.value if clean.value else None
    success = success_of(scores.outcomes[CLEAN], scores.outcomes[version], confidence)
    return Score(scores.system, version, metric, value, lost, relative, success, spread)


def _spread(values: Array, resampled: Resampled) -> Spread | None:
    """Return how far a metric varies, from its values by seed and draw; None where nothing is repeated.

    Seeds and draws are crossed: all seeds read the same draws. The standard deviation of the means over the one is that
    of the other.
    """
    if values.size == 1:
        return None
    return Spread(
        data=float(np.std(resampled.resamples, ddof=1)),
        draws=_deviation(values.mean(axis=0)),
        seeds=_deviation(values.mean(axis=1)),
        lowest=float(values.min()),
        highest=float(values.max()),
    )


def _deviation(values: Array) -> float | None:
    """Return the standard deviation of a sample; None of a single value."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def success_of(clean: Outcome, attacked: Outcome, confidence: float) -> Interval | None:
    """Return the share of right examples that an attack made wrong; None where none was right, and for numbers.

    Over several seeds and draws it is the mean, each draw against what the same seed made of the clean data. The
    interval is that of as many examples as one seed has right on average: repeating them makes no more examples.

    Args:
        clean: What a system made of the clean data.
        attacked: What it made of a version.
        confidence: Level of the interval.

    Returns:
        The share with its interval (Wilson).
    """
    hits = rights = 0
    for (before,), after in zip(clean.grid, attacked.grid, strict=True):
        if before.right is None:
            return None
        for draw in after:
            hits += 0 if draw.right is None else int((before.right & ~draw.right).sum())
            rights += int(before.right.sum())
    repeats = len(attacked.all)
    return wilson(hits / repeats, rights / repeats, confidence=confidence) if rights else None


def compare(
    systems: Sequence[SystemScores], versions: Sequence[str], confidence: float, *, seed: int
) -> list[Comparison]:
    """Compare every pair of systems on versions, by the main metric.

    Args:
        systems: The systems.
        versions: Names of the versions.
        confidence: Level of the intervals.
        seed: Seed of the permutations.

    Returns:
        A comparison for each pair of systems and version.
    """
    pairs = product(versions, combinations(systems, 2))
    return [_comparison(pair, version, confidence, seed=seed) for version, pair in pairs]


def _comparison(pair: tuple[SystemScores, SystemScores], version: str, confidence: float, *, seed: int) -> Comparison:
    first, second = pair
    metric = first.metrics[0]
    difference = first.values[version, metric.name] - second.values[version, metric.name]
    # The test exchanges examples between systems, and needs their statistics, not the resampled sums.
    statistics = [scores.outcomes[version].statistics(metric) for scores in pair]
    p = permutation_test(metric, *statistics, seed=seed)
    return Comparison(version, metric.name, first.system, second.system, difference.interval(confidence), p)
