"""Findings as JSON files: dataclasses written as they are, read back into the same types, with a version."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from charrobust.errors import DataError, UserError
from charrobust.files import replacing
from charrobust.json_text import read_json
from charrobust.settings import read
from charrobust.visible import visible

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")
_MOST = 10**15  # larger numbers are no counts, and cannot be drawn
_SEEDS = ("seed", "seeds")
_FORMULA = ("=", "+", "-", "@")


def save(found: Any, path: Path) -> None:
    """Write a finding as JSON, under a temporary name first.

    Args:
        found: A dataclass with a field ``schema``.
        path: The file.

    Raises:
        UserError: The file cannot be written.
    """
    with replacing(path) as temporary:
        text = json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n"
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")  # of half a surrogate pair: its escape


def save_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, under a temporary name first.

    Spreadsheets take a text that begins with one of ``= + - @`` for a formula, and names of data and models are
    anybody's: such texts get an apostrophe before them, which says there that they are text. The JSON of
    the same findings has them as they are; so do data sets that an attack writes, whose every byte is the user's.

    Args:
        frame: The table.
        path: The file.

    Raises:
        UserError: The file cannot be written.
    """
    with replacing(path) as temporary:
        frame.map(_as_text).to_csv(temporary, index=False, errors="backslashreplace")


def _as_text(cell: Any) -> Any:
    """Return a cell of which no spreadsheet makes a formula; numbers stay."""
    if not isinstance(cell, str):
        return cell
    # Not before they are visible: a tab before a formula, or a line feed, would not keep it from being one.
    text = visible(cell)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def load(kind: type[T], path: Path) -> T:
    """Read a finding that :func:`save` wrote.

    Args:
        kind: The dataclass; the default of its field ``schema`` is the version that can be read.
        path: The file.

    Returns:
        The finding.

    Raises:
        DataError: The file cannot be read, holds something else, or is of another version.
    """
    content = _content(path)
    known = next(field.default for field in fields(kind) if field.name == "schema")  # type: ignore[arg-type]
    # Before the fields: those of another version may differ in ways that would be told one by one.
    schema = None
    if isinstance(content, dict):
        schema = content.get("schema")
    if schema != known:
        raise DataError(
            f"{path}: expected schema {known} of {kind.__name__}, got {schema!r}; write it anew with this version"
        )
    try:
        found = read(kind, content)
        _check_numbers(found)
    except UserError as error:
        raise DataError(f"{path} does not hold what {kind.__name__} needs: {error}; write it anew") from error
    return found


def _content(path: Path) -> Any:
    """Return what a file holds.

    Raises:
        DataError: It cannot be read, or is no JSON.
    """
    try:
        return read_json(path, "write it anew")
    except UserError as error:
        raise DataError(str(error)) from error


def _check_numbers(found: Any, place: str = "") -> None:
    """Refuse numbers that no finding has, in a finding and all that it holds.

    Raises:
        UserError: With the place of the first.
    """
    if is_dataclass(found):
        for field in fields(found):
            _check_number(field.name, value := getattr(found, field.name), place)
            _check_numbers(value, f"{place}.{field.name}" if place else field.name)
    elif isinstance(found, tuple):
        for number, item in enumerate(found):
            _check_number("", item, f"{place}[{number}]")
            _check_numbers(item, f"{place}[{number}]")


def _check_number(name: str, value: Any, place: str) -> None:
    """Refuse a number below 0 where something is counted or placed, one too large, and a level of no interval.

    Raises:
        UserError: With the place.
    """
    where = f"{place}.{name}".strip(".")
    # All whole numbers of findings count something or say where it is, but for seeds.
    if type(value) is int and name not in _SEEDS and not 0 <= value <= _MOST:
        raise UserError(f"{where} must be a number from 0 to {_MOST:,}, got {value!r:.60}")
    if isinstance(value, float) and abs(value) > _MOST:
        raise UserError(f"{where} must be a number up to {_MOST:,}, got {value!r}")
    if name == "confidence" and not 0 < value < 1:
        raise UserError(f"{where} must lie between 0 and 1, got {value!r}")
