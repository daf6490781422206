"""Scores of sets of labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, label_ranking_average_precision_score

from charrobust.tasks.metrics import score
from charrobust.tasks.multilabel.metrics import LRAP, MICRO_F1, SUBSET_ACCURACY, multilabel_metrics, ranking_precision
from charrobust.tasks.multilabel.record import MultiLabel

TASK = MultiLabel(("text",))
LABELS = ("anger", "joy", "trust", "fear")


def prediction(probabilities):
    """Return what a model says that is this sure of each label."""
    pairs = tuple(zip(LABELS, probabilities, strict=True))
    return tuple(label for label, probability in pairs if probability >= 0.5), pairs


@st.composite
def scored_sets(draw):
    """Targets as 0 and 1, and probabilities, many of them equal."""
    count = draw(st.integers(1, 8))
    shape = (count, len(LABELS))
    held = draw(st.lists(st.booleans(), min_size=count * 4, max_size=count * 4))
    probabilities = draw(st.lists(st.sampled_from([0.0, 0.2, 0.5, 0.7, 1.0]), min_size=count * 4, max_size=count * 4))
    return np.reshape(held, shape), np.reshape(probabilities, shape)


def as_sets(held, probabilities):
    targets = [tuple(np.array(LABELS)[row].tolist()) for row in held]
    return targets, [prediction(row.tolist()) for row in probabilities]


@given(scored_sets())
def test_as_scikit_learn_has_them(pair):
    held, probabilities = pair
    chosen = probabilities >= 0.5
    targets, predictions = as_sets(held, probabilities)
    values = {metric.name: score(metric, targets, predictions) for metric in multilabel_metrics(targets, LABELS)}
    assert list(values) == ["micro F1", "macro F1", "subset accuracy", "LRAP"]
    assert values["micro F1"] == pytest.approx(f1_score(held, chosen, average="micro", zero_division=0))
    assert values["subset accuracy"] == pytest.approx(accuracy_score(held, chosen))
    assert values["LRAP"] == pytest.approx(label_ranking_average_precision_score(held, probabilities))
    by_label = f1_score(held, chosen, average=None, zero_division=0)
    occurring = (held | chosen).any(axis=0)
    assert values["macro F1"] == pytest.approx(by_label[occurring].mean() if occurring.any() else 0)


@given(scored_sets())
def test_the_ranking_of_each_example_as_scikit_learn_has_it(pair):
    held, probabilities = pair
    each = [
        label_ranking_average_precision_score(*rows) for rows in zip(held[:, None], probabilities[:, None], strict=True)
    ]
    assert ranking_precision(held, probabilities) == pytest.approx(each)


def test_by_hand():
    targets = [("joy", "trust"), (), ("fear",)]
    predictions = [prediction([0.1, 0.9, 0.4, 0.6]), prediction([0.1, 0.2, 0.3, 0.4]), prediction([0.9, 0.9, 0.9, 0.9])]
    # of 3 that hold 2 are found, among 6 that are chosen
    assert score(MICRO_F1, targets, predictions) == pytest.approx(2 * 2 / (3 + 6))
    assert score(SUBSET_ACCURACY, targets, predictions) == pytest.approx(1 / 3)
    # joy is first; of the three down to trust two hold; no label: 1; fear ties with all four
    assert score(LRAP, targets, predictions) == pytest.approx(((1 + 2 / 3) / 2 + 1 + 1 / 4) / 3)
    assert TASK.example_scores(targets, predictions).tolist() == pytest.approx([2 * 1 / 4, 1, 2 / 5])
    assert TASK.right(targets, predictions).tolist() == [False, True, False]


def test_a_label_that_the_model_does_not_know_is_ranked_last():
    targets = [("new", "joy")]
    assert score(LRAP, targets, [prediction([0.1, 0.9, 0.0, 0.0])]) == pytest.approx((1 + 2 / 5) / 2)


def test_the_worst_choice_of_versions_is_a_ratio_of_sums():
    sums = np.array([[2.0, 6.0, 3.0], [0.0, 0.0, 0.0]])
    above, below = MICRO_F1.fraction(sums)
    assert (above.tolist(), below.tolist()) == ([4, 0], [9, 0])
    assert MICRO_F1.value(sums).tolist() == pytest.approx([4 / 9, 0])


def test_another_number_of_predictions():
    for call in (TASK.right, TASK.example_scores):
        with pytest.raises(ValueError, match="expected one prediction for each of 2 targets, got 1"):
            call([("joy",), ()], [prediction([0, 0, 0, 0])])
