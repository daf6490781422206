"""Spacing: a word is split in two, or two are joined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from charrobust.perturb.operators.base import LetterOperator, Letters, Places, Replacements, UnitOperator, Units
from charrobust.perturb.words import Index, Mask

_SOURCE = (
    "Kukich, Techniques for automatically correcting words in text, ACM Computing Surveys 1992 (run-on and split "
    "words: 13 and 2 % of errors)"
)


@dataclass(frozen=True, kw_only=True)
class Split(LetterOperator):
    """Put a blank into a word: ``letter`` becomes ``let ter``.

    ``positions = "inner"`` leaves two letters at least on either side, ``all`` one.
    """

    name = "split"
    level = "spacing"
    effect = "spacing"
    source = _SOURCE
    breaks_tokens = True
    enumerable = True

    def window(self, length: Index) -> tuple[int, Index]:
        """See the base class; place i is the gap before letter i."""
        return (2, length - 3) if self.inner else (1, length - 1)

    def replace(self, letters: Letters, places: Places) -> Replacements:
        """See the base class."""
        start = letters.words.at(places.at)
        return Replacements(start, start, np.full(len(start), ord(" "), np.uint32), np.ones(len(start), np.int64))


@dataclass(frozen=True, kw_only=True)
class Join(UnitOperator):
    """Leave out the blank behind a word: ``a letter`` becomes ``aletter``."""

    name = "join"
    level = "spacing"
    effect = "spacing"
    source = _SOURCE
    enumerable = True

    def applies(self, units: Units) -> Mask:
        """See the base class: one blank, and nothing else, must stand between the word and the next one."""
        is_single = units.has_next & (units.next_start - units.end == 1)
        return np.asarray(is_single & units.is_blank(units.end))

    def replace(self, units: Units) -> Replacements:
        """See the base class."""
        return Replacements(units.end, units.next_start, units.code_points[:0], np.zeros(len(units.start), np.int64))
