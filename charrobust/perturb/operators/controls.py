"""Control characters, by which a text is displayed as it was though its letters are others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from charrobust.perturb.code_points import CodePoints, encode, left_to_right_table, ranges
from charrobust.perturb.operators.base import Letters, Places, Replacements
from charrobust.perturb.operators.letters import Add, Swap, inserted
from charrobust.perturb.words import Index, Mask

_SOURCE = "Boucher, Shumailov, Anderson, Papernot: Bad characters: imperceptible NLP attacks, IEEE S&P 2022"
# Left-to-right override and isolate, right-to-left override, pop directional formatting and isolate (UAX 9).
_LRO, _LRI, _RLO, _PDF, _PDI = "\u202d", "\u2066", "\u202e", "\u202c", "\u2069"
# In the middle, letters stand from right to left, each isolated from the other.
_OPEN, _BETWEEN, _CLOSE = _LRO + _LRI + _RLO + _LRI, _PDI + _LRI, _PDI + _PDF + _PDI + _PDF
_BACKSPACE = 0x08


@dataclass(frozen=True, kw_only=True)
class Reorder(Swap):
    """Exchange two neighbouring letters, with characters around them by which they are displayed as they were.

    Letters that are written from right to left stay: what displays them as they were would be another.
    """

    name = "reorder"
    level = "unicode"
    source = _SOURCE

    def applies(self, letters: Letters, place: Index) -> Mask:
        """See the base class."""
        left, _ = letters.single(place)
        right, _ = letters.single(place + 1)
        in_order = left_to_right_table()[left] & left_to_right_table()[right]
        applies: Mask = in_order & super().applies(letters, place)
        return applies

    def replace(self, letters: Letters, places: Places) -> Replacements:
        """See the base class."""
        start, middle = letters.span(places.at, places.at + 1)
        end = letters.words.at(places.at + 2)
        # The controls stand behind the buffer, so that every edit is five pieces of one array.
        source = np.concatenate([letters.code_points, encode(_OPEN + _BETWEEN + _CLOSE)])
        opened = np.full(len(start), len(letters.code_points))
        between = opened + len(_OPEN)
        pieces = np.stack([opened, middle, between, start, between + len(_BETWEEN)], axis=1)
        lengths = np.empty_like(pieces)
        lengths[:, 0::2] = len(_OPEN), len(_BETWEEN), len(_CLOSE)
        lengths[:, 1], lengths[:, 3] = end - middle, middle - start
        new = source[ranges(pieces.ravel(), lengths.ravel())]
        return Replacements(start, end, new, lengths.sum(axis=1))


@dataclass(frozen=True, kw_only=True)
class Backspace(Add):
    """Insert a letter and a backspace behind it, which takes it away where text is displayed as terminals do."""

    name = "backspace"
    level = "unicode"
    source = _SOURCE

    def replace(self, letters: Letters, places: Places) -> Replacements:
        """See the base class."""
        new = self._draw(letters, places)
        taken_away: CodePoints = np.stack([new, np.full(len(new), _BACKSPACE, np.uint32)], axis=1, dtype=np.uint32)
        return inserted(letters, places, taken_away, inner=self.inner)
