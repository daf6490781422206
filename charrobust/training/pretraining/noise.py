"""What happens to the words of a block: some are noised, some others masked.

Every draw of a block comes from a generator of its own, made from (seed, epoch, block).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from charrobust.perturb import Attack, Recipe

Tokens = NDArray[np.int64]
Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]
Share = float | Literal["uniform"]

IGNORED = -100  # the label of tokens that nothing is predicted for
STAYS = -1  # the label of words whose own tokens are right

# Devlin et al., "BERT", NAACL 2019: of the masked tokens, the share hidden by the mask token and by a random one
_HIDDEN, _RANDOM = 0.8, 0.1
_CLEAN = 1 / 3  # share of the blocks that stay clean where the share of noised words is drawn
# Joshi et al., "SpanBERT", TACL 2020: lengths of spans, geometric with p = 0.2 and at most 10 words
_REACH = np.arange(1, 11)
_REACH_ODDS = 0.8**_REACH / np.sum(0.8**_REACH)


def block_generator(seed: int, epoch: int, block: int) -> np.random.Generator:
    """Return the generator that all choices about a block in an epoch are drawn from."""
    # NumPy hashes all three numbers together: neighbouring blocks get unrelated streams, which a sum would not give.
    return np.random.default_rng([seed, epoch, block])


def noised_forms(
    recipe: Recipe, seed: int, *, items: Sequence[tuple[int, int]], texts: Sequence[Sequence[str]]
) -> list[list[str]]:
    """Return the noised form of every word of some blocks; equal to the word where the recipe leaves it.

    The form of a word that is split holds a blank.

    Args:
        recipe: What is done to words.
        seed: The seed.
        items: Epoch and number of each block: a block is noised afresh in each epoch.
        texts: The words of each block.

    Returns:
        As many words for each block.
    """
    # An attack draws from its seed and the id: another epoch in the id is other noise.
    ids = [f"{epoch} {block}" for epoch, block in items]
    return Attack(recipe, seed).tokens(texts, ids=ids, blanks=True).sentences


def draw_noised(rng: np.random.Generator, changeable: Mask, share: Share) -> Mask:
    """Draw the words of a block that are noised.

    Args:
        rng: Where draws come from.
        changeable: Words that noise changes, shape (words,).
        share: Share of all words of the block; all changeable ones where these are fewer. ``uniform``: of the
            changeable words, a share drawn uniformly from 0 to 1; a third of the blocks stay clean.

    Returns:
        Shape (words,).
    """
    # The first of a random order are a sample without repetitions, however many are asked for.
    candidates = rng.permutation(np.flatnonzero(changeable))
    if share == "uniform":
        # Drawn from an interval that lies below 0 for a third of its length: there, the block stays clean.
        count = round(max(0.0, rng.uniform(-_CLEAN / (1 - _CLEAN), 1)) * len(candidates))
    else:
        count = round(share * len(changeable))
    noised = np.zeros(len(changeable), bool)
    noised[candidates[:count]] = True
    return noised


def _token_order(rng: np.random.Generator, lengths: Counts) -> NDArray[np.float64]:
    return rng.random(int(lengths.sum()))


def _word_order(rng: np.random.Generator, lengths: Counts) -> NDArray[np.float64]:
    # One number a word: its tokens have the same rank, and so are masked together.
    return np.repeat(rng.random(len(lengths)), lengths)


def _span_order(rng: np.random.Generator, lengths: Counts) -> NDArray[np.float64]:
    """Begin a span at every word, in random order; the words of a span follow each other."""
    # `reach` is how many words a span takes, `begun` its turn. In front stand spans of no words, which reach nothing:
    # they give the first words windows as long as those of the others.
    most = int(_REACH[-1])
    reach = np.concatenate([np.zeros(most - 1, int), rng.choice(_REACH, len(lengths), p=_REACH_ODDS)])
    begun = np.concatenate([np.ones(most - 1), rng.random(len(lengths))])
    # Row i of the sliding windows holds the spans that begin at word i and at the words before it, the nearest last.
    reaching = np.lib.stride_tricks.sliding_window_view(reach, most) >= _REACH[::-1]
    # A word's turn is the earliest of the spans that reach it. Sorted stably, the words of one span, which have one
    # turn, follow each other as they do in the text; their ranks are distinct, so that a budget may end amid a span.
    first = np.where(reaching, np.lib.stride_tricks.sliding_window_view(begun, most), np.inf).min(1)
    ranks = np.empty(len(lengths))
    ranks[np.argsort(first, kind="stable")] = np.arange(len(lengths))
    return np.repeat(ranks, lengths)


# By what tokens are masked together. Each draws the order in which the tokens of a block are masked, given the
# number of tokens of each word; tokens of one rank are masked together or not at all.
MASKINGS: dict[str, Callable[[np.random.Generator, Counts], NDArray[np.float64]]] = {
    "whole-word": _word_order,
    "token": _token_order,
    "span": _span_order,
}


def draw_masked(rng: np.random.Generator, lengths: Counts, *, spared: Mask, share: float, masking: str) -> Mask:
    """Draw the tokens of a block that are masked.

    Args:
        rng: Where draws come from.
        lengths: Number of tokens of each word, shape (words,).
        spared: Words that are never masked, same shape.
        share: Share of the tokens that is masked, and what a whole word takes beyond it.
        masking: One of ``MASKINGS``: ``whole-word``; ``token``; ``span``, whole words in a row, which pass over
            spared words.

    Returns:
        Shape (tokens,).
    """
    order = MASKINGS[masking](rng, lengths)
    order[np.repeat(spared, lengths)] = np.inf  # their turn never comes
    # Never more than may be masked: the last turn within the budget is finite, and no spared word is reached.
    budget = min(round(share * len(order)), int(np.isfinite(order).sum()))
    if not budget:
        return np.zeros(len(order), bool)
    # All that come no later than the last one of the budget: the rest of its word is masked with it.
    masked: Mask = order <= np.partition(order, budget - 1)[budget - 1]
    return masked


def hide(rng: np.random.Generator, tokens: Tokens, masked: Mask, *, mask_token: int, ordinary: Tokens) -> Tokens:
    """Replace masked tokens: 80 % by the mask token, 10 % by a random one; 10 % stay (Devlin et al., 2019).

    Args:
        rng: Where draws come from.
        tokens: Token ids of a block, shape (tokens,).
        masked: Which of them are masked, same shape.
        mask_token: Id of the mask token.
        ordinary: The ids that a random token is drawn from.

    Returns:
        Shape (tokens,).
    """
    # One number a token decides between three fates; drawn for all tokens, masked or not, which costs nothing.
    fate = rng.random(len(tokens))
    # Below 0.8 hidden, from 0.9 on random, and as it is in between.
    visible = np.where(masked & (fate < _HIDDEN), mask_token, tokens)
    replaced = masked & (fate >= 1 - _RANDOM)
    visible[replaced] = rng.choice(ordinary, int(replaced.sum()))
    return visible
