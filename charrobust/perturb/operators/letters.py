"""Drop, add and swap: the three typing errors that need no keyboard.

Definitions: Damerau, "A technique for computer detection and correction of spelling errors", CACM 1964;
as attacks on language models: Pruthi, Dhingra, Lipton, ACL 2019, and Ma et al., COLING 2020.
"""

from __future__ import annotations

import functools
import string
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from charrobust.errors import RecipeError
from charrobust.perturb.clusters import composed
from charrobust.perturb.code_points import CodePoints, encode, letter_table, ranges, upper_table
from charrobust.perturb.counter_random import low_below
from charrobust.perturb.operators.base import LetterOperator, Letters, Places, Replacements
from charrobust.perturb.words import Index, Mask

if TYPE_CHECKING:
    from charrobust.perturb.languages import Language

_SOURCE = "Damerau: A technique for computer detection and correction of spelling errors, CACM 7(3), 1964"
_LAST_LATIN = 0x24F  # the end of Latin Extended-B
_DOTLESS_I, _DOTTED_I = "ı", "İ"


@dataclass(frozen=True, kw_only=True)
class Drop(LetterOperator):
    """Leave out one letter: ``letter`` becomes ``leter``.

    A first or last letter (``positions = "all"``) is recorded as the replacement of two letters by one, so that
    it belongs to its word whatever stands beside it.

    Attributes:
        letters: The letters that may be left out, in either case; the default is any.
    """

    name = "drop"
    source = _SOURCE
    enumerable = True
    letters: str = ""

    def window(self, length: Index) -> tuple[int | Index, Index]:
        """See the base class; a word never becomes empty."""
        first, count = super().window(length)
        return first, np.where(length > 1, count, 0)

    def applies(self, letters: Letters, place: Index) -> Mask:
        """See the base class."""
        if not self.letters:
            return super().applies(letters, place)
        code_points, alone = letters.single(place)
        return alone & np.isin(code_points, self._droppable)

    @functools.cached_property
    def _droppable(self) -> NDArray[np.uint32]:
        lower = composed(self.letters)
        return encode(lower + "".join(map(_capital, lower)))

    def replace(self, letters: Letters, places: Places) -> Replacements:
        """See the base class."""
        if self.inner:
            start, end = letters.span(places.at, places.at + 1)
            return Replacements(start, end, letters.code_points[:0], np.zeros(len(start), np.int64))
        # A place is never both: a word of one letter has no place (see `window`).
        at_start, at_end = places.at == places.word_start, places.at == places.word_end - 1
        # A first or last letter takes its neighbour along: the edit is a letter longer on that side, and writes the
        # neighbour again. Booleans count as 0 and 1.
        start, end = letters.span(places.at - at_end, places.at + 1 + at_start)
        neighbour = places.at + np.where(at_end, -1, 1)
        neighbour_start, neighbour_end = letters.span(neighbour, neighbour + 1)
        lengths = np.where(at_start | at_end, neighbour_end - neighbour_start, 0)
        return Replacements(start, end, letters.code_points[ranges(neighbour_start, lengths)], lengths)


@dataclass(frozen=True, kw_only=True)
class Swap(LetterOperator):
    """Exchange two neighbouring letters: ``letter`` becomes ``lettre``. Equal letters make no edit."""

    name = "swap"
    source = _SOURCE
    enumerable = True
    width = 2

    def applies(self, letters: Letters, place: Index) -> Mask:
        """See the base class; letters that look different differ in a code point or in their number."""
        left, left_is_single = letters.single(place)
        right, right_is_single = letters.single(place + 1)
        different: Mask = left != right
        # Letters of several code points that begin alike may still differ; they are few, and compared one by one.
        for number in np.flatnonzero(~different & ~(left_is_single & right_is_single)):
            here = place[number : number + 1]
            different[number] = _cluster(letters, here) != _cluster(letters, here + 1)
        return different

    def replace(self, letters: Letters, places: Places) -> Replacements:
        """See the base class."""
        if letters.words.cuts is None:
            # Each letter is one code point, as nearly always: the two are written one behind the other.
            pairs = np.stack([places.at + 1, places.at], axis=1).ravel()
            return Replacements(places.at, places.at + 2, letters.code_points[pairs], np.full(len(places.at), 2))
        start, middle = letters.span(places.at, places.at + 1)
        end = letters.words.at(places.at + 2)
        # Right letter, left letter, right letter, left letter, ...: the pieces of all edits one behind the other.
        pieces = np.stack([middle, start], axis=1).ravel()
        lengths = np.stack([end - middle, middle - start], axis=1).ravel()
        return Replacements(start, end, letters.code_points[ranges(pieces, lengths)], end - start)


def _cluster(letters: Letters, place: Index) -> list[int]:
    """Return the code points of one letter; ``place`` has shape (1,)."""
    start, end = letters.span(place, place + 1)
    code_points: list[int] = letters.code_points[start[0] : end[0]].tolist()
    return code_points


@dataclass(frozen=True, kw_only=True)
class Add(LetterOperator):
    """Insert one letter: ``letter`` becomes ``lettxer``.

    An insertion before the first or after the last letter (``positions = "all"``) is recorded as the
    replacement of that letter by two, so that it belongs to its word whatever stands beside it.

    Attributes:
        letters: The letters to draw from, lower-case; ``repeat`` doubles the letter on the left. The default is
            the alphabet, or a letter of the word itself where the one on the left is of another script.
        alphabet: The alphabet of the language, where that is not a to z; :meth:`in_language` sets it.
        case: ``keep`` writes the case of the letter on the left, ``any`` either case, ``lower`` the letters as
            they are given.
    """

    name = "add"
    source = _SOURCE
    enumerable = True
    width = 0
    letters: str = ""
    alphabet: str = ""
    case: str = "keep"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_choice("case", self.case, ("keep", "any", "lower"))
        for option, letters in (("letters", self.letters), ("alphabet", self.alphabet)):
            if any(map(str.isspace, letters)):
                raise RecipeError(f"operator 'add': {option} = {letters!r} holds a blank, which would break tokens")

    def in_language(self, language: Language) -> Self:
        """See the base class: the alphabet is that of the language."""
        # a to z is written as nothing, so that English draws the same numbers with and without being named.
        is_english = language.alphabet == string.ascii_lowercase
        return replace(self, alphabet="" if is_english else language.alphabet)

    def outcomes(self, letters: Letters, places: Places) -> Index:
        """See the base class: a letter of the alphabet each."""
        count = np.full(len(places.at), len(self._alphabet))
        left, is_latin, fits = self._beside(letters, places)
        if self.letters == "repeat":
            return np.where(letter_table()[left] | is_latin, 1, count)
        if self.letters or fits.all():
            return count
        # The bits draw a letter of the word, and one of the alphabet where that cannot be added: parts of parts.
        return np.where(fits, count, count * (places.word_end - places.word_start))

    def replace(self, letters: Letters, places: Places) -> Replacements:
        """See the base class."""
        new = self._draw(letters, places)
        return inserted(letters, places, new.reshape(-1, 1), inner=self.inner)

    def _draw(self, letters: Letters, places: Places) -> CodePoints:
        """Draw the new letters."""
        left, is_latin, fits = self._beside(letters, places)
        new = self._draw_from_alphabet(left, places)
        if self.letters == "repeat":
            # A mark or a letter that joins its neighbours (as Hangul's parts do) would not stand alone when doubled.
            return np.where(letter_table()[left] | is_latin, left, new)
        if self.letters or fits.all():
            return new
        # The same random bits as for the alphabet, which is not used at these places.
        any_of_word = low_below(places.bits, places.word_end - places.word_start)
        own, _ = letters.single(places.word_start + any_of_word)
        return np.where(~fits & letter_table()[own], own, new)

    def _beside(self, letters: Letters, places: Places) -> tuple[CodePoints, Mask, Mask]:
        """Return the letter on the left, whether it is Latin, and whether it is of the alphabet's script."""
        # Before the first letter there is none on the left, and the first one stands for it.
        left, _ = letters.single(np.maximum(places.at - 1, places.word_start))
        # Of scripts, Latin is told from all others.
        is_latin: Mask = left <= _LAST_LATIN
        return left, is_latin, is_latin if self._is_latin else ~is_latin

    def _draw_from_alphabet(self, left: CodePoints, places: Places) -> CodePoints:
        number = low_below(places.bits, len(self._alphabet))
        if self.case != "keep":
            return self._alphabet[number]
        # 0 or 1, the row of the table of cases.
        is_capital = upper_table()[left].astype(np.int64)
        return self._cases[is_capital, number]

    @functools.cached_property
    def _cases(self) -> NDArray[np.uint32]:
        """Lower- and upper-case form of each letter, shape (2, letters)."""
        alphabet = self._letters
        # Where there is a dotless i, as in Turkish, the capital of the other has a dot, too.
        dotted = alphabet.replace("i", _DOTTED_I) if _DOTLESS_I in alphabet else alphabet
        capitals = "".join(map(_capital, dotted))
        return np.stack([encode(alphabet), encode(capitals)])

    @functools.cached_property
    def _letters(self) -> str:
        """The letters to draw from, lower-case."""
        if self.letters in ("", "repeat"):
            return composed(self.alphabet) or string.ascii_lowercase
        return composed(self.letters)

    @functools.cached_property
    def _is_latin(self) -> bool:
        return ord(self._letters[0]) <= _LAST_LATIN

    @functools.cached_property
    def _alphabet(self) -> NDArray[np.uint32]:
        return self._cases.ravel() if self.case == "any" else self._cases[0]


def _capital(letter: str) -> str:
    """Return the capital of a letter, or the letter itself where its capital is two, as that of ß."""
    capital = letter.upper()
    return capital if len(capital) == 1 else letter


def inserted(letters: Letters, places: Places, new: CodePoints, *, inner: bool) -> Replacements:
    """Insert code points into gaps between letters, or at the ends of words.

    Args:
        letters: The letters of the batch.
        places: The gaps; place i is the one before letter i.
        new: What is inserted, shape (edits, code points).
        inner: Whether no gap is at an end of a word.

    Returns:
        The edits.
    """
    count, width = new.shape
    widths = np.full(count, width)
    if inner:
        start = letters.words.at(places.at)
        return Replacements(start, start, new.ravel(), widths)
    # A place is never both: words without a letter are shorter than any `min_length`, and are not edited.
    at_start, at_end = places.at == places.word_start, places.at == places.word_end
    # Inside a word the span is empty. At an end it is the letter there, which is written again on its side of what is
    # new.
    start, end = letters.span(places.at - at_end, places.at + at_start)
    length = end - start
    # What is new stands behind the buffer, so that every edit is three pieces of one array: what stands before it, it,
    # and what stands behind it.
    source = np.concatenate([letters.code_points, new.ravel()])
    added = len(letters.code_points) + np.arange(count) * width
    pieces = np.stack([start, added, start], axis=1).ravel()
    lengths = np.stack([np.where(at_end, length, 0), widths, np.where(at_start, length, 0)], axis=1).ravel()
    return Replacements(start, end, source[ranges(pieces, lengths)], length + width)
