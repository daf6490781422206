"""Files that grow by JSON lines, so that what was done before an interruption is kept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from charrobust.errors import UserError


def append_lines(path: Path, rows: Iterable[Any]) -> None:
    """Write rows behind those of a file, each as a line of JSON.

    Args:
        path: The file; it and its folder are made where they are not there.
        rows: The rows.

    Raises:
        UserError: The file cannot be written.
    """
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as handle:
            handle.write(lines)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}; give a folder that can be written") from error


def drop_cut_line(path: Path) -> bytes:
    """Remove a last line that an interruption cut off, to which the next one would be joined.

    Args:
        path: The file.

    Returns:
        The whole lines.
    """
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with path.open("r+b") as handle:
            handle.truncate(whole)
    return content[:whole]
