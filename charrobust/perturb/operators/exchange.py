"""Exchanging letters by a table: what operators share that write something else for a letter, by the letter alone."""

from __future__ import annotations

import functools
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from charrobust.perturb.code_points import CodePoints, encode, ranges
from charrobust.perturb.counter_random import Keys, draw, low_below
from charrobust.perturb.operators.base import LetterOperator, Letters, Places, Replacements
from charrobust.perturb.operators.letter_table import LetterTable
from charrobust.perturb.words import Index, Mask

SCOPES = ("letter", "word")


@dataclass(frozen=True, kw_only=True)
class Exchange(LetterOperator):
    """Write something else for a letter, or for every letter of a word.

    Attributes:
        scope: ``letter`` exchanges one letter, ``word`` all letters of the word for which there is something else.
    """

    scope: str = "letter"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_choice("scope", self.scope, SCOPES)

    @property
    @abstractmethod
    def forms(self) -> Mapping[str, Sequence[str]]:
        """What may be written for each letter of one code point."""

    def forms_of_cluster(self, cluster: str) -> Sequence[str]:
        """Return what may be written for a letter of several code points; by default nothing."""
        return ()

    @property
    def enumerable(self) -> bool:  # type: ignore[override]
        """Whether one letter is exchanged, or each of a word by one form alone: else the words are too many."""
        return self.scope == "letter" or max(map(len, self.forms.values()), default=0) < 2

    def window(self, length: Index) -> tuple[int | Index, Index]:
        """See the base class; a word that is changed as a whole has one place, its first letter."""
        if self.scope == "letter":
            return super().window(length)
        return 0, np.minimum(length, 1)

    def applies(self, letters: Letters, place: Index) -> Mask:
        """See the base class: something may be written for the letter, or for one of the word."""
        if self.scope == "letter":
            return self._has_forms(letters, place)
        start, end = self._stretch(*letters.word_around(place))
        # Letters of all words one behind the other, and the word of each.
        word = np.repeat(np.arange(len(place)), end - start)
        fits = self._has_forms(letters, ranges(start, end - start))
        applies: Mask = np.bincount(word, weights=fits, minlength=len(place)) > 0
        return applies

    def outcomes(self, letters: Letters, places: Places) -> Index:
        """See the base class: a form of the letter each."""
        if self.scope == "word":
            return super().outcomes(letters, places)
        count = self._table.choices(letters, places)
        _, alone = letters.single(places.at)
        for number in np.flatnonzero(~alone):
            count[number] = len(self.forms_of_cluster(letters.text(int(places.at[number]))))
        return count

    def replace(self, letters: Letters, places: Places) -> Replacements:
        """See the base class."""
        if self.scope == "letter":
            start, end = letters.span(places.at, places.at + 1)
            source, offset, length = self._drawn(letters, places.at, places.bits)
            return Replacements(start, end, source[ranges(offset, length)], length)
        first, last = self._stretch(places.word_start, places.word_end)
        count = last - first
        at, word = ranges(first, count), np.repeat(np.arange(len(count)), count)
        source, offset, length = self._drawn(letters, at, _bits_of_letters(places.bits, count))
        start, end = letters.span(first, last)
        word_length = np.bincount(word, weights=length, minlength=len(count)).astype(np.int64)
        return Replacements(start, end, source[ranges(offset, length)], word_length)

    def _stretch(self, word_start: Index, word_end: Index) -> tuple[Index, Index]:
        """Return the first letter of each word that may change, and one past the last."""
        if self.positions == "first":
            return word_start, np.minimum(word_start + 1, word_end)
        if self.positions == "last":
            return np.maximum(word_end - 1, word_start), word_end
        if self.inner:
            first = np.minimum(word_start + 1, word_end)
            return first, np.maximum(word_end - 1, first)
        return word_start, word_end

    def _has_forms(self, letters: Letters, place: Index) -> Mask:
        fits = self._table.has(letters, place)
        _, alone = letters.single(place)
        # Letters of several code points are few, and looked at one by one.
        for number in np.flatnonzero(~alone):
            fits[number] = bool(self.forms_of_cluster(letters.text(int(place[number]))))
        return fits

    def _drawn(self, letters: Letters, at: Index, bits: Keys) -> tuple[CodePoints, Index, Index]:
        """Draw a form for each letter, or the letter itself where there is none.

        Args:
            letters: The letters of the batch.
            at: Cluster numbers, shape (letters,).
            bits: Random bits, of which the low 32 are used, shape (letters,).

        Returns:
            Code points, and for each letter where in them its form begins and how long it is.
        """
        table = self._table
        start, end = letters.span(at, at + 1)
        alone = end - start == 1
        row = np.where(alone, table.rows(letters.code_points[start]), 0)
        form = table.drawn(row, bits)
        has_form = table.count[row] > 0
        if has_form.all():
            return table.written, table.offset[form], table.length[form]
        # The forms of the table stand behind the buffer, so that a letter without one is copied from its place.
        source: CodePoints = np.concatenate([letters.code_points, table.written])
        offset, length = start.copy(), end - start
        offset[has_form] = len(letters.code_points) + table.offset[form[has_form]]
        length[has_form] = table.length[form[has_form]]
        of_clusters: list[str] = []
        behind = len(source)
        for number in np.flatnonzero(~alone):
            choices = self.forms_of_cluster(letters.text(int(at[number])))
            if choices:
                chosen = choices[int(low_below(bits[number : number + 1], len(choices))[0])]
                offset[number], length[number] = behind, len(chosen)
                of_clusters.append(chosen)
                behind += len(chosen)
        return np.concatenate([source, encode("".join(of_clusters))]), offset, length

    @functools.cached_property
    def _table(self) -> LetterTable:
        return LetterTable.of(self.forms)


def _bits_of_letters(bits: Keys, count: Index) -> Keys:
    """Return random bits for each letter of words, by the word's and the letter's number in it."""
    # The first letter has draw 0 of the word's number as a key, the second draw 1, and so on. Words are short: a pass
    # for each number of a letter reaches them all.
    first = np.cumsum(count) - count
    drawn = np.zeros(int(count.sum()), np.uint64)
    for number in range(int(count.max(initial=0))):
        reaching = count > number
        drawn[first[reaching] + number] = draw(bits[reaching], number)
    return drawn
