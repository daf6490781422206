"""Edits across words: what each operator does, that edits do not meet, and what stays."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.perturb import Attack, load_recipe, recipe_names, replay, revert
from charrobust.perturb.recipe_files import parse_recipe
from charrobust.perturb.sentences import sentence_spans
from tests.strategies import any_texts, texts

TEXT = "Dr. Smith ran, quickly, to the old house. It was dark! Nobody knew why (not even him). The end"
ACROSS = [load_recipe(name) for name in recipe_names()]
ACROSS = [recipe for recipe in ACROSS if recipe.breaks_tokens and not recipe.mixture]
across = pytest.mark.parametrize("recipe", ACROSS, ids=lambda recipe: recipe.name)


def attack_of(operator, *, words=None, **options):
    """Return an attack with one operator on all words."""
    content = {"summary": "s", "source": "s", "seed": 3, "operators": [{"name": operator, **options}]}
    return Attack.load(parse_recipe(operator, {**content, "words": words or {}}))


@pytest.mark.parametrize(
    ("operator", "source", "wanted"),
    [
        ("join", "an old house.", "anold house."),
        ("drop-word", "so it is", "so is"),
        ("double-word", "so it is", "so it it is"),
        ("swap-words", "so it is", "so is it"),
        ("drop-sentence", "One. Two! Three", "One. Three"),
        ("double-sentence", "One. Two! Three", "One. Two! Two! Three"),
        ("swap-sentences", "One. Two!  Three", "One. Three  Two!"),
        ("drop-final-mark", "One. Two?! Three", "One. Two Three"),
        ("drop-marks", 'so, "it", is', 'so, "it is'),
        ("drop-marks", "so , it is", "so it is"),
        ("drop-marks", "so it is ... !", "so it is"),
        ("drop-marks", "so it , 'tis", "so it 'tis"),
        ("drop-marks", "so; -- it is", "so it is"),
    ],
)
def test_what_operators_do(operator, source, wanted):
    made = {Attack(attack_of(operator, words={"edited_words": 1}).recipe, seed).text(source).text for seed in range(40)}
    assert wanted in made
    assert source not in made


def test_where_a_word_stands_between_marks_it_stays():
    assert attack_of("drop-word").text("(so)").edits == ()
    assert attack_of("join").text("so, it\nis").edits == ()
    assert attack_of("swap-words").text("so so").edits == ()


def test_marks_that_are_tokens_are_lost_with_their_blank():
    attack = attack_of("drop-marks")
    (edited,) = attack.joined([["(", "He", "said", ",", '"', "yes", "!", '"', ")", "."]])
    assert edited.text.split(" ") == ["(", "He", "said", "yes"]
    assert revert(edited.text, edited.edits) == edited.source


def test_protected_marks_that_are_tokens_stay():
    attack = attack_of("drop-marks")
    tokens = ["Yahoo", "!", "rose", "."]
    (edited,) = attack.joined([tokens], protect=[[True, True, False, False]])
    assert edited.text == "Yahoo ! rose"


@pytest.mark.parametrize("place", ["before", "behind"])
def test_distractors(place):
    made = attack_of("distractor", place=place, sentences=["No news."]).text(" so it is ").text
    assert made == {"before": " No news. so it is ", "behind": " so it is No news. "}[place]


@across
@given(text=any_texts, seed=st.integers(0, 99))
def test_edits_do_not_meet_and_something_stays(recipe, text, seed):
    pair = Attack(recipe.at("1"), seed).text(text)
    spans = sorted(edit.old for edit in pair.edits)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert revert(pair.text, pair.edits) == text
    assert replay(text, pair.edits) == pair.text
    assert bool(text.strip()) == bool(pair.text.strip())


@across
@given(text=texts, seed=st.integers(0, 99))
def test_severities_nest(recipe, text, seed):
    few = {edit.old for edit in Attack(recipe.at("0.3"), seed).text(text).edits}
    assert few <= {edit.old for edit in Attack(recipe.at("0.8"), seed).text(text).edits}


@across
@given(seed=st.integers(0, 99), first=st.integers(0, len(TEXT) - 1), length=st.integers(1, 20))
def test_protected_text_stays(recipe, seed, first, length):
    last = min(first + length, len(TEXT))
    pair = Attack(recipe.at("1"), seed).text(TEXT, protect=[(first, last)])
    start, end = pair.moved(first, last)
    assert pair.text[start:end] == TEXT[first:last]
    assert all(edit.old[1] <= first or last <= edit.old[0] for edit in pair.edits)


@given(text=any_texts)
def test_sentences_are_disjoint_and_leave_out_blanks_alone(text):
    spans = sentence_spans(text)
    place = 0
    for start, end in spans:
        assert place <= start < end
        assert not text[place:start].strip()
        place = end
    assert not text[place:].strip()


def test_sentences():
    found = [TEXT[start:end] for start, end in sentence_spans(TEXT)]
    assert found == [
        "Dr. Smith ran, quickly, to the old house.",
        "It was dark!",
        "Nobody knew why (not even him).",
        "The end",
    ]


@given(sentences=st.lists(st.lists(st.text("ab.é", min_size=1, max_size=4), min_size=1, max_size=6), max_size=4))
@across
def test_joined_tokens_are_the_words(recipe, sentences):
    made = Attack(replace(recipe, share=1.0), 5).joined(sentences)
    for tokens, pair in zip(sentences, made, strict=True):
        assert pair.source == " ".join(tokens)
        assert revert(pair.text, pair.edits) == pair.source
