"""Which task a data set is for, told by its columns."""

import pytest

from charrobust import load_data
from tests.tasks.data import write

PLAIN = {"text": "a fine day"}


@pytest.mark.parametrize(
    ("record", "task"),
    [
        (PLAIN, "text"),
        (PLAIN | {"label": "good"}, "classification"),
        (PLAIN | {"label": 3}, "classification"),
        (PLAIN | {"label": "1"}, "classification"),
        (PLAIN | {"label": 3.5}, "regression"),
        ({"sentence1": "a", "sentence2": "b", "label": "0.25"}, "regression"),
        (PLAIN | {"labels": ["joy", "fear"]}, "multilabel"),
        (PLAIN | {"entities": [[2, 6, "X"]]}, "spans"),
        ({"tokens": ["a", "day"], "ner_tags": ["O", "O"]}, "tagging"),
        ({"question": "which?", "context": "this", "answers": []}, "qa"),
    ],
)
def test_columns_tell_the_task(record, task):
    data = load_data([record], labelled=False)
    assert data.task.name == task
    assert f"by its columns the task is {task} (texts: " in data.notes()[0]


def test_named_columns_tell_too():
    record = {"review": "a fine day", "joy": 1, "fear": 0}
    assert load_data([record], text_column="review", labelled=False).task.name == "text"
    assert load_data([record], text_column="review", label_column="joy").task.name == "classification"
    assert load_data([record], text_column="review", label_column=["joy", "fear"]).task.name == "multilabel"


def test_a_record_without_a_label_does_not_tell():
    assert load_data([PLAIN | {"label": None}, PLAIN | {"label": "good"}]).task.name == "classification"


def test_what_is_named_or_told_by_the_format_is_not_noted(tmp_path):
    path = write(tmp_path / "in.csv", "text,label\na day,good\n")
    assert load_data(path, task="classification").notes() == []
    assert load_data(path).notes() == [
        "in.csv: by its columns the task is classification (texts: text; targets: label); `task` names another"
    ]
    assert load_data(write(tmp_path / "in.conll", "a O\nday O\n")).notes() == []


@pytest.mark.parametrize(
    ("text", "label"), [("review", "sentiment"), ("tweet", "label"), ("text", "category"), ("utterance", "intent")]
)
def test_columns_as_tables_of_reviews_tweets_and_intents_have_them_are_told(text: str, label: str) -> None:
    """One of these names alone says nothing: beside a label it is the text's."""
    found = load_data([{"id": 7, text: "a fine day", label: "good"}, {"id": 8, text: "a poor one", label: "bad"}])
    assert (found.task.name, found.task.changed, found.task.target_column) == ("classification", (text,), label)
