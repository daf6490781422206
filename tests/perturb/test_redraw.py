"""Words in which an operator finds no place draw another one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charrobust.perturb import Attack, Recipe, load_recipe
from charrobust.perturb.mixing import weighted_among
from charrobust.perturb.operators import Drop, Swap
from charrobust.perturb.operators.doubling import Double, Undouble
from charrobust.perturb.operators.other_words import Homophones
from charrobust.perturb.recipe import Part

WORDS = [f"{first}{middle}{last}" for first in "bdfgh" for middle in ("o", "oo", "onn", "eni") for last in "klmnp"]


def recipe(*operators, **options):
    return Recipe(name="test", summary="", source="", seed=1, operators=operators, **options)


def made_of(words, wanted, seed=1):
    return Attack(wanted, seed).tokens([[word] for word in words], ids=list(map(str, range(len(words)))))


def test_a_word_without_a_place_for_the_operator_has_an_edit_by_another():
    operators = Undouble(positions="all", weight=1e6), Drop(positions="all")
    made = made_of(["plain"] * 20, recipe(*operators, redraw=True))
    assert made.tally.drawn == {"undouble": 0, "drop": 20}
    assert made.tally.edited == {"drop": 20}
    assert not made.tally.left
    assert made.tally.drawn_again == {("undouble", "no place for it"): 20}


def test_without_redraw_it_stays():
    operators = Undouble(positions="all", weight=1e6), Drop(positions="all")
    made = made_of(["plain"] * 20, recipe(*operators))
    assert made.tally.left == {("undouble", "no place for it"): 20}
    assert not made.tally.drawn_again


def test_a_word_that_no_operator_can_edit_is_left_by_the_last_one():
    made = made_of(["ab"] * 30, recipe(Undouble(positions="all"), Drop(), Swap(), redraw=True))
    assert not made.tally.edited
    assert sum(made.tally.left.values()) == sum(made.tally.drawn.values()) == 30
    assert sum(made.tally.drawn_again.values()) == 60  # two other operators each


def test_rules_of_an_operator_make_words_draw_again_too():
    operators = Drop(min_length=9, weight=1e6), Swap(skip=("stop-words",), weight=1e3), Double(positions="all")
    made = made_of(["because"], recipe(*operators, redraw=True))
    assert made.tally.edited == {"double": 1}
    assert made.tally.drawn_again == {("drop", "shorter than 9 letters"): 1, ("swap", "stop-words"): 1}


def test_operators_of_words_draw_again_too():
    operators = Homophones(weight=1e6), Double(positions="all")
    made = made_of(["zzyzx"], recipe(*operators, redraw=True))
    assert made.tally.edited == {"double": 1}
    assert made.tally.drawn_again == {("homophones", "nothing to change"): 1}


@given(st.integers(0, 99), st.integers(1, 4), st.sampled_from([None, 2]))
def test_words_that_are_edited_without_are_edited_the_same_with_it(seed, edits, edited_words):
    operators = Undouble(positions="all"), Drop(), Swap(), Double(positions="all")
    wanted = recipe(*operators, edits_per_word=edits, redraw=True)
    once = made_of(WORDS, replace(wanted, redraw=False, edits_per_word=1), seed)
    again = made_of(WORDS, replace(wanted, edits_per_word=1), seed)
    for word, before, after in zip(WORDS, once.sentences, again.sentences, strict=True):
        assert after == before or before == [word]
        assert after != [word]
    several = made_of(WORDS, replace(wanted, edited_words=edited_words), seed)
    tally = several.tally
    assert sum(tally.edited.values()) + sum(tally.left.values()) == sum(tally.drawn.values())
    assert sum(tally.drawn.values()) == edits * len(WORDS)


@settings(max_examples=10)
@given(st.integers(0, 99))
def test_results_do_not_hang_on_the_batch(seed):
    text = "The committee will soon need a bigger room on Tuesday"
    attack = Attack(load_recipe("any-letter").at("1x3"), seed)
    alone = attack.texts([text], ids=["b"]).texts[0]
    assert attack.texts(["a word", text, "an oak"], ids=["a", "b", "c"]).texts[1] == alone


def test_operators_are_drawn_by_weight_among_those_that_fit():
    operators = Undouble(positions="all", weight=5), Drop(positions="all", weight=3), Double(positions="all", weight=1)
    made = made_of(["plain"] * 8000, recipe(*operators, redraw=True))
    assert made.tally.edited["drop"] / 8000 == pytest.approx(0.75, abs=0.02)
    made = made_of(["spoon"] * 8000, recipe(*operators, redraw=True))
    assert made.tally.edited["undouble"] / 8000 == pytest.approx(5 / 9, abs=0.02)


@given(st.data())
def test_numbers_are_drawn_among_those_that_are_open(data):
    # From the smallest to the largest weights there are.
    weight = st.floats(min_value=5e-324, max_value=1.7e308)
    weights = data.draw(st.lists(weight, min_size=1, max_size=6))
    row = st.lists(st.booleans(), min_size=len(weights), max_size=len(weights)).filter(any)
    open_to = np.array(data.draw(st.lists(row, min_size=1, max_size=5)))
    numbers = data.draw(st.lists(st.integers(0, 2**64 - 1), min_size=len(open_to), max_size=len(open_to)))
    drawn = weighted_among(weights, open_to, np.array(numbers, np.uint64))
    assert open_to[np.arange(len(open_to)), drawn].all()


def test_shares_of_numbers_are_those_of_their_weights():
    bits = np.random.default_rng(0).integers(0, 2**64, 20_000, dtype=np.uint64)
    open_to = np.tile([True, False, True], (len(bits), 1))
    counts = Counter(weighted_among([1.0, 5.0, 3.0], open_to, bits).tolist())
    assert counts[2] / len(bits) == pytest.approx(0.75, abs=0.02)


@pytest.mark.parametrize("name", ["typing@1", "any-letter"])
def test_the_counted_recipes_edit_nearly_every_word(name):
    words = [
        "the",
        "cat",
        "sat",
        "on",
        "a",
        "mat",
        "and",
        "would",
        "not",
        "accommodate",
        "anybody",
        "in",
        "its",
        "sunny",
        "place",
    ]
    made = made_of(words * 30, load_recipe(name))
    assert sum(made.tally.edited.values()) == 30 * (len(words) - 1)  # all but "a", which is too short


def test_parts_of_a_mixture_draw_again_by_themselves():
    part = recipe(Undouble(positions="all", weight=1e6), Drop(positions="all"), redraw=True)
    mixed = Recipe(name="mixed", summary="", source="", seed=1, mixture=(Part(part),))
    assert made_of(["plain"], mixed).tally.edited == {"drop": 1}
