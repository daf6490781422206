"""Numbers of edits that are drawn, and recipes made of recipes."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.perturb import Attack, revert
from charrobust.perturb.recipe_files import parse_recipe
from tests.strategies import texts

MANY = [f"number {number} of several considerable sentences" for number in range(2000)]


def recipe_of(**content):
    """Return a recipe."""
    return parse_recipe("mine", {"summary": "s", "source": "s", "seed": 3, **content})


def counted(attack, many):
    """Return how many words have how many edits."""
    table = attack.texts(many).edits
    return Counter(Counter(zip(table.example.tolist(), table.word.tolist(), strict=True)).values())


def test_numbers_of_edits_are_drawn():
    words = {"edits_per_word": {"1": 0.75, "2": 0.2, "3": 0.05}, "min_length": 12}
    counts = counted(Attack.load(recipe_of(operators=[{"name": "drop"}], words=words)), MANY)
    total = sum(counts.values())
    assert total == len(MANY)
    shares = [counts[number] / total for number in (1, 2, 3)]
    # Three standard deviations of shares of 2,000 words.
    assert shares == pytest.approx([0.75, 0.2, 0.05], abs=0.03)


def test_a_drawn_number_of_one_is_the_plain_recipe():
    plain = recipe_of(operators=[{"name": "drop"}])
    drawn = recipe_of(operators=[{"name": "drop"}], words={"edits_per_word": {"1": 1.0}})
    assert Attack.load(drawn).texts(MANY).texts == Attack.load(plain).texts(MANY).texts


def test_severities_keep_the_numbers_of_edits():
    drawn = recipe_of(operators=[{"name": "drop"}], words={"edits_per_word": {"1": 0.5, "2": 0.5}})
    assert drawn.at("0.3").edits_per_word == drawn.edits_per_word
    assert drawn.at("0.3").severity == "0.3"
    assert drawn.at("0.3x2").edits_per_word == 2


def mixture(mix, *parts, share=1.0):
    """Return a mixture of recipes with weights."""
    entries = [{"recipe": name, "weight": weight} for name, weight in parts]
    return recipe_of(mixture=entries, mix=mix, words={"share": share})


def test_words_fall_to_the_recipes_by_weight():
    attack = Attack.load(mixture("word", ("drop", 3.0), ("keyboard", 1.0)))
    tally = attack.texts(MANY).tally
    share = tally.drawn["drop"] / tally.drawn.total()
    assert share == pytest.approx(0.75, abs=0.02)


def test_a_text_falls_to_one_recipe():
    made = Attack.load(mixture("text", ("drop", 1.0), ("add", 1.0), ("swap-sentences", 1.0), ("double-words", 1.0)))
    operators = Counter()
    pairs = made.texts([f"Take {text}. Now." for text in MANY])
    for pair in pairs:
        names = {edit.operator for edit in pair.edits}
        assert len(names) <= 1
        operators.update(names)
    assert set(operators) == {"drop", "add", "swap-sentences", "double-word"}


@pytest.mark.parametrize("mix", ["word", "text"])
@given(text=texts, seed=st.integers(0, 50))
def test_mixtures_are_undone_and_nest(mix, text, seed):
    parts = [("charbert", 2.0), ("split-words", 1.0), ("swap-words", 1.0), ("drop-words", 1.0)]
    few = Attack(mixture(mix, *parts, share=0.3), seed).text(text)
    many = Attack(mixture(mix, *parts, share=0.9), seed).text(text)
    assert revert(many.text, many.edits) == text
    assert {edit.old for edit in few.edits} <= {edit.old for edit in many.edits}


def test_parts_keep_their_rules():
    mixed = Attack.load(mixture("word", ("charbert", 1.0)))
    assert all(len(edit.old_text) < 4 for edit in mixed.text("it is so").edits)
    assert not mixed.text("it is so").edits


def test_only_some_words_are_edited():
    attack = Attack.load("drop-stop-words")
    assert attack.text("the house of the rising sun").text == "house rising sun"
