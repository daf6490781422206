"""What transcripts of speech lack within words."""

import pytest

from charrobust.perturb.operators.transcripts import LostCase, LostMarks
from tests.word_operators import attack, rewritten


@pytest.mark.parametrize(
    ("word", "made"), [("Paris", "paris"), ("NATO", "nato"), ("iPhone", "iphone"), ("Ä", "ä"), ("a", "a")]
)
def test_capitals_are_lost(word, made):
    assert rewritten(LostCase(), [word]) == [made]


@pytest.mark.parametrize(("word", "made"), [
    ("don't", "dont"), ("They’re", "Theyre"), ("well-known", "wellknown"), ("mother-in-law's", "motherinlaws"),
    ("'s", "'s"), ("s'", "s'"), ("word", "word"), ("a", "a"),
])  # fmt: skip
def test_marks_inside_words_are_lost(word, made):
    assert rewritten(LostMarks(), [word]) == [made]


def test_marks_between_words_stay():
    made = attack(LostMarks()).text("Don't go - it's a well-known trap, isn't it?")
    assert made.text == "Dont go - its a well-known trap, isnt it?"
