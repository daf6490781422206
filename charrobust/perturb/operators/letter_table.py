"""Tables of what may be written instead of a letter: looked up, and drawn from, for all places at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charrobust.perturb.code_points import CodePoints, encode, ranges
from charrobust.perturb.counter_random import Keys, low_below
from charrobust.perturb.operators.base import Letters, Places, Replacements
from charrobust.perturb.words import Index, Mask


@dataclass(frozen=True)
class LetterTable:
    """What may be written instead of each letter of one code point: its forms.

    Rows differ in the number of forms, and forms in length: they stand one behind the other, each found by its offset.

    Attributes:
        row_of: The row of each code point, by the code point; its end stands for all beyond. Row 0 is of those
            for which nothing is written.
        first: The number of each row's first form, shape (rows,).
        count: How many forms each row has, shape (rows,).
        offset: Where each form begins in ``written``, shape (forms,).
        length: How many code points it is, shape (forms,).
        written: The code points of all forms.
    """

    row_of: Index
    first: Index
    count: Index
    offset: Index
    length: Index
    written: NDArray[np.uint32]

    @classmethod
    def of(cls, forms: Mapping[str, Sequence[str]]) -> LetterTable:
        """Build the table of the forms of each letter; a string is forms of one code point each."""
        code_points = list(map(ord, forms))
        row_of = np.zeros(max(code_points, default=0) + 2, np.int64)
        row_of[code_points] = np.arange(1, len(code_points) + 1)
        count = np.array([0, *map(len, forms.values())])
        every_form = [form for row in forms.values() for form in row]
        length = np.fromiter(map(len, every_form), np.int64, len(every_form))
        return cls(
            row_of=row_of,
            first=np.cumsum(count) - count,
            count=count,
            offset=np.cumsum(length) - length,
            length=length,
            written=encode("".join(every_form)),
        )

    def rows(self, code_points: CodePoints) -> Index:
        """Return the row of each code point."""
        # `take` widens bytes first, in which a table beyond Latin-1 has no end to be clipped to.
        return self.row_of.take(code_points, mode="clip")

    def has(self, letters: Letters, place: Index) -> Mask:
        """Tell which letters are one code point that has a form, shape (edits,)."""
        code_points, alone = letters.single(place)
        return alone & (self.count[self.rows(code_points)] > 0)

    def choices(self, letters: Letters, places: Places) -> Index:
        """Return how many forms the first code points of letters have, shape (edits,)."""
        code_points, _ = letters.single(places.at)
        return self.count[self.rows(code_points)]

    def drawn(self, row: Index, bits: Keys) -> Index:
        """Return the number of a form of each row, by the low 32 bits: the high ones have chosen the place."""
        return self.first[row] + low_below(bits, self.count[row])

    def draw(self, letters: Letters, places: Places) -> Replacements:
        """Write a form for letters at places where there is one."""
        start, end = letters.span(places.at, places.at + 1)
        form = self.drawn(self.rows(letters.code_points[start]), places.bits)
        # Where every form is one code point, as on keyboards, its number is its place, too.
        if len(self.written) == len(self.offset):
            return Replacements(start, end, self.written[form], np.ones(len(form), np.int64))
        length = self.length[form]
        return Replacements(start, end, self.written[ranges(self.offset[form], length)], length)


class ClusterForms:
    """What may be written instead of one code point of each of some letters, which may be of several.

    Attributes:
        counts: How many forms the code points of each letter have, shape (letters,).
    """

    def __init__(self, table: LetterTable, letters: Letters, place: Index) -> None:
        """Look up the code points.

        Args:
            table: What may be written instead of a code point, one code point each.
            letters: The letters of the batch.
            place: The numbers of those that are looked at.
        """
        self._table = table
        self._start, self._end = letters.span(place, place + 1)
        self._lengths = self._end - self._start
        # The code points of all letters in a row; running totals of their forms tell those of a letter.
        self._code_points = letters.code_points[ranges(self._start, self._lengths)]
        self._rows = table.rows(self._code_points)
        self._totals = np.concatenate([[0], np.cumsum(table.count[self._rows])])
        last = np.cumsum(self._lengths)
        self._before = self._totals[last - self._lengths]
        self.counts: Index = self._totals[last] - self._before

    def draw(self, bits: Keys) -> Replacements:
        """Replace one code point of each letter, which must have at least one that can be."""
        drawn = self._before + low_below(bits, self.counts)
        # The code point whose forms hold the one that was drawn: the last whose own begin at or before it.
        piece = np.searchsorted(self._totals, drawn, side="right") - 1
        form = self._table.first[self._rows[piece]] + drawn - self._totals[piece]
        new = self._code_points.astype(np.uint32)
        new[piece] = self._table.written[self._table.offset[form]]
        return Replacements(self._start, self._end, new, self._lengths)
