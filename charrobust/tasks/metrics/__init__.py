"""Metrics by task. A new one is a :class:`Metric` in its task's file; nothing here needs a neural library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from charrobust.tasks.metrics.base import Metric, check_paired, ratio, score
from charrobust.tasks.metrics.classification import classification_metrics, equal
from charrobust.tasks.metrics.question_answering import answer_f1, exact_matches, qa_metrics
from charrobust.tasks.metrics.regression import regression_metrics
from charrobust.tasks.metrics.tagging import right_tags, tagging_metrics

if TYPE_CHECKING:
    from charrobust.datasets.cards import Task


def metrics_for(task: Task | str, targets: Sequence[Any], labels: Sequence[str] = ()) -> tuple[Metric, ...]:
    """Return the metrics of a task, the main one first.

    Args:
        task: The task, or its name.
        targets: What is right; tells whether tags mark spans.
        labels: Classification: the classes in order, among them any that a model may say besides those of the targets.
    """
    match _name(task):
        case "classification":
            return classification_metrics(targets, labels)
        case "regression":
            return regression_metrics()
        case "tagging":
            return tagging_metrics(targets)
        case _:
            return qa_metrics()


def example_scores(task: Task | str, targets: Sequence[Any], predictions: Sequence[Any]) -> NDArray[np.float64]:
    """Return a score of each example, more being better.

    Classification: 1 if right, else 0. Regression: minus the distance. Tagging: the share of right tags (1 for a
    sentence of no tokens). Question answering: F1 of words, and one more for an exact match.
    """
    check_paired(targets, predictions)
    match _name(task):
        case "classification":
            return equal(targets, predictions).astype(np.float64)
        case "regression":
            return -np.abs(np.asarray(targets, np.float64) - np.asarray(predictions, np.float64))
        case "tagging":
            right, tags = right_tags(targets, predictions).T
            return np.where(tags == 0, 1.0, ratio(right, tags))
        case _:
            return answer_f1(targets, predictions) + exact_matches(targets, predictions)


def right(task: Task | str, targets: Sequence[Any], predictions: Sequence[Any]) -> NDArray[np.bool_] | None:
    """Tell which examples are right.

    Classification: the class. Tagging: all tags. Question answering: exact match. Regression: None, as right and wrong
    do not apply to numbers.
    """
    check_paired(targets, predictions)
    match _name(task):
        case "classification":
            return equal(targets, predictions)
        case "regression":
            return None
        case "tagging":
            found, tags = right_tags(targets, predictions).T
            return np.asarray(found == tags)
        case _:
            return exact_matches(targets, predictions) > 0


def _name(task: Task | str) -> str:
    return task if isinstance(task, str) else task.name


__all__ = ["Metric", "example_scores", "metrics_for", "right", "score"]
