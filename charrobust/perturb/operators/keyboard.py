"""Keyboard substitution: a neighbouring key instead of the one that was meant."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.errors import RecipeError
from charrobust.perturb.code_points import CodePoints, encode
from charrobust.perturb.counter_random import low_below
from charrobust.perturb.keyboards import load_layout
from charrobust.perturb.operators.base import LetterOperator, Letters, Places, Replacements
from charrobust.perturb.words import Index, Mask


@dataclass(frozen=True, kw_only=True)
class Keyboard(LetterOperator):
    """Write a neighbouring key: ``letter`` becomes ``lerter``. Letters that the layout lacks stay.

    Attributes:
        layout: A shipped layout (``charrobust recipes --layouts`` lists them) or the path of a layout file.
        neighbours: 4 (left, right, above, below) or 8 (diagonals too).
        case: ``keep`` writes a capital for a capital, ``lower`` always the key as it is.
        keys: ``letters`` draws letter keys only, ``all`` digits and signs too.
    """

    name = "keyboard"
    source = "Belinkov, Bisk: Synthetic and natural noise both break neural machine translation, ICLR 2018"
    layout: str = "us-qwerty"
    neighbours: int = 4
    case: str = "keep"
    keys: str = "letters"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_choice("case", self.case, ("keep", "lower"))
        self.check_choice("keys", self.keys, ("letters", "all"))
        if self.neighbours not in (4, 8):
            raise RecipeError(f"operator 'keyboard': neighbours must be 4 or 8, got {self.neighbours!r}")
        # Loaded here so that a layout that does not serve is refused with the recipe, and not in the middle of a run.
        if not self._written:
            raise RecipeError(self._no_keys())

    def applies(self, letters: Letters, place: Index) -> Mask:
        """See the base class: the letter must be on the keyboard and have a neighbour."""
        code_points, alone = letters.single(place)
        _, counts, _ = self._table
        return alone & (counts[self._rows(code_points)] > 0)

    def replace(self, letters: Letters, places: Places) -> Replacements:
        """See the base class."""
        offsets, counts, targets = self._table
        start, end = letters.span(places.at, places.at + 1)
        row = self._rows(letters.code_points[start])
        # The high bits have chosen the place; the low ones are independent of them.
        new = targets[offsets[row] + low_below(places.bits, counts[row])]
        return Replacements(start, end, new, np.ones(len(row), np.int64))

    def _rows(self, code_points: CodePoints) -> Index:
        """Return the row of each code point in the table of what may be written."""
        # The table ends with a code point beyond all of the keyboard's; higher ones are clipped to it. `take` widens
        # them first: in a buffer of bytes, the end of a table beyond Latin-1 would not fit.
        return self._row_of_code_point.take(code_points, mode="clip")

    def _no_keys(self) -> str:
        """Say that the layout has none of the keys that are drawn."""
        kind, remedy = "letter keys", ", or set keys = 'all'"
        if self.keys == "all":
            kind, remedy = "keys", ""
        return f"operator 'keyboard': layout {self.layout!r} has no {kind}; name a layout with some{remedy}"

    @functools.cached_property
    def _written(self) -> dict[str, str]:
        """What may be written instead of each letter, capitals included."""
        layout = load_layout(self.layout)
        lower = layout.neighbours(self.neighbours, letters_only=self.keys == "letters")
        upper = {}
        for key, near in lower.items():
            upper[layout.upper(key)] = near if self.case == "lower" else "".join(map(layout.upper, near))
        # Keys without a capital, such as signs, are in both: what they write unshifted goes before.
        return upper | lower

    def __getstate__(self) -> dict[str, Any]:
        """Keep what the layout says: a file of the user's may not lie where the attack is sent."""
        return {**super().__getstate__(), "_written": self._written}

    @functools.cached_property
    def _row_of_code_point(self) -> Index:
        """Number of the row of each code point; row 0 is that of letters which are not on the keyboard."""
        code_points = list(map(ord, self._written))
        rows = np.zeros(max(code_points) + 2, np.int64)
        rows[code_points] = np.arange(1, len(code_points) + 1)
        return rows

    @functools.cached_property
    def _table(self) -> tuple[Index, Index, NDArray[np.uint32]]:
        """Offset and number of the targets of each row, and all targets.

        Rows differ in length, so they stand one behind the other, each found by its offset.
        """
        # The 0 in front is row 0, of letters that the keyboard lacks.
        counts = np.array([0, *map(len, self._written.values())])
        return np.cumsum(counts) - counts, counts, encode("".join(self._written.values()))
