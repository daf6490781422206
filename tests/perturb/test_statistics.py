"""Draws are uniform and independent: of the place in a word, of the seed, of the neighbouring example."""

import numpy as np
import pytest
from scipy import stats

from charrobust.perturb import Attack, EditTable, Recipe
from charrobust.perturb.operators import Drop, Swap

WORD = "abcdefghij"
IDS = [str(number) for number in range(4000)]


def edits(attack: Attack, text: str = WORD, field: str = "text") -> EditTable:
    """Return the edits of 4,000 examples that all hold the same text."""
    return attack.texts([text] * len(IDS), ids=IDS, field=field).edits


def places(attack: Attack) -> np.ndarray:
    return edits(attack).old_start


def independent(left: np.ndarray, right: np.ndarray) -> float:
    """Return the p-value of a chi-square test of independence."""
    table = np.zeros((len(WORD), len(WORD)))
    np.add.at(table, (left, right), 1)
    table = table[table.any(axis=1)][:, table.any(axis=0)]
    return stats.chi2_contingency(table).pvalue


def test_places_are_uniform():
    attack = Attack.load("drop", seed=5)
    counts = np.bincount(places(attack), minlength=10)
    assert counts[[0, 9]].tolist() == [0, 0]
    assert stats.chisquare(counts[1:9]).pvalue > 1e-3
    # peers that seed anew on every call hit one place in 69 % of all texts
    assert counts.max() / counts.sum() < 0.16


def test_edits_of_neighbouring_examples_are_independent():
    found = places(Attack.load("drop", seed=5))
    assert independent(found[:-1], found[1:]) > 1e-3


def test_edits_of_neighbouring_seeds_are_independent():
    one, two = (places(Attack.load("drop", seed=seed)) for seed in (5, 6))
    assert independent(one, two) > 1e-3


def test_edits_of_neighbouring_words_are_independent():
    made = edits(Attack.load("drop", seed=5), f"{WORD} {WORD}")
    one, two = made.old_start[made.word == 0], made.old_start[made.word == 1]
    assert independent(one, two - len(WORD) - 1) > 1e-3


def test_fields_of_an_example_are_independent():
    attack = Attack.load("drop", seed=5)
    one, two = (edits(attack, field=field).old_start for field in ("question", "context"))
    assert independent(one, two) > 1e-3


def test_recipes_are_independent():
    drop, keyboard = (places(Attack.load(name, seed=5)) for name in ("drop", "keyboard"))
    assert independent(drop, keyboard) > 1e-3


@pytest.mark.parametrize(("weights", "drawn"), [
    ((1e17, 1), {"drop"}), ((1, 1e17), {"swap"}), ((1e300, 1e-300), {"drop"}), ((1.7e308, 1.7e308), {"drop", "swap"}),
    ((5e-324, 5e-324), {"drop", "swap"}),
])  # fmt: skip
def test_operators_of_extreme_weights_are_drawn_by_weight(weights, drawn):
    operators = (Drop(weight=weights[0]), Swap(weight=weights[1]))
    recipe = Recipe(name="test", summary="", source="", seed=0, operators=operators)
    assert set(+Attack(recipe, 0).texts([WORD] * len(IDS), ids=IDS).tally.drawn) == drawn


def test_operators_are_drawn_by_weight():
    made = Attack.load("everyday", severity=1, seed=5).texts([WORD] * len(IDS), ids=IDS)
    observed = [made.tally.drawn[name] for name in ("drop", "keyboard", "swap", "add")]
    expected = np.array([41, 23, 15, 21]) / 100 * sum(observed)
    assert stats.chisquare(observed, expected).pvalue > 1e-3


def test_letters_are_uniform():
    counts = np.unique(edits(Attack.load("add", seed=5)).new_texts(), return_counts=True)[1]
    assert len(counts) == 26
    assert stats.chisquare(counts).pvalue > 1e-3


def test_the_place_among_few_that_apply_is_uniform():
    # only the swaps at 5 and 9 change anything: all other neighbours are equal
    counts = np.bincount(edits(Attack.load("swap", seed=5), "aaaaaabbbbcccc").old_start, minlength=14)
    assert np.flatnonzero(counts).tolist() == [5, 9]
    assert stats.binomtest(int(counts[5]), len(IDS)).pvalue > 1e-3


def test_the_place_among_few_of_many_is_uniform():
    # four of twenty-one inner letters are on the keyboard: some words need all their places looked at
    found = edits(Attack.load("keyboard", seed=5), "x" + "ж" * 16 + "abcd" + "z").old_start
    counts = np.bincount(found, minlength=21)[17:21]
    assert counts.sum() == len(IDS)
    assert stats.chisquare(counts).pvalue > 1e-3
