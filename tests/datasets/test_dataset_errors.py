"""Data sets that cannot be evaluated on."""

import pytest

from charrobust.datasets import load_data
from charrobust.errors import DataError, UserError


def test_no_examples(tmp_path):
    path = tmp_path / "empty.jsonl"
    path.write_text("")
    with pytest.raises(DataError, match=r"empty\.jsonl holds no records; expected at least one"):
        load_data(path, task="classification")
    with pytest.raises(DataError, match="data holds no examples"):
        load_data([], [])


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (['{"text": "one", "label": null}'] * 2, r"none of 2 examples has a label .column 'label'.* `label_column`"),
        (
            ['{"text": "one", "lable": "a"}'],
            r"line 1: there is no target column.*text, lable; name it with `label_column`",
        ),
    ],
)
def test_no_label_at_all(tmp_path, lines, message):
    path = tmp_path / "some.jsonl"
    path.write_text("".join(line + "\n" for line in lines))
    with pytest.raises(DataError, match=message):
        load_data(path, task="classification")


@pytest.mark.parametrize(
    ("option", "task"), [("text_column", "classification"), ("field", "classification"), ("label_column", "multilabel")]
)
def test_columns_that_are_named_twice(option, task):
    column = "label" if option == "label_column" else "text"
    with pytest.raises(UserError, match=f"`{option}` names a column twice: {column}, {column}"):
        load_data([{"text": "a", "label": "x"}], task=task, **{option: [column, column]})


def test_plain_lists_that_do_not_fit():
    with pytest.raises(DataError, match="expected a target for each of 2 inputs, got 1"):
        load_data(["a", "b"], ["x"])
    with pytest.raises(UserError, match="unknown task 'clasification'; did you mean 'classification'"):
        load_data(["a"], ["x"], task="clasification")
    with pytest.raises(DataError, match="example 0: 2 tokens but 1 tags"):
        load_data([["a", "b"]], [["O"]], task="tagging")
    with pytest.raises(DataError, match="it does not occur in the context"):
        load_data([("who?", "me")], [["you"]], task="qa")
    with pytest.raises(DataError, match=r"example 1: expected 2 texts .text_a, text_b. as of other .* got"):
        load_data([("a", "b"), ("a", "b", "c")], ["x", "y"])
