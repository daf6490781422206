"""How far a text is from another: edit distance, and what changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import accumulate

import numpy as np

from charrobust.perturb.code_points import encode
from charrobust.perturb.edits import Span

# Every character falls under one of the three, so that the pieces joined are the text and their lengths its offsets.
_PIECES = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Change:
    """A stretch of a text that stands otherwise in another.

    Attributes:
        old: (start, end) in the one.
        new: (start, end) in the other.
        words: Number of words of the one in it.
        distance: Edit distance between the stretches.
    """

    old: Span
    new: Span
    words: int
    distance: int


def changes(old: str, new: str) -> list[Change]:
    """Find what changed between two texts, in whole words.

    Args:
        old: The one text.
        new: The other.

    Returns:
        The changes, in order; they do not overlap.
    """
    if old == new:
        return []
    old_pieces, new_pieces = _PIECES.findall(old), _PIECES.findall(new)
    old_offsets, new_offsets = _offsets(old_pieces), _offsets(new_pieces)
    changed = []
    # "autojunk" would take the words that are frequent in a long text for noise, and align without them.
    for tag, *bounds in SequenceMatcher(None, old_pieces, new_pieces, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        old_start, old_end, new_start, new_end = bounds
        old_span = old_offsets[old_start], old_offsets[old_end]
        new_span = new_offsets[new_start], new_offsets[new_end]
        words = sum(map(is_word, old_pieces[old_start:old_end]))
        distance = levenshtein(old[slice(*old_span)], new[slice(*new_span)])
        changed.append(Change(old_span, new_span, words, distance))
    return changed


def is_word(piece: str) -> bool:
    """Tell whether a piece of text is a word: whether it holds a letter or a digit."""
    return any(map(str.isalnum, piece))


def count_words(text: str) -> int:
    """Return the number of words of a text, as :func:`changes` counts them."""
    return sum(map(is_word, _PIECES.findall(text)))


def _offsets(pieces: list[str]) -> list[int]:
    """Return where each piece of a text starts, and where the last one ends."""
    return [0, *accumulate(map(len, pieces))]


# The same pairs of words come again and again in a data set; the bound keeps their memory small.
@lru_cache(maxsize=1 << 16)
def levenshtein(old: str, new: str) -> int:
    """Return how many letters must be added, left out or replaced to turn one text into the other.

    Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals", 1966, by the table of
    Wagner and Fischer, JACM 1974, whose rows are computed as arrays.

    Args:
        old: The one text.
        new: The other.

    Returns:
        The number of letters, 0 for equal texts.
    """
    old, new = _without_common_ends(old, new)
    if not old or not new:
        return len(old) + len(new)
    letters = encode(new)
    columns = np.arange(len(new) + 1)
    # row[j] is the distance between the letters of the old text so far and the first j letters of the new one.
    # Before the first letter of the old text, each letter of the new one has to be added.
    row = columns
    for row_number, letter in enumerate(old, 1):
        replaced = row[:-1] + (letters != ord(letter))
        left_out = row[1:] + 1
        without_added = np.concatenate([[row_number], np.minimum(replaced, left_out)])
        # To add letters is to come from the left at a cost of 1 a column: row[j] = min over i <= j of
        # without_added[i] + (j - i). Each row depends on itself in this, but with the columns taken out of the sum it
        # is a running minimum, which NumPy has.
        row = np.minimum.accumulate(without_added - columns) + columns
    return int(row[-1])


def _without_common_ends(old: str, new: str) -> tuple[str, str]:
    """Cut off what two texts begin and end with alike; it adds nothing to their distance."""
    start = 0
    shorter = min(len(old), len(new))
    while start < shorter and old[start] == new[start]:
        start += 1
    end = 0
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return old[start : len(old) - end], new[start : len(new) - end]
