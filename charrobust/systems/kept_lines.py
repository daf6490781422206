"""Rows kept as lines of JSON, which several processes may write at once and which outlive a kill.

Each writer makes a file of its own and appends whole lines to it: no lock is needed, on one host or on several that
share a network file system, where locks and databases are not to be relied on. Reading puts the files together.
"""

from __future__ import annotations

import glob
import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from charrobust.errors import UserError

T = TypeVar("T")


@dataclass(frozen=True)
class Line:
    """A whole line of a file.

    Attributes:
        path: The file.
        number: Its number, from 1.
        start: Where it begins, in bytes.
        content: What it holds, without the line's end.
    """

    path: Path
    number: int
    start: int
    content: bytes


class KeptLines:
    """The lines under one name in a folder: files ``NAME.TIME-WRITER.jsonl``, in the order of their beginning."""

    def __init__(self, folder: Path, name: str) -> None:
        """Open them; nothing is read yet.

        Args:
            folder: The folder; it need not exist.
            name: What the names of the files begin with.
        """
        self._folder, self._name = folder, name
        self._own: Path | None = None
        self._read: dict[Path, tuple[int, int]] = {}  # bytes and lines of each file that are read

    @property
    def files(self) -> Path:
        """The files as messages name them: with a star for what tells writers apart."""
        return self._folder / f"{self._name}.*jsonl"

    def append(self, rows: Iterable[Any]) -> None:
        """Write rows behind those that this object wrote.

        Args:
            rows: The rows, of what JSON holds.

        Raises:
            UserError: The folder cannot be written.
        """
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        try:
            if self._own is None:
                self._own = self._new_file()
            with self._own.open("ab") as handle:
                handle.write(lines.encode())
        except OSError as error:
            # As on a full disk, a line may be cut off now, to which the next one must not be joined.
            self._own = None
            raise UserError(
                f"cannot write {self._folder}: {error.strerror}; give a folder that can be written"
            ) from error

    def _new_file(self) -> Path:
        """Make a file that no other writer has; earlier ones come first in the order of names."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{self._name}.{time.time_ns():020}-{secrets.token_hex(4)}.jsonl"
        path.open("xb").close()
        return path

    def news(self) -> Iterator[Line]:
        """Go through the lines that were written since the last call, by whichever process.

        Yields:
            Whole lines. A last one without its end is still being written, or a kill has cut it off: it is no line.
        """
        for path in sorted(self._folder.glob(f"{glob.escape(self._name)}.*jsonl")):
            yield from self._news_of(path)

    def read_into(self, known: dict[str, T], parsed: Callable[[Line], tuple[str, T]]) -> bool:
        """Add what was written since the last reading to what is known; of several lines with one key the first counts.

        Args:
            known: What is known, by key.
            parsed: Returns the key of a line, and what it holds.

        Returns:
            Whether there was anything.
        """
        found = False
        for line in self.news():
            found = True
            key, value = parsed(line)
            known.setdefault(key, value)
        return found

    def _news_of(self, path: Path) -> Iterator[Line]:
        start, number = self._read.get(path, (0, 0))
        with path.open("rb") as handle:
            handle.seek(start)
            for content in handle:
                if not content.endswith(b"\n"):
                    return
                line = Line(path, number + 1, start, content.rstrip(b"\n"))
                start, number = start + len(content), number + 1
                self._read[path] = (start, number)
                yield line
