"""How long one record may be: a small file may hold a line without end, once it is unpacked."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NoReturn

from charrobust.errors import DataError

RECORD_BYTES = 1 << 24  # 16 MiB: the Old Testament has 3.5, an encyclopaedia's longest article 1


def refuse_long(path: Path, where: str, limit: int, problem: str = "", *, choosable: bool = True) -> NoReturn:
    """Refuse a record that is too long.

    Args:
        path: Its file.
        where: Its place in it.
        limit: The most bytes that it may have.
        problem: What else may be wrong.
        choosable: Whether another limit could have been set.

    Raises:
        DataError: Always.
    """
    remedy = "if it is to be that long, set `max_record_bytes` higher" if choosable else "cut it into several"
    raise DataError(f"{path}, {where}: more than {limit:,} bytes in one record{problem}; {remedy}")


def lines_within(handle: IO[bytes], path: Path, limit: int) -> Iterator[bytes]:
    """Go through the lines of a file.

    Args:
        handle: The file.
        path: Its path, for errors.
        limit: The most bytes of a line.

    Yields:
        The lines, with their ends.

    Raises:
        DataError: One is longer.
    """
    number = 1
    while line := handle.readline(limit + 1):
        if len(line) > limit:
            refuse_long(path, f"line {number}", limit)
        yield line
        number += 1


def line_batches(
    handle: IO[bytes], path: Path, limit: int, size: int, *, choosable: bool
) -> Iterator[tuple[int, list[bytes]]]:
    """Go through the lines of a file, many at once.

    Args:
        handle: The file.
        path: Its path, for errors.
        limit: The most bytes of a line.
        size: A batch has the lines that begin within so many bytes.
        choosable: Whether another limit could have been set, for errors.

    Yields:
        The number of the first line, and the lines with their ends.

    Raises:
        DataError: A line is longer.
    """
    number = 1
    while chunk := handle.read(size):
        if not chunk.endswith(b"\n"):
            chunk += handle.readline(limit)
        # Cut at line feeds alone, as files are, and not at what else ends lines of text.
        lines = io.BytesIO(chunk).readlines()
        longest = max(lines, key=len)
        if len(longest) > limit:
            refuse_long(path, f"line {number + lines.index(longest)}", limit, choosable=choosable)
        yield number, lines
        number += len(lines)
