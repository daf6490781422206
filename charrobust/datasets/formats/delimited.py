"""CSV and TSV with a header line; other columns and column order are kept.

CSV fields may be quoted (RFC 4180). TSV fields are taken as they stand, quotation marks included, as in the
GLUE data sets, where such marks are part of the text.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import IO, Any

from charrobust.datasets.formats.base import BLOCK_BYTES, BLOCK_RECORDS, Block, Format, TextFormat, Writer, reading
from charrobust.datasets.formats.limits import lines_within, refuse_long
from charrobust.errors import DataError, UserError
from charrobust.tasks.records import Batch, Place, Record

# Long documents are fields, too; the library would refuse those of more than 131,072 characters.
# The limit is a C long, which has 32 bits on some systems.
csv.field_size_limit(min(sys.maxsize, 2**31 - 1))

# Delimiters that are told from a file; any other can be named.
DELIMITERS = (",", ";", "\t", "|")
_NAMES = {"\\t": "\t", "tab": "\t"}
_BOM = "\ufeff"
# So many lines are looked at to tell the delimiter.
_HEAD_LINES = 200
_HEAD_BYTES = 1 << 20


@dataclass(frozen=True)
class _Rows:
    """Rows of a delimited file.

    Attributes:
        header: Names of the columns.
        rows: (line on which the row ends, fields).
        prefix: What stands before the header: a byte order mark, a line ``sep=;``, or nothing.
        newline: How lines end.
        delimiter: What stands between fields.
    """

    header: list[str]
    rows: list[tuple[int, list[str]]]
    prefix: str
    newline: str
    delimiter: str


@dataclass(frozen=True)
class Delimited(TextFormat):
    """A CSV or TSV file, with or without byte order mark, lines ended by LF or CR LF.

    Attributes:
        delimiter: What stands between fields: one character, or ``tab``. None tells it from the header.
        has_header: Without a header the columns are named 1, 2, 3, ...
        quoted: Whether fields may be quoted; else they are taken as they stand.
    """

    delimiter: str | None = None
    has_header: bool = True
    quoted: bool = True

    def __post_init__(self) -> None:
        """Check the delimiter and the encoding."""
        super().__post_init__()
        if self.delimiter is None:
            return
        character = _NAMES.get(self.delimiter, self.delimiter)
        object.__setattr__(self, "delimiter", character)  # the way to set a field of a frozen dataclass
        if len(character) != 1 or character.isalnum() or character in '"\r\n\0':
            raise UserError(f"delimiter {character!r}: expected one character such as ; or |, or tab")

    def options(self, source: Format) -> dict[str, Any]:
        """See the base class; the delimiter is the one that was written, which an attacked file may not tell."""
        delimiter = self.delimiter
        if delimiter is None and isinstance(source, Delimited):
            with reading(source.path, source.encoding) as reader:
                delimiter = _Lines(source, reader.handle).delimiter
        return {**super().options(source), "delimiter": delimiter or ","}

    def blocks(self) -> Iterator[Block]:
        """See the base class; the payload is :class:`_Rows`."""
        with reading(self.path, self.encoding) as reader:
            lines = _Lines(self, reader.handle)
            rows = lines.rows()
            header_row = next(rows, None)
            if header_row is None:
                return
            block = _Rows(self._header(header_row, lines), [], lines.prefix, lines.newline, lines.delimiter)
            # Without a header, the first row is one of the records.
            if not self.has_header:
                block.rows.append(header_row)
            first = size = 0
            for row in rows:
                if len(block.rows) >= BLOCK_RECORDS or size >= BLOCK_BYTES:
                    # Rows know their own lines, as quoted fields span several: the block's line is not used.
                    yield Block(first, 0, block, reader.position())
                    first += len(block.rows)
                    block, size = replace(block, rows=[]), 0
                block.rows.append(row)
                size += sum(map(len, row[1]))
            yield Block(first, 0, block, reader.position())

    def _header(self, header_row: tuple[int, list[str]], lines: _Lines) -> list[str]:
        """Return the names of the columns."""
        line, row = header_row
        if not self.has_header:
            return [str(number) for number in range(1, len(row) + 1)]
        # Records are mappings: of two columns of one name, one would be lost.
        twice = sorted({name for name in row if row.count(name) > 1})
        if twice:
            raise DataError(
                f"{self.path}, line {line}: column names occur twice: {', '.join(map(repr, twice))} "
                f"(delimiter {lines.delimiter!r})"
            )
        return row

    def parse(self, block: Block) -> Batch:
        """See the base class."""
        header = block.payload.header
        records, places = [], []
        for line, row in block.payload.rows:
            place = Place(str(self.path), f"line {line}")
            if len(row) != len(header):
                raise place.error(
                    f"expected {len(header)} fields ({', '.join(header)}), found {len(row)}; they are set apart by "
                    f"{block.payload.delimiter!r}: if that is wrong, set `delimiter`"
                )
            records.append(dict(zip(header, row, strict=True)))
            places.append(place)
        return Batch(block.first, records, places)

    def singles(self, block: Block) -> Iterator[Block]:
        """See the base class."""
        # The header goes with each of them: whichever is left out, it is written.
        for number, row in enumerate(block.payload.rows, block.first):
            yield Block(number, block.line, replace(block.payload, rows=[row]), block.position)

    def _check_values(self, record: Record, number: int, delimiter: str) -> None:
        """Refuse what a field cannot hold."""
        for column, value in record.items():
            if isinstance(value, list | dict):
                raise DataError(f"row {number}: column {column!r} holds a list; write .jsonl or .parquet instead")
            if isinstance(value, bytes):
                raise DataError(f"row {number}: column {column!r} holds bytes; write .parquet instead")
            if not self.quoted and isinstance(value, str) and any(mark in value for mark in f"{delimiter}\r\n"):
                mark = "a tab" if delimiter == "\t" else repr(delimiter)
                raise DataError(
                    f"row {number}: column {column!r} holds {mark} or line feed; write another format than TSV"
                )

    def render(self, block: Block, records: list[Record], changed: tuple[str, ...]) -> tuple[bytes, bytes]:
        """See the base class."""
        source = block.payload
        # Records of another format, which have neither header nor delimiter to be kept.
        if not isinstance(source, _Rows):
            header = list(records[0]) if records else []
            source = _Rows(header, [], "", "\n", self.delimiter or ",")
        for number, record in enumerate(records, block.first + 1):
            self._check_values(record, number, source.delimiter)
        head = source.prefix
        if self.has_header:
            head += self._lines_of([source.header], source)
        rows = self._lines_of([[*record.values()] for record in records], source)
        return head.encode(), rows.encode()

    def _lines_of(self, rows: list[list[Any]], source: _Rows) -> str:
        if not self.quoted:
            lines = [source.delimiter.join(map(_field, row)) + source.newline for row in rows]
            return "".join(lines)
        written = _Written()
        # The library quotes only those ends of lines that it writes itself: it writes both, so as to quote both.
        csv.writer(written, delimiter=source.delimiter, lineterminator="\r\n").writerows(rows)
        return "".join(line.removesuffix("\r\n") + source.newline for line in written.lines)

    @contextmanager
    def writer(self, path: Path) -> Iterator[Writer]:
        """See the base class; takes what stands before the first row, and rows."""
        with super().writer(path) as handle:
            yield _RowWriter(handle)


def _field(value: Any) -> str:
    """Return what stands in a field: nothing for what is not there, as in CSV."""
    return "" if value is None else str(value)


class _Written:
    """Takes what the library writes, a row at a time."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.write = self.lines.append


class _RowWriter:
    """Writes rows, and once, before the first of them, what stands there; whichever rows are left out."""

    def __init__(self, handle: Writer) -> None:
        self._handle = handle
        self._is_begun = False

    def write(self, rendered: tuple[bytes, bytes]) -> None:
        """Write some rows."""
        head, rows = rendered
        if not self._is_begun:
            self._handle.write(head)
        self._handle.write(rows)
        self._is_begun = True


class _Lines:
    """The lines of a file, and what its first ones tell.

    Attributes:
        prefix: What stands before the header.
        newline: How lines end.
        delimiter: What stands between fields.
    """

    def __init__(self, file: Delimited, handle: IO[bytes]) -> None:
        """Number the lines of a file.

        Args:
            file: The format.
            handle: The open file, in UTF-8.
        """
        self._file = file
        self._decoded = self._decode(handle)
        self.prefix, self.newline, self._first = "", "\n", 1
        self._since_row = 0  # characters since a row ended: quoted fields go on over lines
        # The first lines are read ahead and handed out again with the rest by rows().
        head, self._complete = self._taken()
        named = self._take_prefix(head)
        self._head = head
        self.delimiter = file.delimiter or named or self._tell()

    def _decode(self, handle: IO[bytes]) -> Iterator[str]:
        lines = lines_within(handle, self._file.path, self._file.max_record_bytes)
        for number, line in enumerate(lines, 1):
            yield self._file.decode(line, number, mark_allowed=True)

    def _taken(self) -> tuple[list[str], bool]:
        """Take the first lines; tell whether they are the whole file.

        In a whole file a quotation mark that is open at its end is an error.
        """
        head: list[str] = []
        size = 0
        for line in self._decoded:
            head.append(line)
            size += len(line)
            if len(head) >= _HEAD_LINES or size >= _HEAD_BYTES:
                return head, False
        return head, True

    def _take_prefix(self, head: list[str]) -> str | None:
        """Take what is no header off the first lines; return the delimiter that a line ``sep=;`` names."""
        if not head:
            return None
        if head[0].endswith("\r\n"):
            self.newline = "\r\n"
        if head[0].startswith(_BOM):
            self.prefix, head[0] = _BOM, head[0].removeprefix(_BOM)
        line = head[0].rstrip("\r\n")
        # Excel reads and some programs write such a line; it is kept, and is no header.
        if self._file.quoted and len(line) == len("sep=;") and line.lower().startswith("sep="):
            self.prefix += head.pop(0)
            self._first = 2
            return line[-1]
        return None

    def _tell(self) -> str:
        """Tell the delimiter: the one that divides the header, and among several the one that divides all rows alike.

        Raises:
            DataError: Several divide them, or none does.
        """
        widths = {}
        for delimiter in DELIMITERS:
            rows = self._try(delimiter)
            if rows and rows[0] > 1:
                widths[delimiter] = rows
        # A header of one column is divided by none; a comma is what the format is called after.
        if len(widths) < 2:
            return next(iter(widths), DELIMITERS[0])
        alike = [delimiter for delimiter, rows in widths.items() if len(set(rows)) == 1]
        if len(alike) == 1:
            return alike[0]
        several = " or ".join(map(repr, alike or widths))
        raise DataError(
            f"{self._file.path}, line {self._first}: {several} may set fields apart in {self._head[0].rstrip()!r}; "
            "set `delimiter`"
        )

    def _try(self, delimiter: str) -> list[int]:
        """Return the number of fields of the first rows, by some delimiter, up to one that cannot be read so."""
        widths: list[int] = []
        reader = csv.reader(self._head, delimiter=delimiter, strict=True)
        try:
            for row in filter(None, reader):
                widths.append(len(row))  # noqa: PERF401 - what was read before an error counts
        except csv.Error:
            # In the last line it may be a quoted field that goes on behind the lines that were looked at.
            if self._complete or reader.line_num < len(self._head):
                widths.append(0)
        return widths

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Go through (line number, fields), without blank lines."""
        lines = self._all()
        if not self._file.quoted:
            for number, line in enumerate(lines, self._first):
                content = line.rstrip("\r\n")
                # Lines that end with a carriage return alone come as one, and would be cut into wrong fields.
                if "\r" in content:
                    raise DataError(f"{self._file.path}, line {number}: a carriage return inside a field")
                if content:
                    yield number, content.split(self.delimiter)
                self._since_row = 0
            return
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        before = self._first - 1
        try:
            for row in reader:
                self._since_row = 0
                if row:
                    yield before + reader.line_num, row
        except csv.Error as error:
            problem = str(error)
            # The library's own words are about how a program should open the file.
            if problem.startswith("new-line character"):
                problem = "a carriage return outside of quotes; end lines with line feeds"
            raise DataError(
                f"{self._file.path}, line {before + reader.line_num}: not valid CSV: {problem} "
                f"(fields are set apart by {self.delimiter!r})"
            ) from error

    def _all(self) -> Iterator[str]:
        """Go through all lines, as long as those of one row are not too many.

        Raises:
            DataError: They are.
        """
        limit, first = self._file.max_record_bytes, self._first
        for number, line in enumerate(chain(self._head, self._decoded), self._first):
            if self._since_row == 0:
                first = number
            self._since_row += len(line)
            if self._since_row > limit:
                refuse_long(
                    self._file.path,
                    f"line {first}",
                    limit,
                    f" (it goes on at line {number}: is a quotation mark open?)",
                )
            yield line
