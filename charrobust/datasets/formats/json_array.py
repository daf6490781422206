"""JSON files that hold a list of records, alone or as ``data`` of an object."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import ClassVar

from charrobust.datasets.formats.base import BLOCK_RECORDS, Block, TextFormat, Writer
from charrobust.datasets.formats.encodings import UTF8
from charrobust.datasets.formats.json_stream import Item, JsonFile, Style, columns_of, json_stream
from charrobust.datasets.formats.limits import RECORD_BYTES
from charrobust.datasets.formats.squad import Squad
from charrobust.errors import DataError
from charrobust.tasks.records import Batch, Place, Record

# Records are attacked together up to so many characters.
_BLOCK_CHARACTERS = 1 << 20
_PLAIN = Style(None, "", "\n", spaced=True, escaped=False)


@dataclass(frozen=True)
class _Stretch:
    """Some records with what stands around the list.

    Attributes:
        head: What stands before the first record of the file.
        items: The records.
        tail: What stands behind the last, from ``]`` on; empty for all stretches but the last, which has no records.
    """

    head: str
    items: tuple[Item, ...]
    tail: str = ""


@dataclass(frozen=True)
class _Rendered:
    """A stretch as text: what stands before each record (but for the first of the file), and the record."""

    head: str
    texts: list[tuple[str, str]]
    tail: str


@dataclass(frozen=True)
class JsonArray(JsonFile):
    """A list of objects, ``[{"text": ...}, ...]`` or ``{"version": ..., "data": [{"text": ...}, ...]}``.

    Records are the objects. What stands before, between and behind them is kept as it is; an object that changes is
    written as it was: on one line or indented, with or without blanks.
    """

    item: ClassVar[str] = "record"

    def blocks(self) -> Iterator[Block]:
        """See the base class; the payload is :class:`_Stretch`."""
        with json_stream(self) as (stream, position):
            head, first = stream.head(), 0
            items = stream.items()
            while taken := _some(items):
                if first == 0:  # kept with the head, so that it stays if the first record is left out
                    head += taken[0].gap
                yield Block(first, first + 1, _Stretch(head, taken), position())
                first += len(taken)
            # The tail is known only when all records are read, and comes in a block without any.
            yield Block(first, first + 1, _Stretch(head, (), stream.tail()), position())

    def singles(self, block: Block) -> Iterator[Block]:
        """See the base class."""
        stretch: _Stretch = block.payload
        for number, item in enumerate(stretch.items):
            yield Block(block.first + number, block.line + number, _Stretch(stretch.head, (item,)), block.position)
        if not stretch.items:
            yield block

    def parse(self, block: Block) -> Batch:
        """See the base class."""
        records, places = [], []
        for number, item in enumerate(block.payload.items, block.line):
            place = Place(str(self.path), f"record {number}")
            record = columns_of(item.value)
            if record is None:
                raise place.error(f"expected a JSON object, got {type(item.value).__name__}")
            records.append(record)
            places.append(place)
        return Batch(block.first, records, places)

    def render(self, block: Block, records: list[Record], changed: tuple[str, ...]) -> _Rendered:
        """See the base class."""
        stretch = block.payload
        if not isinstance(stretch, _Stretch):  # rows of a hub data set, a line each
            return _Rendered("[\n", [(",\n", _PLAIN.dumps(record)) for record in records], "")
        texts: list[tuple[str, str]] = []
        for item, record in zip(stretch.items, records, strict=True):
            value: object = record
            if isinstance(item.value, list):  # a record that was read from a list is written as one
                value = list(record.values())
            texts.append((item.gap, item.text_of(value)))
        return _Rendered(stretch.head, texts, stretch.tail)

    @contextmanager
    def writer(self, path: Path) -> Iterator[Writer]:
        """See the base class; records may be left out, also the first."""
        with super().writer(path) as handle:
            writer = _ListWriter(handle)
            yield writer
            writer.close()


class _ListWriter:
    """Writes a list, of whose records any may be left out."""

    def __init__(self, handle: Writer) -> None:
        self._handle = handle
        self._is_begun = self._has_records = self._is_ended = False

    def write(self, rendered: _Rendered) -> None:
        """Write some records."""
        pieces = []
        if not self._is_begun:
            pieces.append(rendered.head)
        for gap, text in rendered.texts:
            # A gap holds the comma, which the first record that is written must not have before it.
            if self._has_records:
                pieces.append(gap)
            pieces.append(text)
            self._has_records = True
        pieces.append(rendered.tail)
        self._is_begun = True
        self._is_ended = bool(rendered.tail)
        self._handle.write("".join(pieces).encode())

    def close(self) -> None:
        """End the list, if what ends it was not written."""
        if not self._is_ended:
            self._handle.write(b"\n]\n")


def _some(items: Iterator[Item]) -> tuple[Item, ...]:
    """Take the records of one block."""
    taken: list[Item] = []
    size = 0
    for item in islice(items, BLOCK_RECORDS):
        taken.append(item)
        size += len(item.raw)
        if size >= _BLOCK_CHARACTERS:
            break
    return tuple(taken)


def json_file(path: Path, encoding: str = UTF8, *, max_record_bytes: int = RECORD_BYTES) -> TextFormat:
    """Return the format of a ``.json`` file, told by what is in it: SQuAD articles, or a list of records.

    Args:
        path: The file.
        encoding: Its encoding.
        max_record_bytes: The most bytes of a record, or of an article.

    Returns:
        The format, of that file.
    """
    file = JsonArray(path, encoding, max_record_bytes=max_record_bytes)
    if not path.is_file():
        return file
    try:
        with json_stream(file) as (stream, _):
            is_array = stream.head().lstrip().startswith("[")
            first = next(stream.items(), None)
    except DataError:
        # Whose reading says what is wrong: a format is made without an error, as an output need not be there yet.
        return Squad(path, encoding, max_record_bytes=max_record_bytes)
    if is_array or (first is not None and _is_record(first.value)):
        return file
    return Squad(path, encoding, max_record_bytes=max_record_bytes)


def _is_record(value: object) -> bool:
    """Tell a record from an article of SQuAD, which has paragraphs and, beside them, a title alone."""
    return isinstance(value, dict) and "paragraphs" not in value and set(value) - {"title"} != set()
