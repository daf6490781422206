"""Accuracy, and what an attack takes from it, with confidence intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from charrobust.errors import DataError


@dataclass(frozen=True)
class Interval:
    """An estimate with its confidence interval.

    Attributes:
        value: The estimate.
        low: Lower end of the interval.
        high: Upper end.
    """

    value: float
    low: float
    high: float


def accuracy(correct: Sequence[bool] | NDArray[np.bool_], *, confidence: float = 0.95) -> Interval:
    """Return the share of correct predictions with its Wilson score interval (Wilson, JASA 1927).

    Args:
        correct: For each example, whether its prediction is right.
        confidence: Confidence level.

    Raises:
        DataError: There is no example.
    """
    count = len(correct)
    if not count:
        raise DataError("accuracy needs at least one example, got none")
    result = stats.binomtest(int(np.sum(correct)), count)
    low, high = result.proportion_ci(confidence, method="wilson")
    return Interval(float(result.statistic), float(low), float(high))


def paired_loss(
    clean: Sequence[bool] | NDArray[np.bool_],
    attacked: Sequence[bool] | NDArray[np.bool_],
    *,
    confidence: float = 0.95,
    resamples: int = 9_999,
    seed: int = 0,
) -> Interval:
    """Return what an attack takes from the accuracy, with a bootstrap interval over examples.

    The examples are the same before and after, so they are resampled in pairs.

    Args:
        clean: For each example, whether its prediction is right on the original.
        attacked: The same on the attacked text.
        confidence: Confidence level.
        resamples: Number of bootstrap samples.
        seed: Seed of the resampling.

    Raises:
        DataError: There are fewer than two examples, or another number attacked than clean.
    """
    if len(clean) != len(attacked) or len(clean) < 2:
        raise DataError(f"expected the same two or more examples, got {len(clean)} clean and {len(attacked)} attacked")
    lost = np.asarray(clean, float) - np.asarray(attacked, float)
    value = float(lost.mean())
    if np.ptp(lost) == 0:
        return Interval(value, value, value)
    rng = np.random.default_rng(seed)
    result = stats.bootstrap((lost,), np.mean, n_resamples=resamples, confidence_level=confidence, rng=rng, batch=500)
    return Interval(value, float(result.confidence_interval.low), float(result.confidence_interval.high))
