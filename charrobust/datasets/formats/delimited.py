"""CSV and TSV with a header line; other columns and column order are kept.

CSV fields may be quoted (RFC 4180). TSV fields are taken as they stand, quotation marks included, as in the
GLUE data sets, where such marks are part of the text.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from charrobust.datasets.formats.base import BLOCK_RECORDS, Block, Format, decode, reading
from charrobust.errors import DataError
from charrobust.tasks.records import Batch, Place, Record

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))

_BOM = "\ufeff"


@dataclass(frozen=True)
class _Rows:
    """Rows of a delimited file.

    Attributes:
        header: Names of the columns.
        rows: (line on which the row ends, fields).
        prefix: What stands before the header: a byte order mark or nothing.
        newline: How lines end.
    """

    header: list[str]
    rows: list[tuple[int, list[str]]]
    prefix: str
    newline: str


@dataclass(frozen=True)
class Delimited(Format):
    """A CSV or TSV file, UTF-8, with or without byte order mark, lines ended by LF or CR LF.

    Attributes:
        delimiter: ``,`` or a tab.
        has_header: Without a header the columns are named 1, 2, 3, ...
    """

    typed: ClassVar[bool] = False
    delimiter: str = ","
    has_header: bool = True

    def blocks(self) -> Iterator[Block]:
        """See the base class; the payload is :class:`_Rows`."""
        with reading(self.path) as reader:
            lines = _Lines(self, reader.handle)
            rows = lines.rows()
            header: list[str] | None = None
            first, taken = 0, []
            for number, row in rows:
                if header is None:
                    header = self._header(row)
                    if self.has_header:
                        continue
                taken.append((number, row))
                if len(taken) == BLOCK_RECORDS:
                    yield Block(first, 0, _Rows(header, taken, lines.prefix, lines.newline), reader.position())
                    first, taken = first + len(taken), []
            if header is not None and (taken or first == 0):
                yield Block(first, 0, _Rows(header, taken, lines.prefix, lines.newline), reader.position())

    def _header(self, row: list[str]) -> list[str]:
        if not self.has_header:
            return [str(number) for number in range(1, len(row) + 1)]
        twice = sorted({name for name in row if row.count(name) > 1})
        if twice:
            raise DataError(f"{self.path}, line 1: column names occur twice: {', '.join(map(repr, twice))}")
        return row

    def parse(self, block: Block) -> Batch:
        """See the base class."""
        header = block.payload.header
        places = [Place(str(self.path), f"line {number}") for number, _ in block.payload.rows]
        for (_, row), place in zip(block.payload.rows, places, strict=True):
            if len(row) != len(header):
                raise place.error(f"expected {len(header)} fields ({', '.join(header)}), found {len(row)}")
        records = [dict(zip(header, row, strict=True)) for _, row in block.payload.rows]
        return Batch(block.first, records, places)

    def _check_values(self, record: Record, number: int) -> None:
        """Refuse what a field cannot hold."""
        for column, value in record.items():
            if isinstance(value, list | dict):
                raise DataError(f"row {number}: column {column!r} holds a list; write .jsonl or .parquet instead")
            if self.delimiter == "\t" and isinstance(value, str) and any(mark in value for mark in "\t\r\n"):
                raise DataError(
                    f"row {number}: column {column!r} holds a tab or line feed; write another format than TSV"
                )

    def render(self, block: Block, records: list[Record], changed: tuple[str, ...]) -> bytes:
        """See the base class."""
        given: _Rows | None = block.payload if isinstance(block.payload, _Rows) else None
        newline = given.newline if given else "\n"
        header = given.header if given else list(records[0]) if records else []
        for number, record in enumerate(records, block.first + 1):
            self._check_values(record, number)
        out = io.StringIO()
        rows = [[*record.values()] for record in records]
        if block.first == 0:
            out.write(given.prefix if given else "")
            rows = [header, *rows] if self.has_header else rows
        if self.delimiter == "\t":
            out.writelines("\t".join(map(str, row)) + newline for row in rows)
        else:
            csv.writer(out, lineterminator=newline).writerows(rows)
        return out.getvalue().encode("utf-8")


class _Lines:
    """Reads the lines of a file, noting its byte order mark and how its lines end."""

    def __init__(self, file: Delimited, handle: io.BufferedIOBase | object) -> None:
        self._file, self._handle = file, handle
        self.prefix, self.newline = "", "\n"

    def _decoded(self) -> Iterator[str]:
        for number, line in enumerate(self._handle, 1):  # type: ignore[arg-type, var-annotated]
            text = decode(line, self._file.path, number, mark_allowed=True)
            if number == 1:
                self.newline = "\r\n" if text.endswith("\r\n") else "\n"
                if text.startswith(_BOM):
                    self.prefix, text = _BOM, text.removeprefix(_BOM)
            yield text

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Go through (line number, fields), without blank lines."""
        if self._file.delimiter == "\t":
            for number, line in enumerate(self._decoded(), 1):
                if content := line.rstrip("\r\n"):
                    yield number, content.split("\t")
            return
        reader = csv.reader(self._decoded(), strict=True)
        try:
            for row in reader:
                if row:
                    yield reader.line_num, row
        except csv.Error as error:
            raise DataError(f"{self._file.path}, line {reader.line_num}: not valid CSV: {error}") from error
