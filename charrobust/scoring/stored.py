"""Findings as JSON files: dataclasses written as they are, read back into the same types, with a version."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from charrobust.errors import DataError, UserError
from charrobust.files import replacing
from charrobust.settings import read

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")


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

    Returns:
        The finding.

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
    # Before the fields: those of another version may differ in ways that would be told one by one.
    schema = None
    if isinstance(content, dict):
        schema = content.get("schema")
    if schema != known:
        raise DataError(
            f"{path}: expected schema {known} of {kind.__name__}, got {schema!r}; write it anew with this version"
        )
    try:
        return read(kind, content)
    except UserError as error:
        raise DataError(f"{path} does not hold what {kind.__name__} needs: {error}; write it anew") from error
