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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from charrobust import resources
from charrobust.errors import RecipeError, hint

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
            letters_only: Leave out keys that write no letter.
        """
        keys = [place for place in self.places if not letters_only or place[0].isalpha()]
        return {
            key: "".join(other for other, x, y in keys if other != key and _touch(x - column, y - row, count))
            for key, column, row in keys
        }


def _touch(across: float, down: int, count: int) -> bool:
    if count == 8:
        return abs(across) <= 1 and abs(down) <= 1
    return (down == 0 and abs(across) <= 1) or (abs(down) == 1 and abs(across) <= 0.5)


@functools.cache
def load_layout(name: str) -> Layout:
    """Load a shipped layout by name, or a user's by the path of its TOML file.

    Raises:
        RecipeError: No such layout, or a field that is missing, unknown or of the wrong type.
    """
    path = resources.find(name, "attacks/keyboards", "layout")
    content = resources.read_toml(path)
    for key, value in content.items():
        if key not in _FIELDS:
            raise RecipeError(f"{path}: unknown field {key!r}; {hint(key, _FIELDS)}")
        if not isinstance(value, _FIELDS[key]):
            raise RecipeError(f"{path}: {key} must be a {_FIELDS[key].__name__}, got {value!r}")
    if not content.get("rows"):
        raise RecipeError(f"{path}: a layout needs rows, such as rows = [{{ offset = 0.0, keys = 'qwertyuiop' }}]")
    places = [place for number, row in enumerate(content["rows"]) for place in _row(path, number, row)]
    keys = [key for key, _, _ in places]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise RecipeError(f"{path}: keys that occur twice: {' '.join(twice)}; each key has one place")
    capitals = content.get("uppercase", {})
    if not all(isinstance(capital, str) and len(capital) == 1 for capital in capitals.values()):
        raise RecipeError(f"{path}: uppercase must give one character for each key, got {capitals!r}")
    return Layout(name, tuple(places), capitals)


def _row(path: Path, number: int, row: Any) -> list[tuple[str, float, int]]:
    valid = isinstance(row, dict) and set(row) <= {"offset", "keys"} and isinstance(row.get("keys"), str)
    valid = valid and not any(key.isspace() and key != " " for key in row["keys"])
    if not valid or not isinstance(row.get("offset", 0.0), int | float):
        raise RecipeError(f"{path}: row {number + 1} must be {{ offset = NUMBER, keys = 'KEYS' }}, got {row!r}")
    return [(key, row.get("offset", 0.0) + column, number) for column, key in enumerate(row["keys"]) if key != " "]
