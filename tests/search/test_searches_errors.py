"""What cannot be searched is refused, with the remedy."""

import pytest

from charrobust.errors import RecipeError, UserError
from charrobust.perturb import Attack
from charrobust.search import find_search, search
from charrobust.search.searches.exhaustive import Exhaustive
from tests.search.systems import Graded, Hashed, attack_of, data_of


def run(system=None, attack=None, **options):
    system = system or Hashed()
    return search(system, data_of(system), attack or attack_of(), **options)


@pytest.mark.parametrize("budget", [0, -3])
def test_a_budget_of_nothing(budget):
    with pytest.raises(UserError, match=f"`budget` must be 1 query or more, got {budget}"):
        run(budget=budget)


def test_no_edits():
    with pytest.raises(UserError, match="`edits` must be 1 or more, got 0"):
        run(edits=0)


def test_an_unknown_search():
    with pytest.raises(UserError, match=r"unknown search 'gredy'.*greedy"):
        find_search("gredy")


@pytest.mark.parametrize("name", ["greedy", "beam", "charmer"])
def test_labels_alone(name):
    with pytest.raises(
        UserError, match=f"{name} search compares scores, and system 'hashed' gives labels.*exhaustive.*"
    ):
        run(Hashed(scores=False), search=name)


def test_labels_alone_suffice_for_one_edit_of_pruthi():
    run(Hashed(scores=False), search="pruthi")
    with pytest.raises(UserError, match="for: exhaustive, decision, random"):
        run(Hashed(scores=False), search="pruthi", edits=2)


def test_no_gradient():
    with pytest.raises(UserError, match=r"gradient search reads gradients, and system 'hashed' has none.*greedy"):
        run(search="gradient")


def test_no_room_for_estimates_and_a_text():
    with pytest.raises(UserError, match=r"gradient search asks for estimates.*`budget` must be 2 or more, got 1"):
        run(Graded(), search="gradient", budget=1)


def test_too_many_pairs_are_named_before_anything_is_asked():
    system = Hashed()
    with pytest.raises(
        UserError, match=r"row 1: exhaustive search of 2 edits would ask about [\d,]+ states, more than 50"
    ):
        run(system, search=Exhaustive(limit=50), edits=2)
    assert system.searched == []


def test_three_edits_are_too_many():
    with pytest.raises(UserError, match="exhaustive search makes 1 or 2 edits, got 3"):
        run(search="exhaustive", edits=3)


@pytest.mark.needs("nlpaug")
def test_a_recipe_that_cannot_be_enumerated():
    with pytest.raises(RecipeError, match="ocr"):
        run(attack=Attack.load("ocr"))
