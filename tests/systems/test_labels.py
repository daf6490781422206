"""What a data set calls the labels of a model."""

import pytest

from charrobust.datasets import load_data
from charrobust.systems.labels import answer_names, label_names, translated
from tests.scoring.fakes import fake_system
from tests.tasks.data import json_lines, task_of, write


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


BOTH = {"pos": "positive", "neg": "negative"}


@pytest.mark.parametrize("label_map", [BOTH, ["pos=positive", "neg=negative"], list(BOTH.items())])
@pytest.mark.parametrize("written", [("pos", "neg"), ("positive", "negative")])
@pytest.mark.parametrize("told", [("pos", "neg"), ("positive", "negative")])
def test_a_label_map_works_both_ways(told, written, label_map):
    """Data and model may have either name: both get the new one."""
    data = load_data(["a", "b"], written, label_map=label_map)
    assert [example.target for example in data.examples] == ["positive", "negative"]
    assert list(label_names(fake_system(labels=told), data).values()) == ["positive", "negative"]
    assert list(answer_names("m", data, told).names.values()) == ["positive", "negative"]


@pytest.mark.parametrize("label_map", ['{pos = "positive", neg = "negative"}', '["pos=positive", "neg=negative"]'])
def test_a_label_map_of_a_card(tmp_path, label_map):
    rows = [{"text": "a", "label": "pos"}, {"text": "b", "label": "negative"}]
    write(tmp_path / "rows.jsonl", json_lines(rows))
    card = write(
        tmp_path / "card.toml",
        'summary = "s"\nsource = "s"\nlicence = "l"\ntask = "classification"\ndefault_split = "test"\n'
        f'[files]\ntest = "rows.jsonl"\n[columns]\ntexts = ["text"]\nlabel = "label"\nlabel_map = {label_map}\n',
    )
    data = load_data(card)
    assert data.classes == ("negative", "positive")
    assert label_names(fake_system(labels=("neg", "pos")), data) == {"neg": "negative", "pos": "positive"}


def test_a_label_map_of_numbers_and_of_what_has_no_number():
    data = load_data(
        ["a", "b", "c"], ["0", "good", "bad"], class_names=["bad", "fine"], label_map={"0": "awful", "good": "fine"}
    )
    assert [example.target for example in data.examples] == ["awful", "fine", "bad"]
