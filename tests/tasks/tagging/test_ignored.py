"""Tags that nobody knows: they count for nothing."""

import numpy as np
import pytest

from charrobust.tasks.metrics import score
from charrobust.tasks.word_part import WordPart
from tests.tasks.data import task_of

TARGETS = [("B-X", None, "O"), (None, "B-Y", "I-Y")]
WHOLE = [("B-X", "O"), ("B-Y", "I-Y")]


@pytest.mark.parametrize("ignored", ["B-X", "I-X", "O", "B-Y"])
def test_what_is_said_of_an_ignored_token_does_not_matter(ignored):
    tagging = task_of("tagging")
    predictions = [("B-X", ignored, "B-Y"), (ignored, "B-Y", "O")]
    shorter = [("B-X", "B-Y"), ("B-Y", "O")]
    for metric, same in zip(tagging.metrics(TARGETS), tagging.metrics(WHOLE), strict=True):
        assert score(metric, TARGETS, predictions) == pytest.approx(score(same, WHOLE, shorter))
    assert tagging.example_scores(TARGETS, predictions).tolist() == [0.5, 0.5]
    assert tagging.right(TARGETS, [("B-X", ignored, "O"), (ignored, "B-Y", "O")]).tolist() == [True, False]


def test_ignored_tokens_are_in_no_part():
    tagging = task_of("tagging")
    split = np.array([0, 1, 2, 2, 3, 3, 3])  # the words 0, 1 and 3 are split
    part = WordPart(split, np.array([0, 3, 6]), wanted=True)
    accuracy = tagging.metrics([("NN", None)])[0]
    sums, words = tagging.part_statistics(accuracy, TARGETS, [("B-X", "O", "O"), ("O", "O", "O")], part)
    assert words == 1
    assert sums.tolist() == [[1, 1], [0, 0]]
