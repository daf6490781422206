"""Parts that are predicted already, until all of them are: rows wait on the disk, not in memory."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from charrobust.errors import DataError
from charrobust.json_text import parse_json
from charrobust.scoring.predicting.table import Row
from charrobust.systems.kept_lines import KeptLines, Line
from charrobust.systems.system import System


class KeptParts:
    """The rows of parts, by the key of the part, for one system; several processes may add to them."""

    def __init__(self, folder: Path, system: System) -> None:
        """Open them, and read which there are.

        Args:
            folder: The folder; it need not exist.
            system: The system. One that cannot tell itself from an older form gets files of its own.

        Raises:
            DataError: A line of a file is damaged.
        """
        name = system.fingerprint if system.reusable else f"{system.fingerprint}-{secrets.token_hex(8)}"
        self._lines = KeptLines(folder, name)
        self._places: dict[str, Line] = {}
        self.read()

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def read(self) -> bool:
        """Read what was added since, by whichever process.

        Returns:
            Whether there was anything.

        Raises:
            DataError: A line is damaged.
        """
        return self._lines.read_into(self._places, _place_of)

    def add(self, key: str, rows: Sequence[Row]) -> None:
        """Keep the rows of a part.

        Args:
            key: Its key.
            rows: The rows.

        Raises:
            UserError: The folder cannot be written.
        """
        self._lines.append([{"key": key, "rows": rows}])
        self.read()

    def rows(self, key: str) -> list[Row]:
        """Return the rows of a part.

        Args:
            key: Its key; one that is known.

        Returns:
            The rows.

        Raises:
            DataError: The file is not there any more, or was changed.
        """
        place = self._places[key]
        try:
            with place.path.open("rb") as handle:
                handle.seek(place.start)
                content = handle.readline()
        except OSError as error:
            raise DataError(f"cannot read {place.path}: {error.strerror}; run the command again") from error
        found, rows = _parsed(content, place)
        if found != key:
            raise DataError(f"{place.path} was changed while it was read; run the command again")
        return rows


def _place_of(line: Line) -> tuple[str, Line]:
    """Return the key of a line, and where it stands, without what it holds."""
    key, _ = _parsed(line.content, line)
    return key, replace(line, content=b"")


def _parsed(content: bytes, line: Line) -> tuple[str, list[Row]]:
    """Read a line: the key of a part, and its rows.

    Raises:
        DataError: It is damaged.
    """
    try:
        value = parse_json(content)
        key, rows = value["key"], value["rows"]
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{line.path}, line {line.number}: no stored predictions; remove the file, to predict anew"
        ) from error
    return str(key), list(rows)
