"""Marks that are lost: full stops at the end of sentences, and all marks between words, as of a speech recogniser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from charrobust.perturb.code_points import encode, mark_table
from charrobust.perturb.operators.base import Replacements, UnitOperator, Units
from charrobust.perturb.words import Index, Mask

_FINAL = frozenset(".!?…。！？।؟")


@dataclass(frozen=True, kw_only=True)
class DropFinalMark(UnitOperator):
    """Leave out the marks at the end of a sentence."""

    name = "drop-final-mark"
    level = "sentences"
    effect = "punctuation"
    unit = "sentence"
    source = "Wang et al., TextFlint, ACL 2021 (punctuation at the end of a sentence)"
    enumerable = True

    def applies(self, units: Units) -> Mask:
        """See the base class."""
        return self._marks_start(units) < units.end

    def replace(self, units: Units) -> Replacements:
        """See the base class."""
        start = self._marks_start(units)
        return Replacements(start, units.end, units.code_points[:0], np.zeros(len(start), np.int64))

    def _marks_start(self, units: Units) -> Index:
        """Return where the run of marks at the end of each sentence starts; the end where there is none."""
        start = units.end.copy()
        marks = encode("".join(sorted(_FINAL)))
        at_mark = np.isin(units.code_points[start - 1], marks)
        while at_mark.any():
            start -= at_mark
            # A sentence holds a word, so that a run of marks ends before its start.
            at_mark &= np.isin(units.code_points[start - 1], marks)
        # A mark that stands apart, as tokens do, takes its blank along.
        return start - ((start < units.end) & units.is_blank(start - 1))


@dataclass(frozen=True, kw_only=True)
class DropMarks(UnitOperator):
    """Leave out the marks between a word and the next one, and those behind the last one; blanks stay."""

    name = "drop-marks"
    level = "machines"
    effect = "punctuation"
    source = (
        "Peskov et al., Mitigating noisy inputs for question answering, Interspeech 2019 (unpunctuated transcripts)"
    )
    enumerable = True

    def applies(self, units: Units) -> Mask:
        """See the base class: something that is no blank must stand beside a blank, or at the end of the text."""
        start, end = self._marks(units)
        ends_text = end == units.text_end
        beside_blank = ends_text | units.is_blank(end)
        return np.asarray((start < end) & beside_blank)

    def replace(self, units: Units) -> Replacements:
        """See the base class."""
        start, end = self._marks(units)
        return Replacements(start, end, units.code_points[:0], np.zeros(len(start), np.int64))

    def _marks(self, units: Units) -> tuple[Index, Index]:
        """Return the stretch of marks right behind each word."""
        end = units.end.copy()
        is_mark = mark_table()
        at_mark = (end < units.next_start) & is_mark[units.code_points[end]]
        while at_mark.any():
            end += at_mark
            at_mark &= (end < units.next_start) & is_mark[units.code_points[end]]
        return units.end, end
