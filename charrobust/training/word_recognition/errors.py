"""Word error rates: how many words of a text are wrong, before and after they are restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import ne

from charrobust.perturb import Attack, Recipe
from charrobust.systems.restoration import Restorer

Sentences = Sequence[Sequence[str]]
CLEAN = "clean"


@dataclass(frozen=True)
class WordErrors:
    """Word error rates under one kind of noise: shares of all words that differ from the original ones, case included.

    Attributes:
        noise: ``clean``, the name of a recipe, or one operator of it.
        nothing: Where the noise stays.
        restored: By each restorer.
    """

    noise: str
    nothing: float
    restored: dict[str, float]


def word_errors(
    sentences: Sentences, recipe: Recipe, restorers: Mapping[str, Restorer], *, seed: int
) -> list[WordErrors]:
    """Measure restorers on clean text, under a recipe, and under each of its operators alone.

    Args:
        sentences: The words of each text.
        recipe: The noise.
        restorers: What is measured, by name.
        seed: Seed of the noise.

    Returns:
        What was measured: on clean text, under the recipe, under each operator.
    """
    recipes = {}
    for operator in recipe.operators:
        # The recipe's shares stay as they are, so that operators are compared at one strength of noise.
        recipes[operator.label] = replace(recipe, operators=(operator,))
    recipes[recipe.name] = recipe
    noised: dict[str, Sentences] = {CLEAN: sentences}
    for name, part in recipes.items():
        noised[name] = Attack(part, seed).tokens(sentences).sentences
    errors = []
    for name, texts in noised.items():
        restored = {}
        for restorer_name, restorer in restorers.items():
            restored[restorer_name] = error_rate(sentences, restorer.words(texts))
        errors.append(WordErrors(name, error_rate(sentences, texts), restored))
    return errors


def error_rate(right: Sentences, restored: Sentences) -> float:
    """Return the share of words that are wrong.

    Args:
        right: The words of each text.
        restored: As many words for each.

    Returns:
        The share, from 0 to 1.
    """
    wrong = words = 0
    for right_words, restored_words in zip(right, restored, strict=True):
        words += len(right_words)
        wrong += sum(map(ne, right_words, restored_words))
    return wrong / max(1, words)
