"""Recipes that mix: how many edits a word has, where that is drawn, and which part of a mixture it falls to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from charrobust.errors import RecipeError
from charrobust.perturb.counter_random import Keys, draw
from charrobust.perturb.operators.base import Operator
from charrobust.perturb.words import Index, Mask

if TYPE_CHECKING:
    from charrobust.perturb.recipe import Part, Recipe

# Hardly a word has room for more edits that do not touch, and each costs a pass over all words.
MOST_EDITS = 20
# Counters of draws, beyond those of places and operators (see :mod:`charrobust.perturb.drafting`).
_COUNT_COUNTER = 1 << 21
_PART_COUNTER = (1 << 21) + 1


def drawn_counts(probabilities: Mapping[str, float], streams: Keys) -> Index:
    """Draw the number of edits of words.

    Args:
        probabilities: How likely each number is, or any weights.
        streams: The random streams of the words, shape (words,).

    Returns:
        Shape (words,).
    """
    counts = np.array(list(map(int, probabilities)), np.int64)
    return counts[weighted(list(probabilities.values()), draw(streams, _COUNT_COUNTER))]


def drawn_parts(parts: Sequence[Part], streams: Keys) -> Index:
    """Draw the part of a mixture that words, or texts, fall to.

    Args:
        parts: The parts.
        streams: Their random streams, shape (words,).

    Returns:
        Numbers of parts, shape (words,).
    """
    return weighted([part.weight for part in parts], draw(streams, _PART_COUNTER))


def weighted(weights: Sequence[float], bits: Keys) -> Index:
    """Draw numbers by weight, with the low 32 bits of random numbers.

    Args:
        weights: How often each number is drawn.
        bits: The random numbers, shape (draws,).

    Returns:
        Numbers below that of the weights, shape (draws,).
    """
    scaled = np.array(weights, float)
    # By a power of two, which changes no quotient, lest the sum of the largest weights there are be infinite.
    scaled = np.ldexp(scaled, -np.frexp(scaled.max())[1])
    low = bits & np.uint64(0xFFFFFFFF)
    # Number i holds the part of [0, 2**32) between the borders i - 1 and i, so it is how many borders are not above
    # the draw. Weights are few: counting is faster than searching.
    numbers = np.zeros(len(bits), np.int64)
    # (The last border, 2**32, is above every draw. So may be those before it, of which 32 bits would make a 0.)
    for border in np.cumsum(scaled / scaled.sum())[:-1]:
        numbers += low >= np.uint64(border * 2**32)
    return numbers


def weighted_among(weights: Sequence[float], open_to: Mask, bits: Keys) -> Index:
    """Draw numbers by weight, each among some of them, with the low 32 bits of random numbers.

    Args:
        weights: How often each number is drawn.
        open_to: The numbers that each draw may give, at least one, shape (draws, weights).
        bits: The random numbers, shape (draws,).

    Returns:
        Numbers below that of the weights, shape (draws,).
    """
    own = np.where(open_to, np.array(weights, float), 0)
    # Over the largest, lest a sum be infinite, or a fraction of one too small to be told from the whole.
    borders = np.cumsum(own / own.max(axis=1, keepdims=True), axis=1)
    fraction = (bits & np.uint64(0xFFFFFFFF)) / 2**32
    # As in `weighted`, a number is how many borders are not above the draw. A number that is not open has its border
    # where the one before has, and is passed over; the last border is above every draw.
    return np.asarray(np.count_nonzero(fraction[:, None] * borders[:, -1:] >= borders, axis=1))


def mixed_operators(parts: Sequence[Part]) -> tuple[Operator, ...]:
    """Return the operators of all parts of a mixture, in order, with weights as often as each is drawn in the whole."""
    total = sum(part.weight for part in parts)
    mixed: list[Operator] = []
    for part in parts:
        own = sum(operator.weight for operator in part.recipe.operators)
        share = part.weight / total / own
        mixed += [replace(operator, weight=operator.weight * share) for operator in part.recipe.operators]
    return tuple(mixed)


def check_mixture(recipe: Recipe) -> None:
    """Refuse a mixture that cannot be drawn.

    Args:
        recipe: The mixture.

    Raises:
        RecipeError: Of mixtures, with an exact number of words, or by word where parts edit something else.
    """
    for part in recipe.mixture:
        name = part.recipe.name
        if part.recipe.mixture:
            raise RecipeError(f"recipe {recipe.name!r}: {name!r} is a mixture itself; name the recipes that it mixes")
        if recipe.mix == "word" and part.recipe.unit != "word":
            raise RecipeError(
                f"recipe {recipe.name!r}: {name!r} edits a {part.recipe.unit}, not a word; mix by text (mix = 'text')"
            )
    if recipe.edited_words is not None:
        raise RecipeError(f"recipe {recipe.name!r}: a mixture edits a share of the words; give share, not edited_words")
    if recipe.edits_per_word != 1 and any(p.recipe.edits_per_word != recipe.edits_per_word for p in recipe.mixture):
        raise RecipeError(f"recipe {recipe.name!r}: the recipes of a mixture say themselves how many edits a word has")
    if recipe.redraw:
        raise RecipeError(f"recipe {recipe.name!r}: the recipes of a mixture say themselves whether words draw again")


def check_units(recipe: Recipe) -> None:
    """Refuse operators that edit different things, and rules about words where something else is edited.

    Args:
        recipe: The recipe.

    Raises:
        RecipeError: With the operators, or the rule.
    """
    if recipe.mixture:
        return
    units = {operator.unit: operator.name for operator in recipe.operators}
    if len(units) > 1:
        found = ", ".join(f"{name!r} a {unit}" for unit, name in units.items())
        raise RecipeError(f"recipe {recipe.name!r}: operators edit different things ({found}); mix recipes by text")
    if recipe.unit == "word":
        return
    for rule in ("skip", "only", "min_length"):
        if getattr(recipe, rule) not in ((), 1):
            raise RecipeError(f"recipe {recipe.name!r}: {rule} is about words, but a {recipe.unit} is edited")


def check_counts(recipe: Recipe) -> None:
    """Refuse numbers of edits that cannot be drawn.

    Args:
        recipe: The recipe.

    Raises:
        RecipeError: A key is no number from 1 to 20, or a value no probability.
    """
    counts = recipe.edits_per_word
    if isinstance(counts, int):
        return
    where = f"recipe {recipe.name!r}: edits_per_word"
    if not counts:
        raise RecipeError(f"{where} is empty; say how likely each number is, such as {{ 1 = 0.75, 2 = 0.25 }}")
    for count, probability in counts.items():
        if not count.isascii() or not count.isdecimal() or not 1 <= int(count) <= MOST_EDITS:
            raise RecipeError(f"{where}: expected numbers from 1 to {MOST_EDITS}, got {count!r}")
        if not 0 < probability <= 1:
            raise RecipeError(f"{where}: {count} must have a probability above 0 and at most 1, got {probability!r}")
    if not math.isclose(sum(counts.values()), 1, abs_tol=1e-6):
        raise RecipeError(f"{where}: probabilities must add up to 1, got {sum(counts.values()):g}")
