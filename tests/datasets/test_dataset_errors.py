"""Data sets that cannot be evaluated on."""

import pytest

from charrobust.datasets import load_data
from charrobust.datasets.formats import format_of
from charrobust.errors import DataError, UserError
from charrobust.tasks.classification.record import Classification


def test_no_examples(tmp_path):
    path = tmp_path / "empty.jsonl"
    path.write_text("")
    with pytest.raises(DataError, match=r"empty\.jsonl holds no examples; expected at least one"):
        read_data(format_of(path), Classification(("text",)))
    with pytest.raises(DataError, match="data holds no examples"):
        load_data([], [])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "two", "label": null}', r"nothing says what is right .* --label-column"),
        ('{"text": "two"}', r"there is no column 'label'; columns: text; see --label-column"),
    ],
)
def test_no_label(tmp_path, line, message):
    path = tmp_path / "some.jsonl"
    path.write_text(f'{{"text": "one", "label": "a"}}\n{line}\n')
    with pytest.raises(DataError, match=rf"some\.jsonl, line 2: {message}"):
        read_data(format_of(path), Classification(("text",)))


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
