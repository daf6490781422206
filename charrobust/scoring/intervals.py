"""Confidence intervals and paired tests, over examples.

Examples are resampled with replacement; a metric of a resample is that of a weighted sum of the examples' statistics,
so all resamples are one matrix product. Equal numbers of examples with equal seeds are resampled alike, whatever the
metric or the system: the difference of two outcomes is that of pairs.

Intervals are BCa (bias-corrected and accelerated; Efron 1987) rather than plain percentiles: scores close to 0 or 1,
and F1 and correlations anywhere, are skewed and biased, which percentiles ignore. The acceleration needs the metric
with each example left out, which costs next to nothing where metrics are functions of sums.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from charrobust.errors import DataError, UserError
from charrobust.tasks.metrics import Metric

Array = NDArray[np.float64]

# Of 5,000 resamples some 125 lie beyond either end of a 95 % interval, so that its quantiles are steady. With the
# outcomes as they are, 9,999 exchanges make 10,000: p-values are multiples of 0.0001.
RESAMPLES = 5_000
PERMUTATIONS = 9_999
_CELLS = 4_000_000  # numbers held at once while resampling (32 MB)
_CLOSE = 1e-12  # differences of metrics below this are rounding


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


def check_confidence(confidence: float) -> None:
    """Refuse what is no level of an interval.

    Args:
        confidence: The level.

    Raises:
        UserError: It does not lie between 0 and 1.
    """
    if 0 < confidence < 1:
        return
    example, hint = ", such as 0.95", ""
    if 1 < confidence < 100:
        example, hint = "", f"; did you mean {confidence / 100:g}?"
    raise UserError(f"`confidence` must lie between 0 and 1{example}, got {confidence:g}{hint}")


def interval_name(confidence: float) -> str:
    """Return what intervals of a level are called, such as ``95 % interval``."""
    return f"{100 * confidence:g} % interval"


@dataclass(frozen=True, eq=False)
class Resampled:
    """A metric of some examples and of resamples of them. The difference of two is paired.

    Attributes:
        value: The metric.
        resamples: The metric of each resample, shape (resamples,).
        left_out: The metric with each example left out, shape (examples,).
    """

    value: float
    resamples: Array
    left_out: Array

    def __sub__(self, other: Resampled) -> Resampled:
        """Return the difference of two metrics, or of one metric of two systems, on the same examples."""
        if len(self.left_out) != len(other.left_out):
            raise ValueError(f"a paired difference of {len(self.left_out)} and of {len(other.left_out)} examples")
        return Resampled(self.value - other.value, self.resamples - other.resamples, self.left_out - other.left_out)

    def interval(self, confidence: float = 0.95) -> Interval:
        """Return the value with its BCa interval; where no resample differs, the interval is the value.

        Args:
            confidence: Confidence level.

        Returns:
            The value, and both ends of its interval.

        Raises:
            UserError: The level does not lie between 0 and 1.
        """
        check_confidence(confidence)
        # As where all examples are right: the quantiles of equal numbers would differ from them by rounding.
        if not np.any(np.abs(self.resamples - self.value) > _CLOSE):
            return Interval(self.value, self.value, self.value)
        low, high = np.quantile(self.resamples, self._levels(confidence))
        return Interval(self.value, float(low), float(high))

    def _levels(self, confidence: float) -> Array:
        """Return the quantiles of the resamples that are the ends of the interval (Efron 1987)."""
        ends = np.array([1 - confidence, 1 + confidence]) / 2
        # Bias: which share of the resamples lies below the value, one half if there is none. Metrics of few examples
        # take few values, so that many resamples equal the value: half of them count as below.
        below = np.mean(self.resamples < self.value - _CLOSE)
        equal = np.mean(np.abs(self.resamples - self.value) <= _CLOSE)
        share = float(below + equal / 2)
        if not 0 < share < 1:  # all on one side: the bias would be infinite, and plain percentiles are left
            return ends
        # BCa takes other percentiles than the plain ones: moved, on the scale of a normal distribution, by the bias
        # (twice) and stretched by the acceleration. With neither, cdf(ppf(ends)) is the plain ones.
        bias = stats.norm.ppf(share)
        moved = bias + stats.norm.ppf(ends)
        return np.asarray(stats.norm.cdf(bias + moved / (1 - self._acceleration() * moved)))

    def _acceleration(self) -> float:
        """Return how the metric's spread changes with its value: the skewness of what examples contribute, over 6."""
        # The jackknife: an example contributes what the metric loses without it.
        contributions = self.left_out.mean() - self.left_out
        squares = float((contributions**2).sum())
        if squares <= _CLOSE**2:  # nothing but rounding, whose cubes over squares would be any number
            return 0.0
        return float((contributions**3).sum() / (6 * squares**1.5))


def resample(scored: Sequence[tuple[Metric, Array]], *, resamples: int = RESAMPLES, seed: int = 0) -> list[Resampled]:
    """Resample metrics of the same examples.

    Args:
        scored: Metrics, each with the statistics of the examples, shape (examples, k).
        resamples: Number of resamples.
        seed: Seed of the resampling.

    Returns:
        For each metric its value and its resamples, which are the same examples for all.

    Raises:
        DataError: There are fewer than two examples.
    """
    resampled: list[Resampled] = []
    for group in _groups(scored):
        check_enough(len(group[0][1]))
        for (metric, statistics), sums in zip(group, _resampled_sums(group, resamples, seed), strict=True):
            resampled.append(_resampled(metric, statistics, sums))
    return resampled


def _groups(scored: Sequence[tuple[Metric, Array]]) -> Iterator[list[tuple[Metric, Array]]]:
    """Put metrics together as far as memory allows; each group is resampled once."""
    group: list[tuple[Metric, Array]] = []
    size = 0
    for metric, statistics in scored:
        # The statistics of a group are copied side by side: 128 MB of them, or one metric that alone is larger.
        if group and size + statistics.size > 4 * _CELLS:
            yield group
            group, size = [], 0
        group.append((metric, statistics))
        size += statistics.size
    if group:
        yield group


def _resampled_sums(group: Sequence[tuple[Metric, Array]], resamples: int, seed: int) -> list[Array]:
    """Return the sums of each metric's statistics in each resample, shape (resamples, k)."""
    statistics_of_all = np.hstack([statistics for _, statistics in group])
    # A resample holds each example some number of times, so the sum of its statistics is these numbers times the
    # statistics: for all resamples and all metrics at once, one product of matrices.
    products = [counts @ statistics_of_all for counts in _counts(len(statistics_of_all), resamples, seed)]
    sums = np.concatenate(products)
    widths = [statistics.shape[1] for _, statistics in group]
    # Cut where the columns of one metric end and those of the next begin.
    return np.split(sums, np.cumsum(widths)[:-1], axis=1)


def _resampled(metric: Metric, statistics: Array, sums: Array) -> Resampled:
    """Compute a metric of examples, of resamples, and with each example left out: all are functions of sums."""
    total = statistics.sum(axis=0)
    return Resampled(
        value=float(metric.value(total)),
        resamples=metric.value(sums),
        # The total without each example, a row each: the metric of all of them in one call.
        left_out=metric.value(total - statistics),
    )


def check_enough(examples: int) -> None:
    """Refuse too few examples.

    Args:
        examples: Number of examples.

    Raises:
        DataError: There are fewer than two.
    """
    if examples < 2:
        raise DataError(f"a confidence interval needs at least two examples, got {examples}; give more data")


def _counts(examples: int, resamples: int, seed: int) -> Iterator[Array]:
    """Go through resamples, some at a time: how often each example is in each, shape (some, examples)."""
    rng = np.random.default_rng(seed)
    most = max(1, _CELLS // examples)
    for first in range(0, resamples, most):
        rows = min(most, resamples - first)
        drawn = rng.integers(0, examples, (rows, examples))
        # The draws depend on the number of examples and the seed alone: all metrics and systems are resampled alike.
        # One count of all rows in place of one a row: the examples of each row get numbers of their own.
        numbers = drawn + examples * np.arange(rows)[:, None]
        counts = np.bincount(numbers.ravel(), minlength=rows * examples)
        yield counts.reshape(rows, examples).astype(np.float64)


def bootstrap(
    metric: Metric, statistics: Array, *, confidence: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    """Return a metric with its interval.

    Args:
        metric: The metric.
        statistics: Statistics of the examples, shape (examples, k).
        confidence: Confidence level.
        resamples: Number of resamples.
        seed: Seed of the resampling.

    Returns:
        The metric, and both ends of its interval (BCa).

    Raises:
        DataError: There are fewer than two examples.
    """
    return resample([(metric, statistics)], resamples=resamples, seed=seed)[0].interval(confidence)


def paired_difference(
    metric: Metric,
    first: Array,
    second: Array,
    *,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Return by how much a metric is higher on the first than on the second, with its interval.

    Args:
        metric: The metric.
        first: Statistics of the examples, shape (examples, k).
        second: Statistics of the same examples: of another system, or of other versions of them.
        confidence: Confidence level.
        resamples: Number of resamples.
        seed: Seed of the resampling.

    Returns:
        The difference, and both ends of its interval (BCa).

    Raises:
        DataError: There are fewer than two examples, or another number in the second than in the first.
    """
    _check_same(first, second)
    one, other = resample([(metric, first), (metric, second)], resamples=resamples, seed=seed)
    return (one - other).interval(confidence)


def permutation_test(
    metric: Metric, first: Array, second: Array, *, permutations: int = PERMUTATIONS, seed: int = 0
) -> float:
    """Return the two-sided p-value of a paired permutation test: are two systems equally good?

    If they are, exchanging their outcomes on any of the examples changes nothing. The p-value is the share of random
    exchanges, the given outcomes among them, that make a difference at least as large.

    Args:
        metric: The metric.
        first: Statistics of the examples for one system, shape (examples, k).
        second: The same for the other.
        permutations: Number of random exchanges.
        seed: Seed of the exchanges.

    Returns:
        The p-value, in (0, 1].

    Raises:
        DataError: There are fewer than two examples, or another number in the second than in the first.
    """
    _check_same(first, second)
    sum_first, sum_second = first.sum(axis=0), second.sum(axis=0)
    observed = abs(float(metric.value(sum_first) - metric.value(sum_second)))
    # Exchanging an example moves its difference from one sum to the other. Examples with the same difference are
    # interchangeable, so that it is enough to draw how many of them are exchanged: a binomial number for each of a few
    # different rows in place of a coin for every example. Examples without a difference change nothing.
    differing = (second - first)[np.any(first != second, axis=1)]
    differences, counts = np.unique(differing, axis=0, return_counts=True)
    rng = np.random.default_rng(seed)
    most = max(1, _CELLS // max(1, len(differences)))
    extreme = 0
    for begin in range(0, permutations, most):
        rows = min(most, permutations - begin)
        exchanged = rng.binomial(counts, 0.5, (rows, len(differences))).astype(np.float64)
        moved = exchanged @ differences
        difference = metric.value(sum_first + moved) - metric.value(sum_second - moved)
        # An exchange that gives the observed difference by other sums may differ from it in the last digits.
        extreme += int(np.count_nonzero(np.abs(difference) >= observed - _CLOSE))
    # The outcomes as they are count as one exchange more, so that the p-value is valid and never 0.
    return (1 + extreme) / (1 + permutations)


def _check_same(first: Array, second: Array) -> None:
    if len(first) != len(second):
        raise DataError(f"a paired comparison needs the same examples twice, got {len(first)} and {len(second)}")
    check_enough(len(first))


def wilson(successes: float, count: float, *, confidence: float = 0.95) -> Interval:
    """Return a share with its Wilson score interval (Wilson, JASA 1927, equation 4).

    Args:
        successes: How many of the cases; no whole number where it is a mean over repetitions.
        count: Number of cases, likewise.
        confidence: Confidence level.

    Returns:
        The share, and both ends of its interval.

    Raises:
        DataError: There is no case.
        UserError: The level does not lie between 0 and 1.
    """
    check_confidence(confidence)
    if not count:
        raise DataError("a share needs at least one case, got none")
    share = successes / count
    # The ends are the shares p whose distance from the one observed is z standard errors, sqrt(p (1 - p) / n): the two
    # solutions of a quadratic equation. The library's own function takes whole numbers alone.
    z = float(stats.norm.ppf((1 + confidence) / 2))
    weight = z * z / count
    middle = (share + weight / 2) / (1 + weight)
    half = z * math.sqrt(share * (1 - share) / count + weight / (4 * count)) / (1 + weight)
    # At shares of 0 and 1 an end is the share itself, which rounding would miss by a digit.
    return Interval(share, max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)))
