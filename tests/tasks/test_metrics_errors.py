"""Predictions that do not fit their targets."""

import pytest

from charrobust.tasks.metrics import score


@pytest.mark.parametrize("task", ["classification", "regression", "tagging", "qa"])
def test_another_number_of_predictions(task):
    targets = {"regression": [1.0, 2.0], "tagging": [["O"], ["O"]], "qa": [["a"], []]}.get(task, ["a", "b"])
    message = "expected one prediction for each of 2 targets, got 1"
    for call in (right, example_scores):
        with pytest.raises(ValueError, match=message):
            call(task, targets, targets[:1])
    for metric in metrics_for(task, targets):
        with pytest.raises(ValueError, match=message):
            score(metric, targets, targets[:1])


def test_another_number_of_tags():
    for metric in metrics_for("tagging", [["O"], ["O", "B-X"]]):
        with pytest.raises(ValueError, match="sentence 1 has 2 tags, got 1 predictions"):
            score(metric, [["O"], ["O", "B-X"]], [["O"], ["O"]])
