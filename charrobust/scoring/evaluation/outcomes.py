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


def worst_case(outcomes: Sequence[Outcome]) -> Outcome:
    """Return for each example the outcome with the lowest score; the first of several.

    Args:
        outcomes: What one system made of some versions.
    """
    chosen = np.argmin([outcome.scores for outcome in outcomes], axis=0).tolist()
    return Outcome(
        outcomes[0].task,
        [outcomes[version].targets[number] for number, version in enumerate(chosen)],
        [outcomes[version].predictions[number] for number, version in enumerate(chosen)],
    )
