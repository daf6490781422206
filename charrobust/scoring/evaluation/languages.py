"""Scores by the language of the records, where a column of the data tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from charrobust.attackers.versions import CLEAN
from charrobust.scoring.evaluation.results import LanguageScore
from charrobust.scoring.evaluation.scores import SystemScores
from charrobust.scoring.intervals import resample

_FEWEST = 2  # examples of a language: one has no interval


def language_scores(
    groups: Mapping[str, Sequence[int]], scored: Sequence[SystemScores], *, confidence: float, seed: int
) -> Iterator[LanguageScore]:
    """Go through the main metric of each system on every version, language by language.

    Args:
        groups: The numbers of the examples of each language; one of fewer than two is left out.
        scored: The systems.
        confidence: Level of the intervals.
        seed: Seed of the resampling.

    Yields:
        The scores.
    """
    for scores, (language, numbers) in product(scored, groups.items()):
        if len(numbers) >= _FEWEST:
            yield from _scores_of(scores, language, numbers, confidence=confidence, seed=seed)


def _scores_of(
    scores: SystemScores, language: str, numbers: Sequence[int], *, confidence: float, seed: int
) -> Iterator[LanguageScore]:
    """Go through the scores of a system in one language."""
    metric = scores.metrics[0]
    statistics = [outcome.statistics(metric)[list(numbers)] for outcome in scores.outcomes.values()]
    resampled = resample([(metric, of_version) for of_version in statistics], seed=seed)
    values = dict(zip(scores.outcomes, resampled, strict=True))
    for version, here in values.items():
        # Paired, as the scores of all examples are.
        lost = None if version == CLEAN else (values[CLEAN] - here).interval(confidence)
        value = here.interval(confidence)
        yield LanguageScore(scores.system, version, language, metric.name, value, lost, len(numbers))
