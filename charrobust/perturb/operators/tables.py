"""Letters exchanged by a table that is read from a file: digits and signs for letters, and look-alikes."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from charrobust import resources
from charrobust.errors import RecipeError
from charrobust.perturb.clusters import composed
from charrobust.perturb.operators.exchange import Exchange

FOLDER = "attacks/tables"
_KEYS = {"summary": str, "source": str, "licence": str, "forms": dict}


def load_table(name: str) -> dict[str, str]:
    """Read what may be written for each letter.

    Args:
        name: A shipped table such as ``leet``, or the path of a TOML file.

    Returns:
        For each letter the characters that may stand in its place.

    Raises:
        RecipeError: There is no such table, or it is no table of letters.
    """
    path = resources.find(name, FOLDER, "table")
    content = resources.read_toml(path)
    for key, value in content.items():
        if not isinstance(value, _KEYS.get(key, ())):
            raise RecipeError(f"{path}: expected the keys {', '.join(_KEYS)}, got {key} = {value!r:.60}")
    forms = content.get("forms")
    if not forms:
        raise RecipeError(f"{path}: a table needs [forms], such as a = '4@'")
    for letter, written in forms.items():
        _check_entry(path, letter, written)
    return {composed(letter): composed(written) for letter, written in forms.items()}


def _check_entry(path: Path, letter: str, written: Any) -> None:
    where = f"{path}: [forms] {letter} = {written!r}: "
    if len(composed(letter)) != 1:
        raise RecipeError(f"{where}expected one letter on the left, got {len(letter)}")
    if not isinstance(written, str) or not written:
        raise RecipeError(f"{where}expected a string, each of whose characters may stand for the letter")
    if any(map(str.isspace, written)) or len(f"a{written}a".splitlines()) > 1:
        raise RecipeError(f"{where}a blank would break tokens; leave it out")
    if composed(letter) in composed(written):
        raise RecipeError(f"{where}a letter that stands for itself changes nothing; leave it out")


@dataclass(frozen=True, kw_only=True)
class TableExchange(Exchange):
    """Exchange letters by a table from a file.

    Attributes:
        table: A shipped table, or the path of a TOML file.
    """

    table: str

    def __post_init__(self) -> None:
        super().__post_init__()
        # Read here, so that a table that does not serve is refused with the recipe, and not in the middle of a run.
        _ = self.forms

    @functools.cached_property
    def forms(self) -> Mapping[str, Sequence[str]]:
        """See the base class."""
        return load_table(self.table)

    def __getstate__(self) -> dict[str, Any]:
        """Keep what the table says: a file of the user's may not lie where the attack is sent."""
        return {**super().__getstate__(), "forms": self.forms}


@dataclass(frozen=True, kw_only=True)
class Leet(TableExchange):
    """Write a digit or a sign that looks like the letter: ``letter`` becomes ``l3tter``."""

    name = "leet"
    source = (
        "Perea, Duñabeitia, Carreiras: R34D1NG W0RD5 W1TH NUMB3R5, JEP: Human Perception and Performance 34(1), 2008"
    )
    table: str = "leet"
