"""Helpers for tests of operators that rewrite words."""

from charrobust.perturb import Attack, Recipe
from charrobust.perturb.operators import Operator


def outcomes(operator: Operator, word: str, draws: int = 200) -> set[str]:
    """Return all forms that an operator makes of a token."""
    return set(rewritten(operator, [word] * draws))


def rewritten(operator: Operator, words: list[str]) -> list[str]:
    """Return what an operator makes of tokens, each with an id of its own."""
    recipe = Recipe(name="test", summary="", source="", seed=0, operators=(operator,))
    ids = [str(number) for number in range(len(words))]
    made = Attack(recipe, 0).tokens([[word] for word in words], ids=ids)
    return [tokens[0] for tokens in made.sentences]


def attack(operator: Operator, seed: int = 0) -> Attack:
    """Return an attack of one operator on every word."""
    return Attack(Recipe(name="test", summary="", source="", seed=seed, operators=(operator,)), seed)
