"""What a data set calls the labels of a model."""

import pytest

from charrobust.datasets import load_data
from charrobust.systems.labels import label_names, translated
from tests.scoring.fakes import fake_system
from tests.tasks.data import task_of


def names_of(told, wanted, order=(), task="classification"):
    inputs = ["text"] * len(wanted) if task == "classification" else [["token"] * len(wanted)]
    targets = list(wanted) if task == "classification" else [list(wanted)]
    data = load_data(inputs, targets, task=task, class_names=order)
    return label_names(fake_system(task=task, labels=told), data)


@pytest.mark.parametrize(
    ("told", "wanted", "order", "names"),
    [
        (("bad", "good"), ("good", "bad"), (), ("bad", "good")),
        (("bad", "good", "so-so"), ("good", "bad"), (), ("bad", "good", "so-so")),
        (("NEGATIVE", "POSITIVE"), ("negative", "positive"), (), ("negative", "positive")),
        (("LABEL_0", "LABEL_1"), ("1", "0"), (), ("0", "1")),
        (("LABEL_0", "LABEL_1", "LABEL_2"), ("1", "0"), (), ("0", "1", "2")),
        (("0", "1"), ("bad", "good"), ("bad", "good"), ("bad", "good")),
        (("LABEL_0", "LABEL_1"), ("bad", "good"), ("good", "bad"), ("good", "bad")),
    ],
)
def test_classes(told, wanted, order, names):
    assert names_of(told, wanted, order) == dict(zip(told, names, strict=True))


def test_a_model_may_lack_a_rare_tag():
    told = ("O", "B-PER", "I-PER")
    assert names_of(told, ("O", "B-PER", "I-PER", "I-LOC"), task="tagging") == {tag: tag for tag in told}
    assert names_of(("o", "b-per"), ("O", "B-PER"), task="tagging") == {"o": "O", "b-per": "B-PER"}


def test_other_tasks_have_no_labels():
    data = load_data(["a", "b"], [1.0, 2.0], task="regression")
    assert label_names(fake_system(task="regression", labels=()), data) == {}


def test_predictions_are_translated():
    assert translated(task_of("classification"), ["a", "b"], {"a": "x"}) == ["x", "b"]
    assert translated(task_of("tagging"), [("a", "b"), ()], {"a": "x"}) == [("x", "b"), ()]
    assert translated(task_of("regression"), [1.5], {}) == [1.5]
    assert translated(task_of("qa"), ["text"], {}) == ["text"]
