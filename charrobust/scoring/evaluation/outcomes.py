"""What systems made of the versions of a data set, and the worst of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.scoring.intervals import Array
from charrobust.tasks.examples import Prediction
from charrobust.tasks.metrics import Metric, example_scores, right
from charrobust.tasks.metrics.tagging import SPAN_F1


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a system made of a version of the data.

    Attributes:
        task: Name of the task.
        targets: What is right.
        predictions: What the system says.
    """

    task: str
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
        return example_scores(self.task, self.targets, self.predictions)

    @cached_property
    def right(self) -> NDArray[np.bool_] | None:
        """Which examples are right; None for numbers."""
        return right(self.task, self.targets, self.predictions)


def worst_case(outcomes: Sequence[Outcome], metric: Metric) -> Outcome:
    """Return for each example the outcome that does a metric most harm; the first of several.

    That is the outcome with the lowest score, and for span F1 the choice of outcomes with the lowest F1 that there is.
    For numbers it is the one furthest from the target: a correlation may be lower in one of the versions.

    Args:
        outcomes: What one system made of some versions.
        metric: The main metric.
    """
    if metric.name == SPAN_F1.name:
        chosen = _lowest_f1(np.stack([outcome.statistics(metric) for outcome in outcomes]))
    else:
        chosen = np.argmin([outcome.scores for outcome in outcomes], axis=0)
    return Outcome(
        outcomes[0].task,
        [outcomes[version].targets[number] for number, version in enumerate(chosen.tolist())],
        [outcomes[version].predictions[number] for number, version in enumerate(chosen.tolist())],
    )


def _lowest_f1(counts: Array) -> NDArray[np.intp]:
    """Choose a version for each sentence so that F1 of the sums is lowest (Dinkelbach 1967: a ratio of sums).

    Args:
        counts: Right, predicted and actual spans, shape (versions, sentences, 3).

    Returns:
        The version of each sentence, shape (sentences,).
    """
    above, below = 2 * counts[..., 0], counts[..., 1] + counts[..., 2]
    lowest, chosen = np.inf, np.zeros(counts.shape[1], np.intp)
    while True:
        now = np.argmin(above - min(lowest, 1.0) * below, axis=0)
        picked = np.take_along_axis(np.stack([above, below]), now[None, None], axis=1).sum(axis=(1, 2))
        found = picked[0] / picked[1] if picked[1] else 0.0
        if found >= lowest:
            return chosen
        lowest, chosen = found, now
