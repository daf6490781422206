"""Keyboard substitution: a neighbouring key instead of the one that was meant."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from charrobust.errors import RecipeError
from charrobust.perturb.keyboards import is_mark, load_layout
from charrobust.perturb.operators.base import LetterOperator, Letters, Places, Replacements
from charrobust.perturb.operators.letter_table import ClusterForms, LetterTable
from charrobust.perturb.words import Index, Mask
from charrobust.resources import is_path

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
    source = "Belinkov, Bisk: Synthetic and natural noise both break neural machine translation, ICLR 2018"
    enumerable = True
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
        if is_path(self.layout) or self.layout in language.layouts:
            return self
        return replace(self, layout=language.layouts[0])

    def applies(self, letters: Letters, place: Index) -> Mask:
        """See the base class: the letter must be on the keyboard and have a neighbour."""
        if self._writes_marks:
            return ClusterForms(self._table, letters, place).counts > 0
        return self._table.has(letters, place)

    def outcomes(self, letters: Letters, places: Places) -> Index:
        """See the base class: a neighbouring key each."""
        if self._writes_marks:
            return ClusterForms(self._table, letters, places.at).counts
        return self._table.choices(letters, places)

    def replace(self, letters: Letters, places: Places) -> Replacements:
        """See the base class."""
        if self._writes_marks:
            return ClusterForms(self._table, letters, places.at).draw(places.bits)
        return self._table.draw(letters, places)

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
    def _table(self) -> LetterTable:
        return LetterTable.of(self._written)


def _of_kind(old: str, near: str) -> str:
    """Return keys that write a mark where one is meant, and none where none is: others would join or tear letters."""
    return "".join(new for new in near if is_mark(new) == is_mark(old))
