"""Doubled letters: one written twice, or one of two left out. Among the commonest misspellings of English."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from charrobust.perturb.code_points import letter_table, ranges
from charrobust.perturb.operators.base import LetterOperator, Letters, Places, Replacements
from charrobust.perturb.words import Index, Mask

_SOURCE = "Yannakoudakis, Fawthrop: The rules of spelling errors, Information Processing & Management 19(2), 1983"


@dataclass(frozen=True, kw_only=True)
class Double(LetterOperator):
    """Write a letter twice: ``letter`` becomes ``leetter``."""

    name = "double"
    source = _SOURCE
    enumerable = True

    def applies(self, letters: Letters, place: Index) -> Mask:
        """See the base class: digits and signs are not doubled."""
        code_points, _ = letters.single(place)
        return letter_table()[code_points]

    def replace(self, letters: Letters, places: Places) -> Replacements:
        """See the base class."""
        start, end = letters.span(places.at, places.at + 1)
        length = end - start
        twice = np.repeat(start, 2), np.repeat(length, 2)
        return Replacements(start, end, letters.code_points[ranges(*twice)], 2 * length)


@dataclass(frozen=True, kw_only=True)
class Undouble(LetterOperator):
    """Leave out one of two equal letters: ``letter`` becomes ``leter``."""

    name = "undouble"
    source = _SOURCE
    enumerable = True
    width = 2

    def applies(self, letters: Letters, place: Index) -> Mask:
        """See the base class: the letter must be followed by the same."""
        left, left_alone = letters.single(place)
        right, right_alone = letters.single(place + 1)
        doubled: Mask = left_alone & right_alone & (left == right) & letter_table()[left]
        return doubled

    def replace(self, letters: Letters, places: Places) -> Replacements:
        """See the base class; recorded as two letters that become one."""
        start, middle = letters.span(places.at, places.at + 1)
        end = letters.words.at(places.at + 2)
        return Replacements(start, end, letters.code_points[start], middle - start)
