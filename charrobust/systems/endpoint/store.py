"""Answers that were paid for, kept from the moment they arrive: no call is made twice.

Files hold a JSON line for each call: the keys of its inputs, what came back, and how many seconds it took. A key is a
digest of where and how the input alone would be sent, without headers: another parser, defence or label map, and other
inputs beside it in a request, ask for the same key.
"""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from charrobust.errors import DataError
from charrobust.json_text import parse_json
from charrobust.systems.kept_lines import KeptLines, Line


@dataclass(frozen=True)
class Reply:
    """What came back of one call.

    Attributes:
        keys: Keys of its inputs, in order.
        answer: The JSON that came back.
        seconds: How long it took.
    """

    keys: tuple[str, ...]
    answer: Any
    seconds: float


def digest(*parts: Any) -> str:
    """Return a digest of JSON values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Answers:
    """The answers of an endpoint."""

    def __init__(self, name: str) -> None:
        """Begin with no answers, in memory alone.

        Args:
            name: Name of the file, once there is a folder.
        """
        self._name = name
        self._folder: Path | None = None
        self._lines: KeptLines | None = None
        self._known: dict[str, tuple[Reply, int]] = {}
        self._lock = threading.Lock()
        self.replies: list[Reply] = []

    @property
    def files(self) -> Path | None:
        """The files, as messages name them; None where answers are kept in memory alone."""
        return None if self._lines is None else self._lines.files

    def keep_in(self, folder: Path) -> None:
        """Keep answers in a folder, and use those that are there.

        Args:
            folder: The folder.

        Raises:
            UserError: It cannot be written.
            DataError: A line of a file is damaged.
        """
        if folder == self._folder:
            return
        self._folder, self._lines = folder, KeptLines(folder, self._name)
        # What was asked before there was a folder is kept as well.
        earlier, self.replies, self._known = self.replies, [], {}
        self.refresh()
        for reply in earlier:
            if not self.knows(*reply.keys):
                self.add(reply)

    def refresh(self) -> None:
        """Read what was written since, as by another system that asks the same endpoint.

        Raises:
            DataError: A line of the file is damaged.
        """
        with self._lock:
            self._read_on()

    def knows(self, *keys: str) -> bool:
        """Tell whether all of some inputs are answered."""
        return all(key in self._known for key in keys)

    def of(self, key: str) -> tuple[Reply, int]:
        """Return the reply that answers an input, and the input's number in it."""
        return self._known[key]

    def add(self, reply: Reply) -> None:
        """Keep a reply, at once; called from several threads.

        Args:
            reply: The reply.

        Raises:
            UserError: The file cannot be written.
        """
        with self._lock:
            if self._lines is None:
                self._remember(reply)
            else:
                self._lines.append([asdict(reply)])
                self._read_on()

    def _read_on(self) -> None:
        for line in () if self._lines is None else self._lines.news():
            self._remember(_reply_of(line))

    def _remember(self, reply: Reply) -> None:
        self.replies.append(reply)
        for number, key in enumerate(reply.keys):
            # Two processes may have asked at once: the answer that came first stands.
            self._known.setdefault(key, (reply, number))


def _reply_of(line: Line) -> Reply:
    """Read a line.

    Raises:
        DataError: It is damaged.
    """
    try:
        row = parse_json(line.content)
        return Reply(tuple(map(str, row["keys"])), row["answer"], float(row["seconds"]))
    except (KeyError, TypeError, ValueError) as error:
        shown = line.content[:60]
        raise DataError(f"{line.path} has a line that is no stored answer: {shown!r}; remove that line") from error
