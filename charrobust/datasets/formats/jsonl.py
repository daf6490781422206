"""JSON Lines: one object a line; key order and all other keys are kept."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from charrobust.datasets.formats.base import Block, TextFormat, byte_blocks
from charrobust.datasets.formats.json_blocks import COMPACT, SPACED, are_objects, read_objects, unique, write_objects
from charrobust.datasets.formats.json_stream import columns_of
from charrobust.datasets.formats.limits import lines_of
from charrobust.errors import DataError
from charrobust.tasks.nesting import MOST_LEVELS, is_too_deep
from charrobust.tasks.records import Batch, LinePlaces, Place, Record

# A line of an object with blanks behind its colons.
_ANY_LINE = b'{"": 0}\n'


@dataclass(frozen=True)
class JsonLines(TextFormat):
    """A JSON Lines file. Blank lines are skipped and not written back."""

    def blocks(self) -> Iterator[Block]:
        """See the base class; the payload is the bytes of some lines."""
        first = 0
        for number, content, position in byte_blocks(self.path, self.encoding, self.max_record_bytes):
            yield Block(first, number, content, position)
            # Lines are counted, not parsed, so that parsing is left to the workers.
            first += count_records(content)

    def parse(self, block: Block) -> Batch:
        """See the base class."""
        read = read_objects(block.payload)
        if read is not None:
            return Batch(block.first, read, LinePlaces(str(self.path), range(block.line, block.line + len(read))))
        # Whatever is seldom, a broken line among it, is looked at line by line.
        records, numbers = [], []
        for number, line in enumerate(lines_of(block.payload), block.line):
            if not line.strip():
                continue
            place = Place(str(self.path), f"line {number}")
            records.append(self._record(self.decode(line, number), place, first=number == 1))
            numbers.append(number)
        return Batch(block.first, records, LinePlaces(str(self.path), numbers))

    def singles(self, block: Block) -> Iterator[Block]:
        """See the base class."""
        first = block.first
        for number, line in enumerate(lines_of(block.payload), block.line):
            if line.strip():
                yield Block(first, number, line, block.position)
                first += 1

    @staticmethod
    def _record(text: str, place: Place, *, first: bool) -> Record:
        # A file of another JSON layout is told by its first line, "[" or "{" alone or a whole array.
        layout = ""
        if first and text[0] in "[{":
            layout = "; if the file is one JSON value, end its name with .json"
        try:
            value = json.loads(text, object_pairs_hook=unique)
        except json.JSONDecodeError as error:
            raise place.error(f"not valid JSON: {error.msg} at column {error.colno}{layout}") from error
        # Valid JSON, but with a key twice, a number of thousands of digits, or nested deeper than Python can follow.
        except (ValueError, RecursionError) as error:
            raise place.error(f"JSON that cannot be read: {error}") from error
        if is_too_deep(value, text):
            raise place.error(f"JSON that cannot be read: nested in more than {MOST_LEVELS} levels")
        record = columns_of(value)
        if record is None:
            raise place.error(f"expected a JSON object, got {type(value).__name__}{layout}")
        return record

    def render(self, block: Block, records: list[Record], changed: tuple[str, ...]) -> bytes:
        """See the base class."""
        # Those of another format are written as most are.
        content = block.payload if isinstance(block.payload, bytes) else _ANY_LINE
        # As the first record is written, so are all: with blanks behind colons and commas, or without.
        first = next(filter(bytes.strip, io.BytesIO(content)), b"")
        written = self._written(block, records, content, SPACED if b'": ' in first else COMPACT)
        # Line feeds within texts are escaped: all that there are end lines.
        return written.replace(b"\n", b"\r\n") if first.endswith(b"\r\n") else written

    @staticmethod
    def _written(block: Block, records: list[Record], content: bytes, encoder: json.JSONEncoder) -> bytes:
        """Return records as lines that end with line feeds."""
        lines = [] if are_objects(content) else [line for line in lines_of(content) if line.strip()]
        if not any(map(_is_list, lines)):
            written = write_objects(records, encoder)
            if written is not None:
                return written
        values = _as_written(records, lines)
        try:
            texts = [encoder.encode(value) + "\n" for value in values]
        except TypeError as error:
            _refuse_value(records, block.first, error)
        try:
            return "".join(texts).encode("utf-8")
        except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can hold
            return "".join(map(_storable, texts, values)).encode("utf-8")


def _refuse_value(records: list[Record], first: int, cause: TypeError) -> NoReturn:
    """Refuse a value that JSON does not have, such as the times and bytes of other formats.

    Raises:
        DataError: With its row and column.
    """
    for number, record in enumerate(records, first + 1):
        for column, value in record.items():
            try:
                SPACED.encode(value)
            except TypeError as error:
                kind = type(value).__name__
                raise DataError(
                    f"row {number}: column {column!r} holds what JSON does not have ({kind}: {value!r:.60}); write "
                    ".parquet instead"
                ) from error
    raise DataError(f"row {first + 1} or later: {cause}; write .parquet instead") from cause


def count_records(content: bytes) -> int:
    """Return how many of some lines are records: those that are not blank."""
    if are_objects(content):
        return content.count(b"\n") + (not content.endswith(b"\n"))
    return sum(1 for line in lines_of(content) if line.strip())


def _is_list(line: bytes) -> bool:
    return line.lstrip().startswith(b"[")


def _as_written(records: list[Record], lines: list[bytes]) -> list[Any]:
    """Return records as their lines have them: those that were lists as lists."""
    if not any(map(_is_list, lines)):
        return list(records)
    values: list[Any] = []
    for line, record in zip(lines, records, strict=True):
        if _is_list(line):
            values.append(list(record.values()))
        else:
            values.append(record)
    return values


def _storable(line: str, value: Any) -> str:
    """Return a line as it is, or all escaped where it cannot be encoded."""
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value) + "\n"
    return line
