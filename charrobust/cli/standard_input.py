"""``-`` in the place of an input: what comes through standard input, kept in a file while the command lasts."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from charrobust.datasets.options import DataOptions
from charrobust.errors import UserError

STANDARD_INPUT = "-"


@contextmanager
def as_file(source: str, reading: DataOptions) -> Iterator[str]:
    """Give an input a name of a file, which standard input has none of.

    Args:
        source: The input, or ``-``.
        reading: What is said of it; its format is plain text where none is named.

    Yields:
        The input's name, or that of a file with all that standard input held.

    Raises:
        UserError: Nothing comes, as standard input is a terminal.
    """
    if source != STANDARD_INPUT:
        yield source
        return
    if sys.stdin is None or sys.stdin.isatty():
        raise UserError("the input is - (standard input), but nothing is sent there; send a file with < or a pipe")
    # In a file, since data are read more than once: to tell their columns, and to name the place of an error.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"standard-input.{reading.format or 'txt'}"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield str(path)
