"""What a metric is: sums over examples, and a value of the sums."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from charrobust.errors import UserError, hint
from charrobust.plugins import Registry

if TYPE_CHECKING:
    from charrobust.tasks.base import Task

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Metric:
    """A metric whose value depends on sums over examples alone.

    So the metric of any resample of the examples is that of a weighted sum, and a bootstrap is one matrix product.

    Attributes:
        name: Name in tables.
        statistics: Of targets and predictions: what is summed, shape (examples, k).
        value: Of such sums, shape (..., k): the metric, shape (...).
        fraction: For a metric that is a ratio of sums, the two of them of such statistics, shape (...) each: with it
            the worst choice of versions can be found exactly. None for others.
    """

    name: str
    statistics: Callable[[Sequence[Any], Sequence[Any]], Array]
    value: Callable[[Array], Array]
    fraction: Callable[[Array], tuple[Array, Array]] | None = None


# Makes a metric beside those of a task: of the task, of targets and of the names of labels, in their order.
MetricMaker = Callable[["Task", Sequence[Any], Sequence[str]], Metric]
# Other packages add theirs by the entry point group ``charrobust.metrics``; those that ship belong to their tasks.
METRICS: Registry[MetricMaker] = Registry("metric", {})


def find_metrics(names: Sequence[str]) -> list[MetricMaker]:
    """Return what makes metrics that are asked for by their names.

    Args:
        names: The names.

    Returns:
        Their makers, in order.

    Raises:
        UserError: There is none of that name, or it cannot be loaded.
    """
    makers = []
    for name in names:
        maker = METRICS.find(name)
        if maker is None:
            raise UserError(f"unknown metric {name!r} beside those of the task; {hint(name, METRICS.names())}")
        makers.append(maker)
    return makers


def score(metric: Metric, targets: Sequence[Any], predictions: Sequence[Any]) -> float:
    """Return a metric of some predictions.

    Args:
        metric: The metric.
        targets: What is right.
        predictions: What a model says, as many.

    Returns:
        The score.
    """
    check_paired(targets, predictions)
    return float(metric.value(metric.statistics(targets, predictions).sum(axis=0)))


def check_paired(targets: Sequence[Any], predictions: Sequence[Any]) -> None:
    """Refuse another number of predictions than of targets.

    Args:
        targets: What is right.
        predictions: What a model says.

    Raises:
        ValueError: With both numbers.
    """
    if len(targets) != len(predictions):
        raise ValueError(f"expected one prediction for each of {len(targets)} targets, got {len(predictions)}")


def ratio(above: Array, below: Array) -> Array:
    """Divide; where the divisor is 0, the quotient is 0."""
    below = np.asarray(below, np.float64)
    # Where the mask is false, `out` keeps its zeros; nothing is divided there, and nothing warns.
    return np.divide(above, below, out=np.zeros(np.broadcast(above, below).shape), where=below != 0)


def mean_of(statistics: Array) -> Array:
    """Return the mean, of sums of (value, 1)."""
    return ratio(statistics[..., 0], statistics[..., 1])


def with_ones(values: Any) -> Array:
    """Return (value, 1) for each value: statistics whose metric is their mean."""
    column = np.asarray(values, np.float64)
    return np.stack([column, np.ones_like(column)], axis=1)


def f1_fraction(sums: Array) -> tuple[Array, Array]:
    """Return what F1 of (right, predicted, actual) is a ratio of; sums of shape (..., 3), the result (...) each."""
    # F1 is 2 * right / (predicted + actual). Of sums over examples, not of each one: that is the corpus-level F1.
    return 2 * sums[..., 0], sums[..., 1] + sums[..., 2]


def f1(sums: Array) -> Array:
    """Return F1 of sums of (right, predicted, actual), shape (..., 3)."""
    return ratio(*f1_fraction(sums))


def f1_by_example(counts: Array) -> Array:
    """Return F1 of each example's (right, predicted, actual), shape (examples,); 1 where there is nothing to find.

    Args:
        counts: Shape (examples, 3).

    Returns:
        F1 of each.
    """
    above, below = f1_fraction(counts)
    # Where nothing is actual or predicted F1 is 0 / 0, which `ratio` calls 0; but nothing is wrong there.
    return np.where(below == 0, 1.0, ratio(above, below))


def overlaps(targets: Iterable[Collection[object]], predictions: Iterable[Collection[object]]) -> Array:
    """Return the number of right, of predicted and of actual things of each example, shape (examples, 3).

    Args:
        targets: What is there, of each example.
        predictions: What a system says is there.

    Returns:
        The counts; sums of these three are all that F1 needs, and a bootstrap resamples the rows.
    """
    counts = []
    for actual, predicted in zip(targets, predictions, strict=True):
        counts.append((len(set(actual).intersection(predicted)), len(predicted), len(actual)))
    # Of no examples NumPy makes shape (0,): sums need the three columns then, too.
    return np.array(counts, np.float64).reshape(-1, 3)


def f1_by_class(sums: Array) -> tuple[Array, Array]:
    """Return F1 of each class, and how many examples are of the class or are predicted to be.

    Args:
        sums: For each class how many examples are of it and predicted to be, then predicted, then of it:
            shape (..., 3 classes).

    Returns:
        Shape (..., classes) each.
    """
    # Three blocks, each with a column for each class, as the statistics are stacked.
    both, predicted, actual = np.split(sums, 3, axis=-1)
    return ratio(2 * both, predicted + actual), predicted + actual


def macro_f1(sums: Array) -> Array:
    """Return the mean F1 of the classes that occur, in targets or predictions; sums as for :func:`f1_by_class`."""
    of_classes, size = f1_by_class(sums)
    # A class that neither occurs nor is predicted has F1 0 from `ratio`: nothing above the line, and not counted below.
    return ratio(of_classes.sum(axis=-1), (size > 0).sum(axis=-1))
