"""Reading labels in all the ways that data sets write them, and leaving them as they are."""

import json

import numpy as np
import pandas as pd
import pytest

from charrobust.datasets.load import load_data
from charrobust.datasets.source import open_source
from charrobust.perturb import Attack, load_recipe
from charrobust.tasks.examples import Example
from charrobust.tasks.multilabel.record import MultiLabel
from charrobust.tasks.records import Batch, Place

EXAMPLE = Example("0", ("text",), None)
NAMES = ("anger", "joy", "trust")


def targets(values, **options):
    """Return the targets of records whose label column holds some values."""
    records = [{"text": f"a fine film {number}", "labels": value} for number, value in enumerate(values)]
    data = load_data(records, task="multilabel", labelled=False, **options)
    return [example.target for example in data.examples]


def test_names():
    assert targets([["trust", "joy"], ["joy"], [], None]) == [("joy", "trust"), ("joy",), (), None]


def test_the_order_of_labels_is_that_of_their_numbers():
    data = load_data(
        [{"text": "a", "labels": ["joy", "anger"]}, {"text": "b", "labels": []}],
        task="multilabel", class_names=["trust", "joy", "anger"],
    )  # fmt: skip
    assert data.examples[0].target == ("joy", "anger")
    assert data.classes == ("joy", "anger")


@pytest.mark.parametrize("values", [[[2], [1, 0], []], [[0, 2], [0, 1], []]])
def test_numbers(values):
    numbers = [tuple(map(str, sorted(value))) for value in values]
    assert targets(values) == numbers
    names = [tuple(NAMES[number] for number in sorted(value)) for value in values]
    assert targets(values, class_names=NAMES) == names


@pytest.mark.parametrize("true", [1, True, 1.0])
def test_multi_hot(true):
    false = type(true)(0)
    values = [[false, true, true], [true, false, true], [false, false, false], [true, true, true]]
    wanted = [("joy", "trust"), ("anger", "trust"), (), NAMES]
    assert targets(values, class_names=NAMES) == wanted
    assert targets(values) == [tuple(str(NAMES.index(name)) for name in names) for names in wanted]


def test_lists_that_may_be_either_are_what_is_said():
    values = [[1, 0], [0, 1], [1, 1]]
    assert targets(values, label_form="multi-hot", class_names=["a", "b"]) == [("a",), ("b",), ("a", "b")]
    assert targets(values[:2], label_form="numbers") == [("0", "1"), ("0", "1")]
    assert targets([[1, 0], [2]], label_form="numbers", class_names=NAMES) == [("anger", "joy"), ("trust",)]
    # with three labels a multi-hot list has three items
    assert targets([[1, 0], [2]], class_names=NAMES) == [("anger", "joy"), ("trust",)]


@pytest.mark.parametrize(("true", "false"), [("1", "0"), (1, 0), ("True", "False"), (1.0, 0.0)])
def test_a_column_for_each_label(true, false):
    records = [{"text": "a", "toxic": true, "threat": false}, {"text": "b", "toxic": false, "threat": false}]
    records += [{"text": "c", "toxic": -1, "threat": -1}]  # how the Jigsaw set marks what is not scored
    data = load_data(records, task="multilabel", label_column=["toxic", "threat"])
    assert [example.target for example in data.examples] == [("toxic",), ()]
    assert data.unlabelled == 1
    assert data.task.names_in_order == ("toxic", "threat")


def test_text_that_holds_a_list(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text('text,labels\na,"[""joy"", ""trust""]"\nb,"[\'joy\']"\nc,[]\nd,\n', encoding="utf-8")
    data = load_data(path, task="multilabel")
    assert [example.target for example in data.examples] == [("joy", "trust"), ("joy",), ()]
    assert data.unlabelled == 1


@pytest.mark.parametrize("separator", ["|", ";", ", "])
def test_labels_with_a_sign_between(separator):
    values = [f"trust{separator}joy", "joy", ""]
    assert targets(values, label_separator=separator) == [("joy", "trust"), ("joy",), None]
    # where the user says what a missing label is, an empty field is none of them
    wanted = [("joy", "trust"), ("joy",), ()]
    assert targets(values, label_separator=separator, missing_label="NA") == wanted


def test_a_multi_hot_text():
    assert targets(["0,1,1"], label_separator=",", label_form="multi-hot", class_names=NAMES) == [("joy", "trust")]


@pytest.mark.parametrize("value", [None, float("nan"), "-", [-1, -1, -1], [None], [float("nan")] * 3])
def test_missing_labels(value):
    assert targets([[0, 1, 1], value], class_names=NAMES) == [("joy", "trust"), None]


def test_other_names_may_make_two_labels_one():
    renamed = targets([["anger", "joy"], ["trust"]], label_map={"anger": "feeling", "joy": "feeling"})
    assert renamed == [("feeling",), ("trust",)]


def test_arrays_and_data_frames():
    frame = pd.DataFrame({"text": ["a", "b"], "labels": [np.array([0, 1, 1]), np.array([0, 0, 0])]})
    data = load_data(frame, task="multilabel", class_names=NAMES)
    assert [example.target for example in data.examples] == [("joy", "trust"), ()]


def test_lists_of_texts_and_labels():
    data = load_data(["a", "b"], [["joy"], {"trust", "joy"}], task="multilabel")
    assert [example.target for example in data.examples] == [("joy",), ("joy", "trust")]


def test_class_labels_of_the_datasets_library():
    datasets = pytest.importorskip("datasets")
    features = datasets.Features(
        {"text": datasets.Value("string"), "labels": datasets.Sequence(datasets.ClassLabel(names=list(NAMES)))}
    )
    data = datasets.Dataset.from_dict({"text": ["a", "b", "c"], "labels": [[2], [0, 1], []]}, features=features)
    loaded = load_data(data, task="multilabel")
    assert [example.target for example in loaded.examples] == [("trust",), ("anger", "joy"), ()]


def test_a_card(tmp_path):
    (tmp_path / "feelings.jsonl").write_text('{"text": "a", "hot": [0, 1, 1]}\n')
    (tmp_path / "feelings.toml").write_text(
        'summary = "s"\nsource = "s"\nlicence = "l"\ntask = "multilabel"\ndefault_split = "train"\n'
        'labels = ["anger", "joy", "trust"]\n[files]\ntrain = "feelings.jsonl"\n'
        '[columns]\ntexts = ["text"]\nlabel = "hot"\nlabel_form = "multi-hot"\n'
    )
    data = load_data(str(tmp_path / "feelings.toml"))
    assert data.examples[0].target == ("joy", "trust")
    assert data.task.names_in_order == NAMES


CLAIMED = [["joy"], ["joy", "trust"], [0, 1, 0], [3], [True, False], '["joy"]']
NOT_CLAIMED = [[[0, 6, "PER"]], [{"start": 0}], [], "joy", 1, None, {"joy": 1}, [0.2, 0.8], "[sic] fine"]


@pytest.mark.parametrize("value", CLAIMED)
def test_what_can_only_be_several_labels(value, tmp_path):
    assert MultiLabel.claims({"text": "a", "labels": value}, "labels")
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"text": "a", "labels": value}) + "\n")
    source = open_source(path, options=None if value is None else _as_classes())
    assert source.task.name == "multilabel"
    assert source.notes == ("in.jsonl: by its columns the task is multilabel, not classification",)


def _as_classes():
    from charrobust.datasets.options import DataOptions

    return DataOptions(task="classification")


@pytest.mark.parametrize("value", NOT_CLAIMED)
def test_what_may_be_something_else(value):
    assert not MultiLabel.claims({"text": "a", "labels": value}, "labels")


def test_tags_are_no_labels():
    record = {"text": "New York", "tokens": ["New", "York"], "labels": ["B-LOC", "I-LOC"]}
    assert not MultiLabel.claims(record, "labels")


def test_an_attack_changes_the_text_alone_and_is_undone():
    record = {"id": "a", "text": "a wonderful story about weather and words", "labels": [1, 0, 0], "other": None}
    place = Place("in.jsonl", "line 1")
    task = MultiLabel.detect(record, place)
    batch = Batch(0, [record], [place])
    perturbed = task.perturb(batch, Attack(load_recipe("charbert"), seed=1))
    (attacked,) = perturbed.records
    assert attacked["text"] != record["text"]
    assert {**attacked, "text": record["text"]} == record
    assert task.restore(attacked, perturbed.edits(), place) == record


def test_predictions():
    probabilities = (("joy", 0.9), ("trust", 0.2))
    assert MultiLabel.is_prediction((("joy",), probabilities), EXAMPLE)
    assert MultiLabel.is_prediction(((), ()), EXAMPLE)
    for value in ("joy", ("joy",), ("joy", "trust"), (("joy",), ("joy",)), (("joy",), (("joy", "1"),)), ((1,), ())):
        assert not MultiLabel.is_prediction(value, EXAMPLE)
    task = MultiLabel(("text",))
    renamed = task.renamed((("joy",), probabilities), {"joy": "delight"})
    assert renamed == (("delight",), (("delight", 0.9), ("trust", 0.2)))


def test_texts_on_a_page():
    task = MultiLabel(("text",))
    assert task.target_text(("joy", "trust")) == "joy, trust"
    assert task.target_text(()) == task.prediction_text(((), (("joy", 0.1),))) == "(no label)"
    assert task.target_text(None) == ""
    assert task.filters("joy, trust") == ["joy", "trust"]
