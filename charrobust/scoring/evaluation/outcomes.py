"""What systems made of the versions of a data set, and the worst of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.scoring.intervals import Array
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Prediction
from charrobust.tasks.metrics import Metric


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a system made of a version of the data.

    Attributes:
        task: The task.
        targets: What is right.
        predictions: What the system says.
    """

    task: Task
    targets: Sequence[Any]
    predictions: Sequence[Prediction]
    _known: dict[str, Array] = field(default_factory=dict, init=False, repr=False)

    def statistics(self, metric: Metric) -> Array:
        """Return the statistics of a metric, shape (examples, k)."""
        if metric.name not in self._known:
            self._known[metric.name] = metric.statistics(self.targets, self.predictions)
        return self._known[metric.name]

    @cached_property
    def scores(self) -> Array:
        """A score of each example, more being better."""
        return self.task.example_scores(self.targets, self.predictions)

    @cached_property
    def right(self) -> NDArray[np.bool_] | None:
        """Which examples are right; None for numbers."""
        return self.task.right(self.targets, self.predictions)


def worst_case(outcomes: Sequence[Outcome], metric: Metric) -> Outcome:
    """Return for each example the outcome that does a metric most harm; the first of several.

    That is the outcome with the lowest score, and for a ratio of sums, such as F1 of spans, the choice of outcomes with
    the lowest ratio that there is.
    For numbers it is the one furthest from the target: a correlation may be lower in one of the versions.

    Args:
        outcomes: What one system made of some versions.
        metric: The main metric.

    Returns:
        An outcome made of them, example by example.
    """
    if metric.fraction is None:
        chosen = np.argmin([outcome.scores for outcome in outcomes], axis=0)
    else:
        chosen = _lowest_ratio(*metric.fraction(np.stack([outcome.statistics(metric) for outcome in outcomes])))
    targets, predictions = [], []
    for number, version in enumerate(chosen.tolist()):
        targets.append(outcomes[version].targets[number])
        predictions.append(outcomes[version].predictions[number])
    return Outcome(outcomes[0].task, targets, predictions)


def _lowest_ratio(above: Array, below: Array) -> NDArray[np.intp]:
    """Choose a version for each example so that the ratio of the sums is lowest (Dinkelbach 1967).

    Args:
        above: What is summed above the line, shape (versions, examples).
        below: What is summed below it, same shape.

    Returns:
        The version of each example, shape (examples,).
    """
    lowest, chosen = np.inf, np.zeros(above.shape[1], np.intp)
    while True:
        # a ratio of at most 1 is below r exactly where above - r * below is negative: the sum is minimised one by one
        now = np.argmin(above - min(lowest, 1.0) * below, axis=0)
        sums = np.take_along_axis(np.stack([above, below]), now[None, None], axis=1).sum(axis=(1, 2))
        ratio = sums[0] / sums[1] if sums[1] else 0.0
        if ratio >= lowest:
            return chosen
        lowest, chosen = ratio, now
