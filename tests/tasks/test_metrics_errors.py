"""Predictions that do not fit their targets."""

import pytest

from charrobust.tasks.metrics import score
from tests.tasks.data import task_of


@pytest.mark.parametrize("task", ["classification", "regression", "tagging", "qa"])
def test_another_number_of_predictions(task):
    targets = {"regression": [1.0, 2.0], "tagging": [["O"], ["O"]], "qa": [["a"], []]}.get(task, ["a", "b"])
    message = "expected one prediction for each of 2 targets, got 1"
    for call in (task_of(task).right, task_of(task).example_scores):
        with pytest.raises(ValueError, match=message):
            call(targets, targets[:1])
    for metric in task_of(task).metrics(targets):
        with pytest.raises(ValueError, match=message):
            score(metric, targets, targets[:1])


def test_another_number_of_tags():
    for metric in task_of("tagging").metrics([["O"], ["O", "B-X"]]):
        with pytest.raises(ValueError, match="sentence 1 has 2 tags, got 1 predictions"):
            score(metric, [["O"], ["O", "B-X"]], [["O"], ["O"]])
