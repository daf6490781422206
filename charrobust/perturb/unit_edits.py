"""Edits of whole words, sentences and texts: what stands beside them, and which edits may not be made."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from charrobust.perturb.code_points import CodePointBuffer
from charrobust.perturb.counter_random import Keys
from charrobust.perturb.operators.base import Replacements, Units
from charrobust.perturb.words import Index, Mask, Words


def units_at(buffer: CodePointBuffer, words: Words, numbers: Index, bits: Keys) -> Units:
    """Return some words, sentences or texts with what stands beside them.

    Args:
        buffer: The texts.
        words: All their words, or larger units in the form of words.
        numbers: Which of them, shape (units,).
        bits: Random bits of each, shape (units,).

    Returns:
        The units.
    """
    starts, ends = words.at(words.start), words.at(words.end)
    text = words.text[numbers]
    text_start = buffer.starts[text]
    text_end = text_start + buffer.lengths[text]
    # Neighbours by number, clipped where there is none; those of another text are none, either.
    behind, before = np.minimum(numbers + 1, len(starts) - 1), np.maximum(numbers - 1, 0)
    has_next = (behind > numbers) & (words.text[behind] == text)
    has_previous = (before < numbers) & (words.text[before] == text)
    return Units(
        code_points=buffer.code_points,
        start=starts[numbers],
        end=ends[numbers],
        previous_end=np.where(has_previous, ends[before], text_start),
        next_start=np.where(has_next, starts[behind], text_end),
        next_end=np.where(has_next, ends[behind], text_end),
        has_next=has_next,
        text_start=text_start,
        text_end=text_end,
        bits=bits,
    )


def unfit_edits(words: Words, protected: Mask | None) -> Iterator[tuple[str, Callable[[Replacements], Mask]]]:
    """Go through what may be wrong with edits across words.

    Args:
        words: The words, or larger units.
        protected: Places of the buffer that stay, shape (code points,); None for none.

    Yields:
        A reason, and what tells of which edits it holds.
    """
    if protected is not None:
        yield "protected", lambda edits: _changes_any(protected, edits)
    cuts = words.cuts
    # A blank may be one letter with marks behind it, of which an edit takes the blank alone.
    if cuts is not None:
        yield "inside a letter", lambda edits: ~(np.isin(edits.start, cuts) & np.isin(edits.end, cuts))


def _changes_any(protected: Mask, edits: Replacements) -> Mask:
    """Tell which edits change a place that stays.

    Args:
        protected: Which places of the buffer stay, shape (code points,).
        edits: The edits.

    Returns:
        Shape (edits,).
    """
    # counts[i] is how many of the places before i are protected.
    counts = np.concatenate([[0], np.cumsum(protected)])
    changes = counts[edits.end] > counts[edits.start]
    # An insertion changes what stays where that stands on both sides of it.
    changes |= protected[edits.start - 1] & protected[edits.start] & (edits.start == edits.end)
    return np.asarray(changes)
