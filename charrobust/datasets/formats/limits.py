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


def stretches_of_lines(
    handle: IO[bytes], path: Path, limit: int, size: int, *, choosable: bool
) -> Iterator[tuple[int, bytes]]:
    """Go through a file in stretches of whole lines.

    Args:
        handle: The file.
        path: Its path, for errors.
        limit: The most bytes of a line.
        size: A stretch has the lines that begin within so many bytes.
        choosable: Whether another limit could have been set, for errors.

    Yields:
        The number of the first line, and the bytes of the lines with their ends.

    Raises:
        DataError: A line is longer.
    """
    number = 1
    while chunk := handle.read(size):
        if not chunk.endswith(b"\n"):
            chunk += handle.readline(limit)
        # No line is longer than all of them together, which mostly are shorter than one may be.
        if len(chunk) > limit:
            lines = lines_of(chunk)
            longest = max(lines, key=len)
            if len(longest) > limit:
                refuse_long(path, f"line {number + lines.index(longest)}", limit, choosable=choosable)
        yield number, chunk
        # A last line without an end is not counted, and nothing follows it.
        number += chunk.count(b"\n")


def lines_of(content: bytes) -> list[bytes]:
    """Return the lines of some bytes, with their ends: line feeds alone, not all that ends lines of text."""
    return io.BytesIO(content).readlines()
