"""Drop, add and swap: the three typing errors that need no keyboard.

Definitions: Damerau, "A technique for computer detection and correction of spelling errors", CACM 1964;
as attacks on language models: Pruthi, Dhingra, Lipton, ACL 2019, and Ma et al., COLING 2020.
"""

from __future__ import annotations

import functools
import string
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charrobust.errors import RecipeError
from charrobust.perturb.code_points import CodePoints, encode, letter_table, ranges, upper_table
from charrobust.perturb.counter_random import low_below
from charrobust.perturb.operators.base import LetterOperator, Letters, Places, Replacements
from charrobust.perturb.words import Index, Mask

_LAST_LATIN = 0x24F  # the end of Latin Extended-B


@dataclass(frozen=True, kw_only=True)
class Drop(LetterOperator):
    """Leave out one letter: ``letter`` becomes ``leter``.

    A first or last letter (``positions = "all"``) is recorded as the replacement of two letters by one, so that
    it belongs to its word whatever stands beside it.
    """

    name = "drop"

    def window(self, length: Index) -> tuple[int, Index]:
        """See the base class; a word never becomes empty."""
        return (1, length - 2) if self.inner else (0, np.where(length > 1, length, 0))

    def replace(self, letters: Letters, places: Places) -> Replacements:
        """See the base class."""
        if self.inner:
            start, end = letters.span(places.at, places.at + 1)
            return Replacements(start, end, letters.code_points[:0], np.zeros(len(start), np.int64))
        at_start, at_end = places.at == places.word_start, places.at == places.word_end - 1
        start, end = letters.span(places.at - at_end, places.at + 1 + at_start)
        kept, behind = letters.span(places.at + np.where(at_end, -1, 1), places.at + np.where(at_end, 0, 2))
        lengths = np.where(at_start | at_end, behind - kept, 0)
        return Replacements(start, end, letters.code_points[ranges(kept, lengths)], lengths)


@dataclass(frozen=True, kw_only=True)
class Swap(LetterOperator):
    """Exchange two neighbouring letters: ``letter`` becomes ``lettre``. Equal letters make no edit."""

    name = "swap"

    def window(self, length: Index) -> tuple[int, Index]:
        """See the base class."""
        return (1, length - 3) if self.inner else (0, length - 1)

    def applies(self, letters: Letters, place: Index) -> Mask:
        """See the base class; letters that look different differ in a code point or in their number."""
        (left, alone), (right, right_alone) = letters.single(place), letters.single(place + 1)
        different: Mask = left != right
        for i in np.flatnonzero(~different & ~(alone & right_alone)):
            (a, b), (c, d) = (letters.span(place[[i]] + k, place[[i]] + k + 1) for k in (0, 1))
            different[i] = letters.code_points[a[0] : b[0]].tolist() != letters.code_points[c[0] : d[0]].tolist()
        return different

    def replace(self, letters: Letters, places: Places) -> Replacements:
        """See the base class."""
        start, middle = letters.span(places.at, places.at + 1)
        end = letters.words.at(places.at + 2)
        pieces = np.stack([middle, start], axis=1).ravel()
        lengths = np.stack([end - middle, middle - start], axis=1).ravel()
        return Replacements(start, end, letters.code_points[ranges(pieces, lengths)], end - start)


@dataclass(frozen=True, kw_only=True)
class Add(LetterOperator):
    """Insert one letter: ``letter`` becomes ``lettxer``.

    An insertion before the first or after the last letter (``positions = "all"``) is recorded as the
    replacement of that letter by two, so that it belongs to its word whatever stands beside it.

    Attributes:
        letters: The letters to draw from, lower-case; ``repeat`` doubles the letter on the left. The default is
            a to z, or a letter of the word itself where the one on the left is not Latin.
        case: ``keep`` writes the case of the letter on the left, ``any`` either case, ``lower`` the letters as
            they are given.
    """

    name = "add"
    letters: str = ""
    case: str = "keep"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_choice("case", self.case, ("keep", "any", "lower"))
        if any(map(str.isspace, self.letters)):
            raise RecipeError(f"operator 'add': letters = {self.letters!r} holds a blank, which would break tokens")

    def window(self, length: Index) -> tuple[int, Index]:
        """See the base class; place i is the gap before letter i."""
        return (1, length - 1) if self.inner else (0, length + 1)

    def replace(self, letters: Letters, places: Places) -> Replacements:
        """See the base class."""
        new = self._draw(letters, places)
        one = np.ones(len(new), np.int64)
        if self.inner:
            start = letters.words.at(places.at)
            return Replacements(start, start, new, one)
        at_start, at_end = places.at == places.word_start, places.at == places.word_end
        start, end = letters.span(places.at - at_end, places.at + at_start)
        kept = end - start
        # The new letters stand behind the buffer, so that every edit is three pieces of one array.
        source = np.concatenate([letters.code_points, new])
        added = len(letters.code_points) + np.arange(len(new))
        pieces = np.stack([start, added, start], axis=1).ravel()
        lengths = np.stack([np.where(at_end, kept, 0), one, np.where(at_start, kept, 0)], axis=1).ravel()
        return Replacements(start, end, source[ranges(pieces, lengths)], kept + 1)

    def _draw(self, letters: Letters, places: Places) -> CodePoints:
        """Draw the new letters."""
        left = letters.single(np.maximum(places.at - 1, places.word_start))[0]
        number = low_below(places.bits, len(self._alphabet))
        capitals = upper_table()[left].astype(np.int64)
        new = self._cases[capitals, number] if self.case == "keep" else self._alphabet[number]
        if self.letters == "repeat":
            return np.where(letter_table()[left] | (left <= _LAST_LATIN), left, new)
        if self.letters or not (left > _LAST_LATIN).any():
            return new
        any_of_word = low_below(places.bits, places.word_end - places.word_start)
        own = letters.single(places.word_start + any_of_word)[0]
        return np.where((left > _LAST_LATIN) & letter_table()[own], own, new)

    @functools.cached_property
    def _cases(self) -> NDArray[np.uint32]:
        """Lower- and upper-case form of each letter, shape (2, letters)."""
        alphabet = string.ascii_lowercase if self.letters in ("", "repeat") else self.letters
        upper = "".join(letter.upper() if len(letter.upper()) == 1 else letter for letter in alphabet)
        return np.stack([encode(alphabet), encode(upper)])

    @functools.cached_property
    def _alphabet(self) -> NDArray[np.uint32]:
        return self._cases.ravel() if self.case == "any" else self._cases[0]
