"""What transcripts of speech lack within words."""

import pytest

from charrobust.errors import RecipeError
from charrobust.perturb.operators.transcripts import LostCase, LostMarks, Transcript
from tests.word_operators import attack, outcomes, rewritten


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


def test_transcripts_lack_capitals_and_marks():
    made = attack(Transcript(misheard=0)).text("They’re in Paris, and I don't know whether NATO's Right.")
    assert made.text == "theyre in paris, and i dont know whether natos right."


def test_words_are_misheard_at_a_rate():
    assert outcomes(Transcript(misheard=1), "Whether") == {"weather"}
    assert outcomes(Transcript(misheard=1), "There") == {"their", "theyre"}
    heard = rewritten(Transcript(misheard=0.3), ["whether"] * 3000)
    assert abs(heard.count("weather") / 3000 - 0.3) < 0.03


@pytest.mark.parametrize("misheard", [-0.1, 1.1, float("nan")])
def test_rates_out_of_range(misheard):
    with pytest.raises(RecipeError, match="operator 'transcript': misheard must be between 0 and 1, got"):
        Transcript(misheard=misheard)
