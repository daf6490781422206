"""Keyboard layouts as geometry: rows of keys with offsets, from which neighbours follow.

A layout file (``attacks/keyboards/*.toml``) holds::

    summary = "US English QWERTY"
    source = "ANSI INCITS 154-1988"
    rows = [                       # from top to bottom; offset in key widths
      { offset = 0.0, keys = "1234567890-=" },
      { offset = 1.5, keys = "qwertyuiop[]" },
    ]
    [uppercase]                    # only where it differs from Unicode's
    "i" = "İ"

A blank in ``keys`` is a place without a key. One character a key: what it writes without modifiers.
"""

from __future__ import annotations

import functools
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from charrobust import resources
from charrobust.errors import RecipeError, hint
from charrobust.perturb.clusters import composed

_FIELDS = {"summary": str, "source": str, "rows": list, "uppercase": dict}


@dataclass(frozen=True)
class Layout:
    """A keyboard layout.

    Attributes:
        name: Name of the layout or path of its file.
        places: (key, column, row) of every key; columns in key widths.
        uppercase: Capital of a key where Unicode's rule does not hold (Turkish i).
    """

    name: str
    places: tuple[tuple[str, float, int], ...]
    uppercase: dict[str, str]

    def upper(self, key: str) -> str:
        """Return the capital that a key writes with shift, or the key itself where it has none of one character."""
        capital = self.uppercase.get(key, key.upper())
        return capital if len(capital) == 1 else key

    def neighbours(self, count: int, letters_only: bool = True) -> dict[str, str]:
        """Return the neighbours of every key.

        Two keys are neighbours in the 8-neighbourhood if neither their columns nor their rows differ by more
        than 1; in the 4-neighbourhood if they touch side by side or are in adjoining rows with columns that
        differ by at most 1/2.

        Args:
            count: 4 or 8.
            letters_only: Leave out keys that write neither a letter nor a mark that goes with letters.

        Returns:
            The neighbours of each key, in one string.
        """
        near: dict[str, str] = {}
        keys = [place for place in self.places if not letters_only or place[0].isalpha() or is_mark(place[0])]
        for key, column, row in keys:
            touching = [
                other
                for other, other_column, other_row in keys
                if other != key and _touch(other_column - column, other_row - row, count)
            ]
            # In the order of the rows, which must not change: a draw picks a neighbour by its number.
            near[key] = "".join(touching)
        return near


def is_mark(character: str) -> bool:
    """Tell whether a character is a mark that is written with a letter, such as a vowel sign of Devanagari."""
    return unicodedata.category(character).startswith("M")


def _touch(across: float, down: int, count: int) -> bool:
    if count == 8:
        return abs(across) <= 1 and abs(down) <= 1
    side_by_side = down == 0 and abs(across) <= 1
    # Rows are shifted against each other, so that a key touches two of the row above: those at most half a key away.
    above_or_below = abs(down) == 1 and abs(across) <= 0.5
    return side_by_side or above_or_below


@functools.cache
def load_layout(name: str) -> Layout:
    """Load a shipped layout by name, or a user's by the path of its TOML file.

    Args:
        name: A shipped name such as ``qwerty``, or the path of a TOML file.

    Returns:
        The layout.

    Raises:
        RecipeError: No such layout, or a field that is missing, unknown or of the wrong type.
    """
    path = resources.find(name, "attacks/keyboards", "layout")
    content = resources.read_toml(path)
    _check_fields(path, content)
    places: list[tuple[str, float, int]] = []
    for number, row in enumerate(content["rows"]):
        places += _row_places(path, number, row)
    occurrences = Counter(key for key, _, _ in places)
    twice = sorted(key for key, count in occurrences.items() if count > 1)
    if twice:
        raise RecipeError(f"{path}: keys that occur twice: {' '.join(twice)}; each key has one place")
    capitals = content.get("uppercase", {})
    if not all(isinstance(capital, str) and len(capital) == 1 for capital in capitals.values()):
        raise RecipeError(f"{path}: uppercase must give one character for each key, got {capitals!r}")
    return Layout(name, tuple(places), {key: composed(capital) for key, capital in capitals.items()})


def _check_fields(path: Path, content: dict[str, Any]) -> None:
    """Refuse unknown fields, values of the wrong type, and a layout without rows."""
    for field, value in content.items():
        if field not in _FIELDS:
            raise RecipeError(f"{path}: unknown field {field!r}; {hint(field, _FIELDS)}")
        if not isinstance(value, _FIELDS[field]):
            raise RecipeError(f"{path}: {field} must be a {_FIELDS[field].__name__}, got {value!r}")
    if not content.get("rows"):
        raise RecipeError(f"{path}: a layout needs rows, such as rows = [{{ offset = 0.0, keys = 'qwertyuiop' }}]")


def _row_places(path: Path, number: int, row: Any) -> list[tuple[str, float, int]]:
    """Return (key, column, row) of the keys of one row; blanks are places without a key."""
    if not _is_row(row):
        raise RecipeError(f"{path}: row {number + 1} must be {{ offset = NUMBER, keys = 'KEYS' }}, got {row!r}")
    offset = row.get("offset", 0.0)
    return [(key, offset + place, number) for place, key in enumerate(composed(row["keys"])) if key != " "]


def _is_row(row: Any) -> bool:
    if not isinstance(row, dict) or not set(row) <= {"offset", "keys"}:
        return False
    keys = row.get("keys")
    if not isinstance(keys, str) or any(key.isspace() and key != " " for key in keys):
        return False
    return isinstance(row.get("offset", 0.0), int | float)
