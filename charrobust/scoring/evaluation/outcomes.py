"""What systems made of the versions of a data set, and the worst of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.attackers.versions import Version
from charrobust.scoring.intervals import Array
from charrobust.systems.labels import translated
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Prediction
from charrobust.tasks.metrics import Metric
from charrobust.tasks.word_part import WordPart


@dataclass(frozen=True, eq=False)
class Answered:
    """What one system made of one draw of a version of the data.

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
        # Scores, the worst case and comparisons ask for the same statistics; those of spans take time.
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


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a system made of a version of the data: the mean over its seeds and over the draws of the version.

    Attributes:
        grid: What each seed made of each draw, shape (seeds, draws); one of each where nothing is repeated.
    """

    grid: tuple[tuple[Answered, ...], ...]
    _known: dict[str, Array] = field(default_factory=dict, init=False, repr=False)

    @property
    def first(self) -> Answered:
        """What the first seed made of the first draw: what is shown."""
        return self.grid[0][0]

    @property
    def all(self) -> list[Answered]:
        """What each seed made of each draw."""
        return list(chain.from_iterable(self.grid))

    def statistics(self, metric: Metric) -> Array:
        """Return the mean statistics of a metric, shape (examples, k).

        The metric of their sum is the mean over seeds and draws where it is a mean over examples, as accuracy is; for
        ratios such as F1 it is that of all counts together.
        """
        if metric.name not in self._known:
            self._known[metric.name] = np.mean([each.statistics(metric) for each in self.all], axis=0)
        return self._known[metric.name]

    def part_statistics(self, metric: Metric, part: WordPart) -> tuple[Array, int]:
        """Return the mean statistics of a part of the data, and its size; see :meth:`.Task.part_statistics`."""
        parts = [each.task.part_statistics(metric, each.targets, each.predictions, part) for each in self.all]
        return np.mean([statistics for statistics, _ in parts], axis=0), parts[0][1]

    def values(self, metric: Metric) -> Array:
        """Return the metric of each seed on each draw, shape (seeds, draws)."""
        values = [float(metric.value(each.statistics(metric).sum(axis=0))) for each in self.all]
        return np.array(values).reshape(len(self.grid), -1)

    @cached_property
    def scores(self) -> Array:
        """The mean score of each example, more being better, shape (examples,)."""
        mean: Array = np.mean([each.scores for each in self.all], axis=0)
        return mean


def outcome_of(
    task: Task, version: Version, said: Sequence[Sequence[Sequence[Prediction]]], names: Mapping[str, str]
) -> Outcome:
    """Return what a system made of a version, in the words of the data set.

    Args:
        task: The task.
        version: The version.
        said: What each seed of the system said of each draw.
        names: The data set's name of each label of the system.

    Returns:
        The outcome.
    """
    targets = [list(map(attrgetter("target"), draw)) for draw in version.draws]
    grid: list[tuple[Answered, ...]] = []
    for of_member in said:
        answered: list[Answered] = []
        for of_draw, predictions in zip(targets, of_member, strict=True):
            answered.append(Answered(task, of_draw, translated(task, predictions, names)))
        grid.append(tuple(answered))
    return Outcome(tuple(grid))


def worst_case(outcomes: Sequence[Outcome], metric: Metric) -> Outcome:
    """Return for each example what does a metric most harm, of all draws of some versions; the first of several.

    That is the one with the lowest score, and for a ratio of sums, such as F1 of spans, the choice with the lowest
    ratio that there is. For numbers it is the one furthest from the target: a correlation may be lower in a version.

    Args:
        outcomes: What one system made of some versions.
        metric: The main metric.

    Returns:
        An outcome made of them, example by example, for each seed of the system.
    """
    seeds = zip(*(outcome.grid for outcome in outcomes), strict=True)
    worst = [_worst(list(chain.from_iterable(of_seed)), metric) for of_seed in seeds]
    return Outcome(tuple((of_seed,) for of_seed in worst))


def _worst(answered: Sequence[Answered], metric: Metric) -> Answered:
    """Return for each example the worst of what one seed made of it."""
    if metric.fraction is None:
        chosen = np.argmin([each.scores for each in answered], axis=0)
    else:
        chosen = _lowest_ratio(*metric.fraction(np.stack([each.statistics(metric) for each in answered])))
    targets, predictions = [], []
    for number, version in enumerate(chosen.tolist()):
        targets.append(answered[version].targets[number])
        predictions.append(answered[version].predictions[number])
    return Answered(answered[0].task, targets, predictions)


def _lowest_ratio(above: Array, below: Array) -> NDArray[np.intp]:
    """Choose a version for each example so that the ratio of the sums is lowest (Dinkelbach 1967).

    Args:
        above: What is summed above the line, shape (versions, examples).
        below: What is summed below it, same shape.

    Returns:
        The version of each example, shape (examples,).
    """
    # Every round but the last finds a lower ratio, and choices are finite in number: the loop ends.
    lowest, chosen = np.inf, np.zeros(above.shape[1], np.intp)
    while True:
        # a ratio of at most 1 is below r exactly where above - r * below is negative: the sum is minimised one by one
        now = np.argmin(above - min(lowest, 1.0) * below, axis=0)
        # Both sums over all examples, each example with the version chosen for it: shape (2,).
        sums = np.take_along_axis(np.stack([above, below]), now[None, None], axis=1).sum(axis=(1, 2))
        # 0 / 0 is 0, as the metric itself has it.
        ratio = sums[0] / sums[1] if sums[1] else 0.0
        if ratio >= lowest:
            return chosen
        lowest, chosen = ratio, now
