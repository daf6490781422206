"""Tables of what may be written instead of a letter: looked up, and drawn from, for all places at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charrobust.perturb.code_points import CodePoints, encode, ranges
from charrobust.perturb.counter_random import Keys, low_below
from charrobust.perturb.operators.base import Letters, Places, Replacements
from charrobust.perturb.words import Index, Mask


@dataclass(frozen=True)
class Substitutes:
    """What may be written instead of each letter.

    Rows differ in length, so they stand one behind the other, each found by its offset. Row 0 is that of letters which
    have none.

    Attributes:
        offsets: Where the substitutes of each row begin, shape (rows,).
        counts: How many there are, shape (rows,).
        targets: The substitutes of all rows.
        row_of_code_point: The row of each code point up to the last that has one, and 0 behind it.
    """

    offsets: Index
    counts: Index
    targets: NDArray[np.uint32]
    row_of_code_point: Index

    @classmethod
    def of(cls, written: Mapping[str, str]) -> Substitutes:
        """Build the table from the substitutes of each letter, in one string."""
        code_points = list(map(ord, written))
        rows = np.zeros(max(code_points) + 2, np.int64)
        rows[code_points] = np.arange(1, len(code_points) + 1)
        counts = np.array([0, *map(len, written.values())])
        return cls(np.cumsum(counts) - counts, counts, encode("".join(written.values())), rows)

    def rows(self, code_points: CodePoints) -> Index:
        """Return the row of each code point."""
        # The table ends with a code point beyond all that have a row; higher ones are clipped to it. `take` widens
        # them first: in a buffer of bytes, the end of a table beyond Latin-1 would not fit.
        return self.row_of_code_point.take(code_points, mode="clip")

    def has(self, letters: Letters, place: Index) -> Mask:
        """Tell which letters are one code point that has a substitute, shape (edits,)."""
        code_points, alone = letters.single(place)
        return alone & (self.counts[self.rows(code_points)] > 0)

    def choices(self, letters: Letters, places: Places) -> Index:
        """Return how many substitutes letters have at places where there is one, shape (edits,)."""
        code_points, _ = letters.single(places.at)
        return self.counts[self.rows(code_points)]

    def draw(self, letters: Letters, places: Places) -> Replacements:
        """Write a substitute for letters at places where there is one."""
        start, end = letters.span(places.at, places.at + 1)
        row = self.rows(letters.code_points[start])
        # The high bits have chosen the place; the low ones are independent of them.
        new = self.targets[self.offsets[row] + low_below(places.bits, self.counts[row])]
        return Replacements(start, end, new, np.ones(len(row), np.int64))


class ClusterSubstitutes:
    """What may be written instead of one code point of each of some letters, which may be of several.

    Attributes:
        counts: How many substitutes each letter has, shape (letters,).
    """

    def __init__(self, table: Substitutes, letters: Letters, place: Index) -> None:
        """Look up the code points.

        Args:
            table: What may be written instead of a code point.
            letters: The letters of the batch.
            place: The numbers of those that are looked at.
        """
        self._table = table
        self._start, self._end = letters.span(place, place + 1)
        self._lengths = self._end - self._start
        # The code points of all letters in a row; running totals of their substitutes tell those of a letter.
        self._code_points = letters.code_points[ranges(self._start, self._lengths)]
        self._rows = table.rows(self._code_points)
        self._totals = np.concatenate([[0], np.cumsum(table.counts[self._rows])])
        last = np.cumsum(self._lengths)
        self._before = self._totals[last - self._lengths]
        self.counts: Index = self._totals[last] - self._before

    def draw(self, bits: Keys) -> Replacements:
        """Replace one code point of each letter, which must have at least one that can be."""
        drawn = self._before + low_below(bits, self.counts)
        # The code point whose substitutes hold the one that was drawn: the last whose own begin at or before it.
        piece = np.searchsorted(self._totals, drawn, side="right") - 1
        number = self._table.offsets[self._rows[piece]] + drawn - self._totals[piece]
        new = self._code_points.astype(np.uint32)
        new[piece] = self._table.targets[number]
        return Replacements(self._start, self._end, new, self._lengths)
