"""Metrics of sets of labels: micro and macro F1, subset accuracy, label-ranking average precision.

A prediction is (chosen labels, ((label, probability), ...)): what is chosen for F1 and accuracy, the probabilities of
all labels that a model knows for the ranking.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from charrobust.tasks.examples import Prediction
from charrobust.tasks.metrics import (
    Array,
    Metric,
    f1,
    f1_by_example,
    f1_fraction,
    macro_f1,
    mean_of,
    overlaps,
    ratio,
    with_ones,
)

Labels = Sequence[str]


def multilabel_metrics(targets: Sequence[Labels], labels: Labels = ()) -> tuple[Metric, ...]:
    """Return the metrics: micro F1, macro F1, subset accuracy, label-ranking average precision (LRAP).

    Args:
        targets: The labels that hold for each example.
        labels: The labels in order; others of the targets follow, sorted.

    Returns:
        The metrics, micro F1 first.
    """
    others = sorted(set(chain.from_iterable(targets)).difference(labels))
    counts = _Counts((*labels, *others))
    return MICRO_F1, Metric("macro F1", counts.by_label, macro_f1), SUBSET_ACCURACY, LRAP


def example_f1(targets: Sequence[Labels], predictions: Sequence[Prediction]) -> Array:
    """Return F1 of the labels of each example, shape (examples,); 1 where none hold and none are chosen."""
    return f1_by_example(_overlaps(targets, predictions))


def _overlaps(targets: Sequence[Labels], predictions: Sequence[Prediction]) -> Array:
    """Return how many labels hold and are chosen, are chosen, and hold: shape (examples, 3)."""
    return overlaps(targets, [chosen for chosen, _ in predictions])


def _exact(targets: Sequence[Labels], predictions: Sequence[Prediction]) -> Array:
    """Return (1 for exactly the right labels, else 0; 1) of each example."""
    # The ones are the number of examples: divided by their sum, the sum of the rest is the mean of any resample.
    return with_ones(exact_matches(targets, predictions))


def exact_matches(targets: Sequence[Labels], predictions: Sequence[Prediction]) -> NDArray[np.bool_]:
    """Return whether exactly the right labels are chosen for each example, shape (examples,)."""
    exact = np.zeros(len(targets), bool)
    for row, (target, (chosen, _)) in enumerate(zip(targets, predictions, strict=True)):
        exact[row] = set(target) == set(chosen)
    return exact


class _Counts:
    """Counts examples by label; all labels that are not known count as one more."""

    def __init__(self, labels: Labels) -> None:
        self._numbers = _numbered(labels)

    def _hot(self, sets: Sequence[Labels]) -> NDArray[np.bool_]:
        """Return whether each label is in each set, shape (sets, labels + 1)."""
        other = len(self._numbers)
        hot = np.zeros((len(sets), other + 1), bool)
        for row, labels in enumerate(sets):
            for label in labels:
                hot[row, self._numbers.get(label, other)] = True
        return hot

    def by_label(self, targets: Sequence[Labels], predictions: Sequence[Prediction]) -> Array:
        """Return, label by label, whether it holds and is chosen, is chosen, and holds: (examples, 3 labels)."""
        # All labels of targets are known (see `multilabel_metrics`): the column of the others holds only what is
        # chosen, and counts as wrong.
        held, chosen = self._hot(targets), self._hot([labels for labels, _ in predictions])
        return np.hstack([held & chosen, chosen, held]).astype(np.float64)


def ranking_precision(held: NDArray[np.bool_], scores: Array) -> Array:
    """Return the average precision of the ranking of labels, example by example.

    Of each label that holds: the share of labels that hold among those with a score as high or higher; the mean of
    these (Tsoumakas et al., "Mining multi-label data", 2010). 1 where no label holds or all do.

    Args:
        held: Whether each label holds, shape (examples, labels).
        scores: The score of each, same shape, finite.

    Returns:
        Shape (examples,).
    """
    from scipy.stats import rankdata

    if held.size == 0:
        return np.ones(len(held))
    # the highest rank of a tie counts: of equal scores all are "as high or higher"
    among_all = rankdata(-scores, "max", axis=1)
    # labels that do not hold are put behind all others, so that a rank counts those that hold alone
    among_held = rankdata(np.where(held, -scores, np.inf), "max", axis=1)
    precision = np.where(held, among_held / among_all, 0.0).sum(axis=1)
    count = held.sum(axis=1)
    trivial = (count == 0) | (count == held.shape[1])
    return np.where(trivial, 1.0, ratio(precision, count))


def _ranking_statistics(targets: Sequence[Labels], predictions: Sequence[Prediction]) -> Array:
    """Return (average precision of the ranking, 1) of each example."""
    columns = _numbered(chain(chain.from_iterable(targets), _ranked_labels(predictions)))
    held = np.zeros((len(targets), len(columns)), bool)
    # a label that a model does not know is ranked behind all that it knows
    scores = np.full(held.shape, -1.0)
    for row, (target, (_, probabilities)) in enumerate(zip(targets, predictions, strict=True)):
        for label in target:
            held[row, columns[label]] = True
        for label, probability in probabilities:
            scores[row, columns[label]] = probability
    return with_ones(ranking_precision(held, scores))


def _numbered(labels: Iterable[str]) -> dict[str, int]:
    """Number distinct labels."""
    # Unlike a set, the keys of a dict keep the order in which labels come.
    return {label: number for number, label in enumerate(dict.fromkeys(labels))}


def _ranked_labels(predictions: Sequence[Prediction]) -> Iterable[str]:
    """Go through the labels that predictions give probabilities of."""
    for _, probabilities in predictions:
        for label, _ in probabilities:
            yield label


MICRO_F1 = Metric("micro F1", _overlaps, f1, f1_fraction)
SUBSET_ACCURACY = Metric("subset accuracy", _exact, mean_of)
LRAP = Metric("LRAP", _ranking_statistics, mean_of)
