"""Arrays of texts that are made without a string of Python for each hold the same texts."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.datasets.arrow_texts import cut_texts, taken
from charrobust.datasets.edit_log import to_arrow
from charrobust.perturb import Attack
from charrobust.perturb.code_points import encode
from charrobust.tasks.records import Entries, FieldLog

TEXTS = st.lists(st.text(st.characters(codec="utf-8"), max_size=4))


def lengths_of(texts):
    return np.fromiter(map(len, texts), np.int64, len(texts))


@given(TEXTS)
def test_texts_are_cut(texts):
    array = cut_texts(encode("".join(texts)), lengths_of(texts))
    array.validate(full=True)
    assert array.to_pylist() == texts


@given(st.lists(st.text(st.characters(max_codepoint=255), max_size=4)))
def test_texts_of_narrow_code_points_are_cut(texts):
    narrow = np.frombuffer("".join(texts).encode("latin-1"), np.uint8)
    assert cut_texts(narrow, lengths_of(texts)).to_pylist() == texts


def test_a_text_that_cannot_be_encoded_is_named():
    texts = ["so", "", "a\ud800", "b"]
    with pytest.raises(UnicodeEncodeError) as caught:
        cut_texts(encode("".join(texts)), lengths_of(texts))
    assert caught.value.object == "a\ud800"


def test_texts_are_taken():
    assert taken(["a", "é"], np.array([1, 1, 0])).to_pylist() == ["é", "é", "a"]


@given(st.lists(st.text(st.sampled_from("abcdeé😀 "), max_size=30), max_size=5))
def test_a_log_holds_the_texts_of_the_edits(texts):
    table = Attack.load("charbert").texts(texts).edits
    entries = Entries(
        range(7, 7 + len(texts)), [f"é{text}" for text in texts], ["text"] * len(texts), [False] * len(texts)
    )
    rows = to_arrow([FieldLog(entries, table)])
    assert isinstance(rows, pa.Table)
    assert rows.column("old_text").to_pylist() == table.old_texts()
    assert rows.column("new_text").to_pylist() == table.new_texts()
    assert rows.column("row").to_pylist() == [7 + number for number in table.example.tolist()]
    assert rows.column("example").to_pylist() == [f"é{texts[number]}" for number in table.example.tolist()]
    assert rows.column("operator").to_pylist() == [table.operators[number] for number in table.operator.tolist()]
