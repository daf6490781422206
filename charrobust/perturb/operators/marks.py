"""Marks that are lost: full stops at the end of sentences, and all marks between words, as of a speech recogniser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charrobust.perturb.code_points import blank_table, encode, mark_table
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
    """Leave out the marks behind a word, up to the next word or the end of the text.

    Marks that stand apart, as tokens of their own do, go with the blank before them; other blanks stay.
    """

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
        return (start < end) & _is_at_blank(units, end)

    def replace(self, units: Units) -> Replacements:
        """See the base class."""
        start, end = self._marks(units)
        return Replacements(start, end, units.code_points[:0], np.zeros(len(start), np.int64))

    def _marks(self, units: Units) -> tuple[Index, Index]:
        """Return the stretch of marks behind each word."""
        end = _past(mark_table(), units, units.end)
        while True:
            # Marks that stand apart, but not those of what follows: of "so , 'tis" the comma alone.
            apart = _past(blank_table(), units, end)
            further = _past(mark_table(), units, apart)
            grows = (end < apart) & (apart < further) & _is_at_blank(units, further)
            if not grows.any():
                return units.end, end
            end = np.where(grows, further, end)


def _past(table: NDArray[np.bool_], units: Units, start: Index) -> Index:
    """Return where runs of code points of a kind end that begin at some places, at the ends of their texts at most."""
    end = start.copy()
    inside = (end < units.text_end) & table[units.code_points[end]]
    while inside.any():
        end += inside
        inside &= (end < units.text_end) & table[units.code_points[end]]
    return end


def _is_at_blank(units: Units, place: Index) -> Mask:
    """Tell whether a blank or the end of the text stands at places."""
    return np.asarray((place == units.text_end) | units.is_blank(place))
