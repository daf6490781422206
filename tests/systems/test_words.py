"""Words as restorers see them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from charrobust.perturb.words import word_spans
from charrobust.systems.words import in_case_of, replaced, word_places
from tests.strategies import any_texts


def words_of(text):
    return [text[start:end] for start, end in word_places(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A fine, long day.", ["A", "fine", "long", "day"]),
        ("wonderf;l ma,e qu[te", ["wonderf;l", "ma,e", "qu[te"]),
        ("well-made and/or pre–war", ["well", "made", "and", "or", "pre", "war"]),
        ("it's U.S. 3,000 movie.The", ["it's", "U.S", "3,000", "movie.The"]),
        ("one..two one, two 1;two", ["one", "two", "one", "two", "1", "two"]),
        ("AT&T -- (x)", ["AT", "T", "x"]),
        ("", []),
    ],
)
def test_marks_hit_by_mistake_split_no_word(text, words):
    assert words_of(text) == words


@given(any_texts)
@example("the \u202eabc ")
@example("\u202eabc \u0301x  y")
def test_blanks_and_slips_are_all_that_is_read_in_other_ways_than_unicode_does(text):
    """Stretches between blanks are read one by one: that must not show."""
    spans, places = word_spans(text), word_places(text)
    assert {start for start, _ in places} <= {start for start, _ in spans}
    assert {end for _, end in places} <= {end for _, end in spans}
    for start, end in spans:
        assert sum(first <= start and end <= last for first, last in places) == 1


@given(any_texts)
def test_the_same_words_leave_the_text(text):
    assert replaced(text, word_places(text), words_of(text)) == text


@given(any_texts, st.sampled_from(["X", "", "xyz"]))
def test_what_is_between_words_stays(text, word):
    places = word_places(text)
    made = replaced(text, places, [word] * len(places))
    removed = replaced(text, places, [""] * len(places))
    assert len(made) == len(removed) + len(word) * len(places)
    if not places:
        assert made == text


@pytest.mark.parametrize(
    ("word", "written", "expected"),
    [
        ("london", "Lodnon", "London"),
        ("london", "lodnon", "london"),
        ("london", "LODNON", "LONDON"),
        ("germany", "GERMxNY", "GERMANY"),
        ("wonderful", "wOnnderful", "wonderful"),
        ("iphone", "iPhone", "iPhone"),
        ("can't", "Ca'nt", "Can't"),
        ("the", "T", "The"),
    ],
)
def test_case(word, written, expected):
    assert in_case_of(word, written) == expected
