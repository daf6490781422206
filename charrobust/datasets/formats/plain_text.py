"""Plain text: each line is a record, and every line end stays as it is."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from charrobust.datasets.formats.base import Block, TextFormat, byte_blocks
from charrobust.datasets.formats.limits import lines_of
from charrobust.errors import DataError
from charrobust.tasks.records import Batch, LinePlaces, Record

_COLUMN = "text"
_LINE_ENDS = "\r\n"


@dataclass(frozen=True)
class PlainText(TextFormat):
    """A file of plain text; its records have one column, ``text``, a line without its end."""

    def blocks(self) -> Iterator[Block]:
        """See the base class; the payload is the bytes of some lines."""
        first = 0
        for number, content, position in byte_blocks(self.path, self.encoding, self.max_record_bytes):
            yield Block(first, number, content, position)
            first += len(lines_of(content))

    def parse(self, block: Block) -> Batch:
        """See the base class."""
        lines = lines_of(block.payload)
        records = []
        for number, line in enumerate(lines, block.line):
            records.append({_COLUMN: self.decode(line, number).rstrip(_LINE_ENDS)})
        return Batch(block.first, records, LinePlaces(str(self.path), range(block.line, block.line + len(lines))))

    def singles(self, block: Block) -> Iterator[Block]:
        """See the base class."""
        for offset, line in enumerate(lines_of(block.payload)):
            yield Block(block.first + offset, block.line + offset, line, block.position)

    def render(self, block: Block, records: list[Record], changed: tuple[str, ...]) -> bytes:
        """See the base class.

        Args:
            block: The block as it was read.
            records: Its records.
            changed: The columns that may differ.

        Returns:
            The lines, each with its own end.

        Raises:
            DataError: A text holds a line end, or a column is none of plain text.
        """
        written = io.BytesIO()
        for line, record in zip(lines_of(block.payload), records, strict=True):
            text = record.get(_COLUMN)
            if not isinstance(text, str) or "\n" in text or set(record) != {_COLUMN}:
                raise DataError(f"{self.path}: a line of plain text is one text without a line end, got {record!r:.80}")
            end = line[len(line.rstrip(b"\r\n")) :]
            written.write(text.encode("utf-8") + end)
        return written.getvalue()
