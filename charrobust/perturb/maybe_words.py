"""Edits that may make a word of a dictionary, told by hashes from the many that do not: nothing has to be written."""

from __future__ import annotations

import functools
import string

import numpy as np
from numpy.typing import NDArray

from charrobust.perturb.code_points import CodePoints, encode
from charrobust.perturb.operators.base import Replacements
from charrobust.perturb.text_hashes import Hashes, TextHashes, powers
from charrobust.perturb.words import Index, Mask

_ASCII = 0x80
# A word of other characters may be compared in another normal form, or part by part.
_PLAIN = string.ascii_letters + string.digits + "'"


class MaybeWords:
    """Tells which edited words must be looked at: those with the hash of a known word, and those that are not plain."""

    def __init__(self, known: frozenset[str], code_points: CodePoints) -> None:
        """Hash the texts.

        Args:
            known: The words of the dictionary.
            code_points: The buffer of the texts.
        """
        self._known = _hashes_of(known)
        self._texts = TextHashes.of(_lower(code_points))
        self._odd_before = _odd_before(code_points)

    def made(self, start: Index, end: Index, edits: Replacements) -> Mask:
        """Tell which edits may make a word.

        Args:
            start: Where the word of each edit starts in the buffer, shape (edits,).
            end: Where it ends, shape (edits,).
            edits: The edits, each the only one of its word.

        Returns:
            Shape (edits,); where it is false, there is none.
        """
        plain = Replacements(edits.start, edits.end, _lower(edits.new), edits.lengths)
        # Moved to the start of the buffer, where words are hashed.
        hashes = self._texts.edited(start, end, plain) * powers(-start)
        place = np.minimum(np.searchsorted(self._known, hashes), len(self._known) - 1)
        maybe: Mask = self._known[place] == hashes
        odd_before = _odd_before(edits.new)
        last = np.cumsum(edits.lengths)
        maybe |= odd_before[last] > odd_before[last - edits.lengths]
        maybe |= self._odd_before[end] > self._odd_before[start]
        return maybe


@functools.cache
def _hashes_of(known: frozenset[str]) -> Hashes:
    """Return the hashes of words in small letters, ascending."""
    words = [word.lower() for word in known]
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    end = np.cumsum(lengths)
    start = end - lengths
    return np.unique(TextHashes.of(encode("".join(words))).plain(start, end) * powers(-start))


def _lower(code_points: CodePoints) -> CodePoints:
    """Return code points with the small letters of ASCII in place of its capitals."""
    lower = code_points.copy()
    # A small letter stands 32 behind its capital.
    lower[(code_points >= ord("A")) & (code_points <= ord("Z"))] += 32
    return lower


def _odd_before(code_points: CodePoints) -> Index:
    """Count, before each place, the characters that are not plain, shape (code points + 1,)."""
    odd = _odd_table()[np.minimum(code_points, _ASCII)]
    return np.concatenate([[0], np.cumsum(odd)])


@functools.cache
def _odd_table() -> NDArray[np.bool_]:
    """Tell of every ASCII character whether it is not plain; all beyond are as the one behind the last."""
    odd = np.ones(_ASCII + 1, bool)
    odd[list(map(ord, _PLAIN))] = False
    return odd
