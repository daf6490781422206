"""Keyboard substitution: a neighbouring key instead of the one that was meant."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from charrobust.errors import RecipeError
from charrobust.perturb.code_points import CodePoints, encode, ranges
from charrobust.perturb.counter_random import Keys, low_below
from charrobust.perturb.keyboards import is_mark, load_layout
from charrobust.perturb.operators.base import LetterOperator, Letters, Places, Replacements
from charrobust.perturb.words import Index, Mask

if TYPE_CHECKING:
    from charrobust.perturb.languages import Language


@dataclass(frozen=True, kw_only=True)
class Keyboard(LetterOperator):
    """Write a neighbouring key: ``letter`` becomes ``lerter``. Letters that the layout lacks stay.

    On layouts whose keys write marks, as those of Devanagari, one of the keys of a letter with its marks is replaced: a
    consonant by a consonant, a vowel sign by a vowel sign.

    Attributes:
        layout: A shipped layout (``charrobust recipes --layouts`` lists them) or the path of a layout file.
        neighbours: 4 (left, right, above, below) or 8 (diagonals too).
        case: ``keep`` writes a capital for a capital, ``lower`` always the key as it is.
        keys: ``letters`` draws letter keys only, ``all`` digits and signs too.
    """

    name = "keyboard"
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

    def in_language(self, language: Language) -> Self:
        """See the base class: the usual layout of the language, where the own one is that of another."""
        is_own_file = "/" in self.layout or self.layout.endswith(".toml")
        if is_own_file or self.layout in language.layouts:
            return self
        return replace(self, layout=language.layouts[0])

    def window(self, length: Index) -> tuple[int, Index]:
        """See the base class."""
        return (1, length - 2) if self.inner else (0, length)

    def applies(self, letters: Letters, place: Index) -> Mask:
        """See the base class: the letter must be on the keyboard and have a neighbour."""
        if self._writes_marks:
            return _KeysOf(self, letters, place).counts > 0
        code_points, alone = letters.single(place)
        _, counts, _ = self.table
        return alone & (counts[self.rows(code_points)] > 0)

    def replace(self, letters: Letters, places: Places) -> Replacements:
        """See the base class."""
        if self._writes_marks:
            return _KeysOf(self, letters, places.at).replaced(places.bits)
        offsets, counts, targets = self.table
        start, end = letters.span(places.at, places.at + 1)
        row = self.rows(letters.code_points[start])
        # The high bits have chosen the place; the low ones are independent of them.
        new = targets[offsets[row] + low_below(places.bits, counts[row])]
        return Replacements(start, end, new, np.ones(len(row), np.int64))

    def rows(self, code_points: CodePoints) -> Index:
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
        return {old: _of_kind(old, near) for old, near in (upper | lower).items()}

    @functools.cached_property
    def _writes_marks(self) -> bool:
        return any(map(is_mark, self._written))

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
    def table(self) -> tuple[Index, Index, NDArray[np.uint32]]:
        """Offset and number of the targets of each row, and all targets.

        Rows differ in length, so they stand one behind the other, each found by its offset.
        """
        # The 0 in front is row 0, of letters that the keyboard lacks.
        counts = np.array([0, *map(len, self._written.values())])
        return np.cumsum(counts) - counts, counts, encode("".join(self._written.values()))


def _of_kind(old: str, near: str) -> str:
    """Return keys that write a mark where one is meant, and none where none is: others would join or tear letters."""
    return "".join(new for new in near if is_mark(new) == is_mark(old))


class _KeysOf:
    """The keys that write letters of one or several code points, and what may be written instead of one of them.

    Attributes:
        counts: How many other keys there are for each letter, shape (letters,).
    """

    def __init__(self, keyboard: Keyboard, letters: Letters, place: Index) -> None:
        """Look up the keys.

        Args:
            keyboard: The operator.
            letters: The letters of the batch.
            place: The numbers of those that are looked at.
        """
        self._start, self._end = letters.span(place, place + 1)
        self._lengths = self._end - self._start
        # The code points of all letters in a row, with the neighbours of each; running totals tell those of a letter.
        self._offsets, counts, self._targets = keyboard.table
        self._code_points = letters.code_points[ranges(self._start, self._lengths)]
        self._rows = keyboard.rows(self._code_points)
        totals = np.concatenate([[0], np.cumsum(counts[self._rows])])
        last = np.cumsum(self._lengths)
        self._before, self._totals = totals[last - self._lengths], totals
        self.counts: Index = totals[last] - self._before

    def replaced(self, bits: Keys) -> Replacements:
        """Replace one key of each letter, which has at least one that may be."""
        drawn = self._before + low_below(bits, self.counts)
        # The code point whose neighbours hold the one that was drawn: the last whose own begin at or before it.
        piece = np.searchsorted(self._totals, drawn, side="right") - 1
        new = self._code_points.astype(np.uint32)
        new[piece] = self._targets[self._offsets[self._rows[piece]] + drawn - self._totals[piece]]
        return Replacements(self._start, self._end, new, self._lengths)
