"""Word error rates: how many words of a text are wrong, before and after they are restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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
    operators = {operator.label: replace(recipe, operators=(operator,)) for operator in recipe.operators}
    noised: dict[str, Sentences] = {CLEAN: sentences}
    for name, part in {**operators, recipe.name: recipe}.items():
        noised[name] = Attack(part, seed).tokens(sentences).sentences
    errors = []
    for name, texts in noised.items():
        restored = {key: error_rate(sentences, restorer.words(texts)) for key, restorer in restorers.items()}
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
    for one, other in zip(right, restored, strict=True):
        words += len(one)
        wrong += sum(a != b for a, b in zip(one, other, strict=True))
    return wrong / max(1, words)
