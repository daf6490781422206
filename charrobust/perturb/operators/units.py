"""Words and sentences as wholes: dropped, doubled, exchanged with the next one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from charrobust.perturb.code_points import CodePoints
from charrobust.perturb.operators.base import Replacements, UnitOperator, Units, written
from charrobust.perturb.words import Index, Mask

_WORDS = "Wei, Zou, EDA, EMNLP 2019 (random deletion and swap of words)"
_BLANK = np.array([ord(" ")], np.uint8)
_SENTENCES = "Lewis et al., BART, ACL 2020 (sentence permutation, deletion); Wang et al., TextFlint, ACL 2021"


@dataclass(frozen=True, kw_only=True)
class DropWord(UnitOperator):
    """Leave out a word with one blank beside it; a text keeps one word at least, and a word between signs stays."""

    name = "drop-word"
    level = "words"
    effect = "word-loss"
    source = _WORDS
    enumerable = True

    def applies(self, units: Units) -> Mask:
        """See the base class."""
        blank_before, _ = _blanks(units)
        has_previous = units.previous_end > units.text_start
        return np.asarray(self._takes_behind(units) | (blank_before & has_previous))

    def replace(self, units: Units) -> Replacements:
        """See the base class: the blank behind the word goes, or else what is blank before it."""
        takes_behind = self._takes_behind(units)
        # Up to the word before, so that the edit meets that of the word before: one of the two stays.
        before = np.where(units.is_gap_blank(), units.previous_end, units.start - 1)
        # Booleans count as 0 and 1.
        return _nothing(np.where(takes_behind, units.start, before), units.end + takes_behind, units)

    def _takes_behind(self, units: Units) -> Mask:
        """Tell where the blank behind the word goes: not behind the last word, whose edit meets the one before it."""
        blank_before, blank_behind = _blanks(units)
        at_start = units.start == units.text_start
        return np.asarray(units.has_next & blank_behind & (blank_before | at_start))


@dataclass(frozen=True, kw_only=True)
class DropSentence(UnitOperator):
    """Leave out a sentence with the blanks behind it, or before the last one; a text keeps one sentence at least."""

    name = "drop-sentence"
    level = "sentences"
    effect = "sentence-loss"
    unit = "sentence"
    source = _SENTENCES
    enumerable = True

    def applies(self, units: Units) -> Mask:
        """See the base class."""
        return units.has_next | (units.previous_end > units.text_start)

    def replace(self, units: Units) -> Replacements:
        """See the base class."""
        start = np.where(units.has_next, units.start, units.previous_end)
        end = np.where(units.has_next, units.next_start, units.end)
        return _nothing(start, end, units)


@dataclass(frozen=True, kw_only=True)
class DoubleWord(UnitOperator):
    """Write a word twice: ``the letter`` becomes ``the the letter``."""

    name = "double-word"
    level = "words"
    effect = "repetition"
    source = "Wang et al., TextFlint, ACL 2021 (word repetition as in speech)"
    enumerable = True

    def applies(self, units: Units) -> Mask:
        """See the base class: everywhere."""
        return np.ones(len(units.start), bool)

    def replace(self, units: Units) -> Replacements:
        """See the base class."""
        return _again(units, units.end, units.end)


@dataclass(frozen=True, kw_only=True)
class DoubleSentence(DoubleWord):
    """Write a sentence twice, one behind the other."""

    name = "double-sentence"
    level = "sentences"
    unit = "sentence"
    source = _SENTENCES


@dataclass(frozen=True, kw_only=True)
class SwapWords(UnitOperator):
    """Exchange a word with the next one, where a single blank stands between them."""

    name = "swap-words"
    level = "words"
    effect = "word-order"
    source = _WORDS
    enumerable = True

    def applies(self, units: Units) -> Mask:
        """See the base class; two equal words make no edit."""
        fits = self._stand_together(units)
        rows = np.flatnonzero(fits)
        fits[rows] = [_differ(units, row) for row in rows.tolist()]
        return fits

    def _stand_together(self, units: Units) -> Mask:
        together: Mask = units.has_next & (units.next_start - units.end == 1)
        return together & units.is_blank(units.end)

    def replace(self, units: Units) -> Replacements:
        """See the base class."""
        behind, gap = (units.next_start, units.next_end), (units.end, units.next_start)
        new, lengths = written(units.code_points, [behind, gap, (units.start, units.end)])
        return Replacements(units.start, units.next_end, new, lengths)


@dataclass(frozen=True, kw_only=True)
class SwapSentences(SwapWords):
    """Exchange a sentence with the next one."""

    name = "swap-sentences"
    level = "sentences"
    effect = "sentence-order"
    unit = "sentence"
    source = _SENTENCES

    def _stand_together(self, units: Units) -> Mask:
        return units.has_next.copy()


def _blanks(units: Units) -> tuple[Mask, Mask]:
    """Tell whether a blank of the text stands right before and right behind each unit."""
    before = (units.start > units.text_start) & units.is_blank(units.start - 1)
    behind = (units.end < units.text_end) & units.is_blank(units.end)
    return before, behind


def _differ(units: Units, row: int) -> bool:
    """Tell whether a unit and the next one are written differently."""
    this = units.code_points[units.start[row] : units.end[row]]
    return not np.array_equal(this, units.code_points[units.next_start[row] : units.next_end[row]])


def _again(units: Units, start: Index, end: Index) -> Replacements:
    """Write a blank and each unit at a place."""
    # The blank stands behind the buffer, so that all that is written is pieces of one array.
    source: CodePoints = np.concatenate([units.code_points, _BLANK])
    blank = np.full(len(start), len(units.code_points))
    new, lengths = written(source, [(blank, blank + 1), (units.start, units.end)])
    return Replacements(start, end, new, lengths)


def _nothing(start: Index, end: Index, units: Units) -> Replacements:
    """Leave out what stands between two places."""
    return Replacements(start, end, units.code_points[:0], np.zeros(len(start), np.int64))
