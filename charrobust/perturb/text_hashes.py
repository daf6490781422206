"""Hashes of edited texts, of many single edits at once and without writing the texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charrobust.perturb.code_points import CodePoints
from charrobust.perturb.operators.base import Replacements
from charrobust.perturb.words import Index

Hashes = NDArray[np.uint64]

# Odd, so that it has an inverse modulo 2**64, and without a pattern.
_BASE = 0xD1B54A32D192ED03
_INVERSE = pow(_BASE, -1, 1 << 64)


@dataclass(frozen=True)
class TextHashes:
    """Texts as polynomials modulo 2**64: code point i of the buffer counts ``(code point + 1) * BASE**i``.

    What stands behind an edit moves by some places, which is a factor. So the hash of an edited text is a sum of three
    terms, whatever its length. Texts that start at other places of the buffer have other hashes, though they may read
    the same.

    Attributes:
        before: The hash of all that stands before each place of the buffer, shape (code points + 1,).
    """

    before: Hashes

    @classmethod
    def of(cls, code_points: CodePoints) -> TextHashes:
        """Hash the texts of a buffer."""
        return cls(_running(code_points))

    def plain(self, start: Index, end: Index) -> Hashes:
        """Return the hash of each text, or of a part of one, by its start and end; shape (texts,)."""
        plain: Hashes = self.before[end] - self.before[start]
        return plain

    def edited(self, start: Index, end: Index, edits: Replacements) -> Hashes:
        """Return the hash that each edit alone gives its text, or a part of one.

        Args:
            start: Where the text of each edit starts, shape (edits,).
            end: Where it ends, shape (edits,).
            edits: The edits.

        Returns:
            Shape (edits,).
        """
        kept = self.before[edits.start] - self.before[start]
        behind = (self.before[end] - self.before[edits.end]) * powers(edits.lengths - (edits.end - edits.start))
        # What edits write stands in a row, from place `offset` on, and is moved to where each edit starts.
        written = _running(edits.new)
        last = np.cumsum(edits.lengths)
        offset = last - edits.lengths
        new = (written[last] - written[offset]) * powers(edits.start - offset)
        hashes: Hashes = kept + new + behind
        return hashes


def _running(code_points: CodePoints) -> Hashes:
    """Return the hash of what stands before each place, from 0 on, shape (code points + 1,)."""
    # One more than the code point, lest characters of number 0 count for nothing.
    terms = (code_points.astype(np.uint64) + np.uint64(1)) * _table(_BASE, len(code_points))[:-1]
    return np.concatenate([np.zeros(1, np.uint64), np.cumsum(terms)])


def powers(exponents: Index) -> Hashes:
    """Return powers of the base, whose exponents may be negative: to move what is hashed by so many places."""
    size = int(np.abs(exponents).max(initial=0))
    table, inverse = _table(_BASE, size), _table(_INVERSE, size)
    powers: Hashes = np.where(exponents < 0, inverse[np.maximum(-exponents, 0)], table[np.maximum(exponents, 0)])
    return powers


def _table(base: int, size: int) -> Hashes:
    """Return the powers of a number from 0 to a size, modulo 2**64."""
    factors = np.full(size + 1, base, np.uint64)
    factors[0] = 1
    return np.multiply.accumulate(factors)
