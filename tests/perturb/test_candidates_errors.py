"""Recipes that cannot be enumerated are refused, with the operator that keeps silent."""

from dataclasses import dataclass

import pytest

from charrobust.errors import RecipeError, UserError
from charrobust.perturb import Attack, Recipe
from charrobust.perturb.operators import WordOperator
from charrobust.perturb.operators.capitals import Capitals
from charrobust.perturb.operators.tables import Leet


@dataclass(frozen=True, kw_only=True)
class Silent(WordOperator):
    """An operator of a user's that says nothing of its forms."""

    name = "silent"

    def rewrite(self, word: str, bits: int) -> str:
        return word + str(bits)


def attack_of(*operators):
    return Attack(Recipe(name="mine", summary="", source="", seed=0, operators=operators), 0)


@pytest.mark.parametrize("operators", [(Silent(),), (Leet(scope="word"),), (Capitals(), Leet(scope="word"))])
@pytest.mark.parametrize("text", ["", "wonderful"])
def test_an_operator_that_does_not_say_what_it_may_write(operators, text):
    with pytest.raises(RecipeError, match=rf"recipe 'mine' cannot be searched: .* because of {operators[-1].label};"):
        attack_of(*operators).candidates(text)


def test_the_message_names_the_recipe_and_a_remedy():
    with pytest.raises(
        RecipeError, match=r"recipe 'leet' cannot be searched: .* take a recipe without, such as ladder-any"
    ):
        Attack.load("leet").token_candidates(["letter"])


def test_recipes_that_break_tokens():
    with pytest.raises(RecipeError, match=r"recipe 'split-words' may make another number of words"):
        Attack.load("split-words").token_candidates(["letter"])


def test_what_is_no_text():
    with pytest.raises(UserError, match="text 0: expected a text, got 3"):
        Attack.load("drop").candidates(3)
    with pytest.raises(UserError, match="expected a text, got 3"):
        Attack.load("drop").token_candidates(["letter", 3])
    with pytest.raises(ValueError, match="one mark for each of the 1 tokens of sentence 0, got 2"):
        Attack.load("drop").token_candidates(["letter"], protect=[True, False])
