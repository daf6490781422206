"""The edits between two forms of a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.perturb.alignment import changed_runs

words = st.text(alphabet="abe\u0301", max_size=8)


def rebuilt(old: str, new: str) -> str:
    result, position = "", 0
    for (start, end), text in changed_runs(old, new):
        assert position <= start <= end
        result += old[position:start] + text
        position = end
    return result + old[position:]


@given(words, words)
def test_runs_lead_from_one_form_to_the_other(old, new):
    assert rebuilt(old, new) == new


@pytest.mark.parametrize(("old", "new", "runs"), [
    ("receive", "recieve", [((3, 3), "i"), ((4, 5), "")]),
    ("their", "ther", [((3, 4), "")]),
    ("same", "same", []),
    ("ab", "xab", [((0, 1), "xa")]),
    ("ab", "abx", [((1, 2), "bx")]),
    ("a", "xay", [((0, 1), "xay")]),
    ("abc", "bc", [((0, 2), "b")]),
    ("abc", "ab", [((1, 3), "b")]),
    ("", "x", [((0, 0), "x")]),
])  # fmt: skip
def test_runs_are_small_and_lie_inside_the_word(old, new, runs):
    assert changed_runs(old, new) == runs
