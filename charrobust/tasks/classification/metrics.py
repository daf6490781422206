"""Metrics of classes: accuracy, F1, Matthews' coefficient. All are functions of counts by class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from charrobust.tasks.metrics import Array, Metric, f1_by_class, macro_f1, mean_of, ratio, with_ones


def classification_metrics(targets: Sequence[str], labels: Sequence[str] = ()) -> tuple[Metric, ...]:
    """Return the metrics of a classification: accuracy, macro F1, for two classes F1 of the second, and Matthews.

    Args:
        targets: The right classes.
        labels: The classes in order, as a data set or a model names them; others of the targets follow, sorted. The
            second of two is what F1 alone is of, as GLUE has it for paraphrases.

    Returns:
        The metrics, accuracy first.
    """
    classes = (*labels, *sorted(set(targets) - set(labels)))
    counts = _Counts(classes)
    metrics = [ACCURACY, Metric("macro F1", counts.by_class, macro_f1)]
    if len(classes) == 2:
        metrics.append(Metric(f"F1 of {classes[1]}", counts.by_class, _f1_of_second))
    return (*metrics, Metric("Matthews", counts.with_agreement, matthews))


def equal(targets: Sequence[str], predictions: Sequence[str]) -> NDArray[np.bool_]:
    """Tell for each example whether the prediction is right."""
    pairs = zip(targets, predictions, strict=True)
    return np.fromiter((wanted == said for wanted, said in pairs), bool, len(targets))


def _accuracy_statistics(targets: Sequence[str], predictions: Sequence[str]) -> Array:
    return with_ones(equal(targets, predictions))


ACCURACY = Metric("accuracy", _accuracy_statistics, mean_of)


class _Counts:
    """Counts examples by class; all classes that are not known count as one more."""

    def __init__(self, classes: Sequence[str]) -> None:
        self._numbers = {name: number for number, name in enumerate(classes)}

    def _one_hot(self, labels: Sequence[str]) -> NDArray[np.bool_]:
        other = len(self._numbers)
        numbers = np.fromiter((self._numbers.get(label, other) for label in labels), np.int64, len(labels))
        return np.equal(numbers[:, None], np.arange(other + 1), dtype=bool)

    def by_class(self, targets: Sequence[str], predictions: Sequence[str]) -> Array:
        """Return, class by class, whether it is right and said, said, and right: shape (examples, 3 classes)."""
        # All classes of targets are known (see `classification_metrics`): the last column holds what is said alone,
        # and counts as wrong.
        right, said = self._one_hot(targets), self._one_hot(predictions)
        return np.hstack([right & said, said, right]).astype(np.float64)

    def with_agreement(self, targets: Sequence[str], predictions: Sequence[str]) -> Array:
        """Return whether the prediction is right, and the one-hot rows of both: shape (examples, 1 + 2 classes)."""
        right, said = self._one_hot(targets), self._one_hot(predictions)
        return np.hstack([equal(targets, predictions)[:, None], said, right]).astype(np.float64)


def _f1_of_second(sums: Array) -> Array:
    return f1_by_class(sums)[0][..., 1]


def matthews(sums: Array) -> Array:
    """Return Matthews' correlation coefficient, for any number of classes (Gorodkin 2004)."""
    right, (said, actual) = sums[..., 0], np.split(sums[..., 1:], 2, axis=-1)
    count = said.sum(axis=-1)
    # Covariances of the one-hot rows of both, times count squared, which cancels.
    covariance = right * count - (said * actual).sum(axis=-1)
    spread = (count**2 - (said**2).sum(axis=-1)) * (count**2 - (actual**2).sum(axis=-1))
    return ratio(covariance, np.sqrt(spread))
