"""Homophones: another character that is read the same, as one chooses wrongly from the list of an input method."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from charrobust import resources
from charrobust.errors import RecipeError
from charrobust.perturb.clusters import composed
from charrobust.perturb.listed import entries
from charrobust.perturb.operators.base import LetterOperator, Letters, Places, Replacements
from charrobust.perturb.operators.letter_table import LetterTable
from charrobust.perturb.words import Index, Mask


@dataclass(frozen=True, kw_only=True)
class Pinyin(LetterOperator):
    """Write another character of the same reading: ``在`` becomes ``再``. Characters without one stay.

    Attributes:
        homophones: A shipped list (``zh``: Chinese) or the path of a ``.txt`` file. A line holds the characters of a
            reading; what stands behind ``#`` is passed over.
    """

    name = "pinyin"
    effect = "other-word"
    source = "Liu, Lai, Chuang, Lee, COLING 2010 (similar characters in incorrect Chinese words)"
    enumerable = True
    positions: str = "all"
    homophones: str = "zh"

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self._written  # refuses a list that is not there, or does not serve, before anything runs

    def applies(self, letters: Letters, place: Index) -> Mask:
        """See the base class: the character must have a homophone."""
        return self._table.has(letters, place)

    def outcomes(self, letters: Letters, places: Places) -> Index:
        """See the base class: a homophone each."""
        return self._table.choices(letters, places)

    def replace(self, letters: Letters, places: Places) -> Replacements:
        """See the base class."""
        return self._table.draw(letters, places)

    def __getstate__(self) -> dict[str, Any]:
        """Keep what the list says: a file of the user's may not lie where the attack is sent."""
        return {**super().__getstate__(), "_written": self._written}

    @functools.cached_property
    def _written(self) -> dict[str, str]:
        return _homophones(self.homophones)

    @functools.cached_property
    def _table(self) -> LetterTable:
        return LetterTable.of(self._written)


@functools.cache
def _homophones(name: str) -> dict[str, str]:
    """Return the homophones of each character of a list."""
    path = resources.find(name, "attacks/homophones", "list of homophones", suffix=".txt")
    others: dict[str, str] = {}
    for where, line in entries(path):
        characters = composed(line.partition("#")[0].strip())
        for character in characters:
            if character in others or characters.count(character) > 1:
                raise RecipeError(f"{where}: {character!r} has a place already; give each character one")
        others |= {character: characters.replace(character, "") for character in characters}
    if not any(others.values()):
        raise RecipeError(f"{path} holds no line with two characters or more; write those of one reading on a line")
    return others
