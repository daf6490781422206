"""Metrics of numbers: Pearson's and Spearman's correlation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from charrobust.tasks.metrics import Array, Metric, ratio

# A variance below this share of the mean square is what rounding leaves of numbers that are all equal.
_ROUNDING = 1e-12


def regression_metrics() -> tuple[Metric, ...]:
    """Return the metrics of a regression: Pearson and Spearman."""
    return PEARSON, SPEARMAN


def pearson_statistics(targets: Sequence[float], predictions: Sequence[float]) -> Array:
    """Return (1, x, y, xx, yy, xy) of each example.

    Both are counted from the mean of the targets, in units of their spread. This changes no correlation, is the same
    for all systems on the same examples, and keeps the sums small.
    """
    x, y = np.asarray(targets, np.float64), np.asarray(predictions, np.float64)
    # Targets that are all equal have no spread that could be a unit.
    middle, unit = (x.mean(), x.std() or 1.0) if len(x) else (0.0, 1.0)
    x, y = (x - middle) / unit, (y - middle) / unit
    return np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1)


def spearman_statistics(targets: Sequence[float], predictions: Sequence[float]) -> Array:
    """Return the statistics of Pearson's correlation of ranks.

    Ranks are those among all examples. A bootstrap resamples examples with the ranks that they have, instead of
    ranking each resample anew: the interval is that of the correlation of ranks, given the ranks, and agrees with the
    other one as the number of examples grows.
    """
    from scipy.stats import rankdata

    return pearson_statistics(rankdata(targets).tolist(), rankdata(predictions).tolist())


def correlation(sums: Array) -> Array:
    """Return the correlation of sums of (1, x, y, xx, yy, xy); 0 where one of the two does not vary."""
    count, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    # Variances and covariance times count squared, which cancels: n * sum(xx) - sum(x)^2 needs no mean.
    spread_x, spread_y = count * xx - x * x, count * yy - y * y
    varies = (spread_x > _ROUNDING * count * xx) & (spread_y > _ROUNDING * count * yy)
    below = np.sqrt(np.where(varies, spread_x, 0)) * np.sqrt(np.where(varies, spread_y, 0))
    # Rounding can leave 1.0000000000000002.
    return np.clip(ratio(count * xy - x * y, below), -1, 1)


PEARSON = Metric("Pearson", pearson_statistics, correlation)
SPEARMAN = Metric("Spearman", spearman_statistics, correlation)
