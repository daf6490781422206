"""Lists and tables as text files: one entry a line; blank lines and lines that start with ``#`` say nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from charrobust.errors import RecipeError


def entries(path: Path) -> Iterator[tuple[str, str]]:
    """Go through the entries of a list.

    Args:
        path: The file.

    Yields:
        Where each entry stands, as a message begins with it (``mine.txt, line 3``), and the entry.

    Raises:
        RecipeError: The file cannot be read, or is not UTF-8.
    """
    try:
        # A byte order mark, as some editors write it, is no part of the first entry. (Not `splitlines`, which would
        # count other characters as line ends than editors do.)
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise RecipeError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            yield f"{path}, line {number}", line
