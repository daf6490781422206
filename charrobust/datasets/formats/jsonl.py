"""JSON Lines: one object a line; key order and all other keys are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from charrobust.datasets.formats.base import Block, TextFormat, line_blocks
from charrobust.datasets.formats.json_stream import columns_of
from charrobust.tasks.nesting import MOST_LEVELS, is_too_deep
from charrobust.tasks.records import Batch, Place, Record

_SPACED = json.JSONEncoder(ensure_ascii=False)
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class JsonLines(TextFormat):
    """A JSON Lines file. Blank lines are skipped and not written back."""

    def blocks(self) -> Iterator[Block]:
        """See the base class; the payload is a list of lines."""
        first = 0
        for number, lines, position in line_blocks(self.path, self.encoding, self.max_record_bytes):
            yield Block(first, number, lines, position)
            # Lines are counted, not parsed, so that parsing is left to the workers.
            first += sum(1 for line in lines if line.strip())

    def parse(self, block: Block) -> Batch:
        """See the base class."""
        records, places = [], []
        for number, line in enumerate(block.payload, block.line):
            if not line.strip():
                continue
            place = Place(str(self.path), f"line {number}")
            records.append(self._record(self.decode(line, number), place, first=number == 1))
            places.append(place)
        return Batch(block.first, records, places)

    def singles(self, block: Block) -> Iterator[Block]:
        """See the base class."""
        first = block.first
        for number, line in enumerate(block.payload, block.line):
            if line.strip():
                yield Block(first, number, [line], block.position)
                first += 1

    @staticmethod
    def _record(text: str, place: Place, *, first: bool) -> Record:
        # A file of another JSON layout is told by its first line, "[" or "{" alone or a whole array.
        layout = ""
        if first and text[0] in "[{":
            layout = "; if the file is one JSON value, end its name with .json"
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            raise place.error(f"not valid JSON: {error.msg} at column {error.colno}{layout}") from error
        # Valid JSON, but with a number of thousands of digits, or nested deeper than Python can follow.
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
        encoder = _SPACED
        # As the first record is written, so are all: with blanks behind colons and commas, or without.
        if isinstance(block.payload, list) and b'": ' not in next(filter(bytes.strip, block.payload), b""):
            encoder = _COMPACT
        values = _as_written(records, block.payload)
        lines = [encoder.encode(value) + "\n" for value in values]
        try:
            return "".join(lines).encode("utf-8")
        except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can hold
            return "".join(map(_storable, lines, values)).encode("utf-8")


def _as_written(records: list[Record], payload: Any) -> list[Any]:
    """Return records as their lines have them: those that were lists as lists."""
    if not isinstance(payload, list) or not any(line.lstrip().startswith(b"[") for line in payload):
        return list(records)
    lines = [line for line in payload if line.strip()]
    values: list[Any] = []
    for line, record in zip(lines, records, strict=True):
        if line.lstrip().startswith(b"["):
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
