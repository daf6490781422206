"""Edits can be undone, replayed, and spans moved through them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.errors import DataError
from charrobust.perturb import Edit, EditedText, replay, revert


@st.composite
def edited(draw) -> EditedText:
    """A text with disjoint edits that do not touch, as the engine makes them."""
    source = draw(st.text(alphabet="abc ", min_size=1, max_size=20))
    edits, new, position, last = [], "", 0, -1
    for start in range(len(source) + 1):
        if start <= last or not draw(st.booleans()):
            continue
        end = min(len(source), start + draw(st.integers(0, 2)))
        text = draw(st.text(alphabet="xyz", max_size=2))
        if source[start:end] == text:
            continue
        new += source[position:start]
        edits.append(Edit(0, "op", (start, end), (len(new), len(new) + len(text)), source[start:end], text))
        new += text
        position = last = end
    return EditedText(source, new + source[position:], tuple(edits))


@given(edited())
def test_edits_lead_from_one_text_to_the_other(pair):
    assert replay(pair.source, pair.edits) == pair.text
    assert revert(pair.text, pair.edits) == pair.source


@given(edited(), st.data())
def test_what_no_edit_touches_is_found_again(pair, data):
    start = data.draw(st.integers(0, len(pair.source)))
    end = data.draw(st.integers(start, len(pair.source)))
    new_start, new_end = pair.moved(start, end)
    assert 0 <= new_start <= new_end <= len(pair.text)
    if not any(a <= end and b >= start for a, b in (edit.old for edit in pair.edits)):
        assert pair.text[new_start:new_end] == pair.source[start:end]
        assert pair.original(new_start, new_end) == (start, end)


@given(edited(), st.data())
def test_a_span_holds_the_edits_inside_it(pair, data):
    start = data.draw(st.integers(0, len(pair.source)))
    end = data.draw(st.integers(start, len(pair.source)))
    new_start, new_end = pair.moved(start, end)
    for edit in pair.edits:
        (a, b), (c, d) = edit.old, edit.new
        if start <= a < b <= end or start < a <= b < end:
            assert new_start <= c
            assert d <= new_end


def test_a_span_moves_with_the_edits_before_it():
    pair = EditedText("one two", "oone to", (
        Edit(0, "add", (0, 1), (0, 2), "o", "oo"),
        Edit(1, "drop", (5, 6), (6, 6), "w", ""),
    ))  # fmt: skip
    assert pair.moved(4, 7) == (5, 7)
    assert pair.original(5, 7) == (4, 7)
    assert pair.moved(0, 3) == (0, 4)


def test_an_insertion_at_a_border_stays_outside():
    pair = EditedText("ab", "axb", (Edit(0, "add", (1, 1), (1, 2), "", "x"),))
    assert pair.moved(0, 1) == (0, 1)
    assert pair.moved(1, 2) == (2, 3)


def test_a_border_inside_an_edit_moves_outward():
    pair = EditedText("abcd", "acbd", (Edit(0, "swap", (1, 3), (1, 3), "bc", "cb"),))
    assert pair.moved(0, 2) == (0, 3)
    assert pair.moved(2, 4) == (1, 4)


def test_a_log_of_another_text_is_refused():
    edit = Edit(0, "drop", (1, 2), (1, 1), "b", "")
    with pytest.raises(DataError, match=r"does not fit the text: expected 'b' at 1:2, found 'x'"):
        replay("axc", [edit])
