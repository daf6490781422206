"""Findings as JSON files: dataclasses written as they are, read back into the same types, with a version."""

from __future__ import annotations

import json
import sys
import types
import typing
from dataclasses import asdict, fields, is_dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from charrobust.datasets.formats.base import replacing
from charrobust.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")

_PACKAGES = ("charrobust", "torch", "transformers", "tokenizers", "numpy")


def package_versions() -> dict[str, str]:
    """Return the versions of what findings depend on."""
    return {"python": sys.version.split()[0]} | {package: version(package) for package in _PACKAGES}


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

    Args:
        frame: The table.
        path: The file.

    Raises:
        UserError: The file cannot be written.
    """
    with replacing(path) as temporary:
        frame.to_csv(temporary, index=False, errors="backslashreplace")


def load(kind: type[T], path: Path) -> T:
    """Read a finding that :func:`save` wrote.

    Args:
        kind: The dataclass; the default of its field ``schema`` is the version that can be read.
        path: The file.

    Raises:
        DataError: The file cannot be read, holds something else, or is of another version.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise DataError(f"{path} is no valid JSON file: {error}") from error
    known = next(field.default for field in fields(kind) if field.name == "schema")  # type: ignore[arg-type]
    found = content.get("schema") if isinstance(content, dict) else None
    if found != known:
        raise DataError(
            f"{path}: expected schema {known} of {kind.__name__}, got {found!r}; write it anew with this version"
        )
    try:
        made: T = _built(kind, content, "")
    except TypeError as error:
        raise DataError(f"{path} does not hold what {kind.__name__} needs: {error}; write it anew") from error
    return made


def _built(kind: Any, value: Any, place: str) -> Any:
    """Return a value of a type from what JSON made of it.

    Raises:
        TypeError: It is of another kind; with its place, such as ``scores[0].value``.
    """
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else _built(parts[0], value, place)
    expected: Any = dict if is_dataclass(kind) else list if origin is tuple else origin or kind
    kinds: Any = (int, float) if expected is float else expected
    if not isinstance(value, kinds):
        raise TypeError(f"expected {expected.__name__} at {place or 'the top'}, got {value!r:.60}")
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        if missing := [name for name in hints if name not in value]:
            raise TypeError(f"{', '.join(missing)} missing at {place or 'the top'}")
        inside = {name: _built(hint, value[name], f"{place}.{name}".strip(".")) for name, hint in hints.items()}
        return kind(**inside)  # type: ignore[operator]
    if origin is tuple:
        return tuple(_built(parts[0], item, f"{place}[{number}]") for number, item in enumerate(value))
    if origin is dict:
        return {key: _built(parts[1], item, f"{place}.{key}") for key, item in value.items()}
    return value
