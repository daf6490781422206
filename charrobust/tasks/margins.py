"""Margins: how surely the target of an example wins over all else that a system might say.

A margin is positive where the target wins, negative where something else does, and 0 at the border between both. It
orders the forms of one example; margins of unlike systems are on unlike scales.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.tasks.metrics import Array

_NEXT_TO_NOTHING = float(np.finfo(np.float64).tiny)  # stands for a probability of 0, which has no logarithm
_ROUNDING = 1e-3  # how far from 1 the sum of probabilities may be, as services round them


def class_margins(targets: Sequence[str | None], scores: Array, labels: Sequence[str]) -> Array:
    """Return the lead of the right class over the best other one: of log probabilities, or of scores that are none.

    Args:
        targets: The right class of each example; None where it is not known.
        scores: A number for each class, more being more probable, shape (examples, classes).
        labels: What the data call each class; several may have one name, and count as one.

    Returns:
        Shape (examples,); minus infinity where the system knows no such class, NaN where the target is not known.
    """
    names, right_classes = np.array(labels, object), np.array(targets, object)
    comparable = _comparable(scores)
    margins = np.full(len(targets), np.nan)
    for target in dict.fromkeys(targets):
        if target is not None:
            rows = np.flatnonzero(right_classes == target)
            margins[rows] = lead(comparable[rows], names == target)
    return margins


def _comparable(scores: Array) -> Array:
    """Return the logarithms of scores that are probabilities, which tell sure from very sure; others as they are."""
    # Row by row, as what is said of an example must not depend on the others.
    is_distribution = (scores >= 0).all(1) & (np.abs(scores.sum(1) - 1) < _ROUNDING)
    logarithms = np.log(np.maximum(scores, _NEXT_TO_NOTHING))
    return np.where(is_distribution[:, None], logarithms, scores)


def lead(scores: NDArray[Any], is_right: NDArray[np.bool_]) -> Array:
    """Return how far the best right choice is before the best other one.

    Args:
        scores: A finite score for each choice, shape (..., choices).
        is_right: Which are right, shape (choices,).

    Returns:
        The difference, shape (...); minus infinity where none is right, else plus infinity where all are.
    """
    if not is_right.any():
        return np.full(scores.shape[:-1], -np.inf)
    best = scores[..., is_right].max(-1)
    other = scores[..., ~is_right].max(-1, initial=-np.inf)
    return np.asarray(best - other, np.float64)


def row_leads(scores: NDArray[Any], is_right: NDArray[np.bool_]) -> Array:
    """Return the lead of the best right choice in each row; as :func:`lead`, where what is right differs by row.

    Args:
        scores: Finite scores of choices, shape (rows, choices).
        is_right: Which are right, same shape.

    Returns:
        Shape (rows,).
    """
    best = np.where(is_right, scores, -np.inf).max(1, initial=-np.inf)
    other = np.where(is_right, -np.inf, scores).max(1, initial=-np.inf)
    # Where nothing is right, it does not matter what else there is: two infinities would make NaN.
    return np.asarray(best - np.where(is_right.any(1), other, 0.0), np.float64)


def label_margins(
    targets: Sequence[Collection[str] | None], probabilities: Array, labels: Sequence[str], threshold: float
) -> Array:
    """Return the least of the margins of labels that do not exclude each other, each in log odds beyond the threshold.

    Args:
        targets: The labels that hold of each example; None where they are not known.
        probabilities: Of each label, shape (examples, labels).
        labels: What the data call each label; of several of one name the most probable counts.
        threshold: The probability at which a label is chosen.

    Returns:
        Shape (examples,); minus infinity where a label that holds is not known to the system, NaN where the target is
        not known.
    """
    odds = _log_odds(probabilities) - _log_odds(np.array(threshold))
    names = list(dict.fromkeys(labels))
    columns = np.array(labels, object)
    # Shape (labels of distinct names, examples).
    by_name = np.array([odds[:, columns == name].max(1) for name in names]).reshape(len(names), len(targets))
    margins = np.full(len(targets), np.nan)
    for row, target in enumerate(targets):
        if target is None:
            continue
        sides = np.array([1.0 if name in target else -1.0 for name in names])
        is_sayable = set(target) <= set(names)
        margins[row] = (sides * by_name[:, row]).min() if is_sayable else -np.inf
    return margins


def _log_odds(probabilities: Array) -> Array:
    """Return the logarithms of odds, finite ones also of 0 and 1."""
    holds = np.log(np.maximum(probabilities, _NEXT_TO_NOTHING))
    odds: Array = holds - np.log(np.maximum(1 - probabilities, _NEXT_TO_NOTHING))
    return odds
