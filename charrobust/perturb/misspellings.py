"""Lists of real misspellings: a right word, how people wrote it, and how often."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from charrobust import resources
from charrobust.errors import RecipeError
from charrobust.perturb.clusters import composed
from charrobust.perturb.listed import entries

FOLDER = "attacks/misspellings"
_TABLE, _LINES = ".tsv", ".jsonl"
_EXPECTED = "expected CORRECT, a tab, MISSPELT, and if wanted a tab and a count"


@dataclass(frozen=True)
class Misspellings:
    """How one word was misspelt.

    Attributes:
        forms: The misspellings.
        borders: For each the share of it and all before it, ascending; the last one is 1.
    """

    forms: tuple[str, ...]
    borders: tuple[float, ...]


def load_misspellings(name: str) -> dict[str, Misspellings]:
    """Read a list of misspellings.

    A line holds the right word, a tab, a misspelling, and if wanted a tab and how often it was counted; in JSON Lines
    these are ``correct``, ``misspelt`` and ``count``. Empty lines and those that begin with ``#`` are left out, and
    so are pairs whose right side is several words.

    Args:
        name: A shipped list such as ``en``, or the path of a ``.tsv`` or ``.jsonl`` file.

    Returns:
        The misspellings of each word.

    Raises:
        RecipeError: There is no such file, or a line is not understood; with the file and the line.
    """
    suffix = _LINES if name.endswith(_LINES) else _TABLE
    path = resources.find(name, FOLDER, "list of misspellings", suffix=suffix)
    counts: dict[str, dict[str, float]] = defaultdict(dict)
    for place, line in entries(path):
        where = f"{place}: "
        correct, misspelt, count = _of_json(line, where) if suffix == _LINES else _of_columns(line, where)
        _check_pair(correct, misspelt, where)
        if not any(map(str.isspace, correct)):
            forms = counts[composed(correct)]
            forms[composed(misspelt)] = forms.get(composed(misspelt), 0) + count
    if not counts:
        raise RecipeError(f"{path} holds no misspelling of a single word; {_EXPECTED}")
    return {correct: _with_shares(forms) for correct, forms in counts.items()}


def _of_columns(line: str, where: str) -> tuple[str, str, float]:
    columns = line.split("\t")
    if len(columns) not in (2, 3):
        raise RecipeError(f"{where}{_EXPECTED}, got {line!r:.80}")
    written = columns[2] if len(columns) == 3 else "1"
    try:
        count = float(written)
    except ValueError as error:
        raise RecipeError(f"{where}{written!r} is no count; {_EXPECTED}") from error
    return columns[0], columns[1], _checked(count, where)


def _of_json(line: str, where: str) -> tuple[str, str, float]:
    try:
        entry: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RecipeError(f"{where}no valid JSON: {error}") from error
    expected = 'expected {"correct": "...", "misspelt": "..."} and if wanted "count": NUMBER'
    if not isinstance(entry, dict) or not {"correct", "misspelt"} <= set(entry):
        raise RecipeError(f"{where}{expected}, got {line!r:.80}")
    correct, misspelt, count = entry["correct"], entry["misspelt"], entry.get("count", 1)
    is_number = isinstance(count, int | float) and not isinstance(count, bool)
    if not isinstance(correct, str) or not isinstance(misspelt, str) or not is_number:
        raise RecipeError(f"{where}{expected}, got {line!r:.80}")
    return correct, misspelt, _checked(float(count), where)


def _checked(count: float, where: str) -> float:
    if not 0 < count < math.inf:
        raise RecipeError(f"{where}a count must be above 0 and finite, got {count:g}")
    return count


def _check_pair(correct: str, misspelt: str, where: str) -> None:
    """Refuse words that are empty, stand among blanks, or are the same."""
    for word in (correct, misspelt):
        if not word or word != word.strip() or len(word.splitlines()) > 1:
            raise RecipeError(f"{where}{word!r} is no word: it is empty, or a blank or a line end is around or in it")
    if composed(correct) == composed(misspelt):
        raise RecipeError(f"{where}{correct!r} is misspelt as itself; leave it out")


def _with_shares(counts: Mapping[str, float]) -> Misspellings:
    # Sorted, so that the order of lines, as of lists that are joined, changes no draw.
    forms = sorted(counts)
    total = math.fsum(counts.values())
    borders = accumulate(map(counts.__getitem__, forms))
    return Misspellings(tuple(forms), tuple(border / total for border in borders))
