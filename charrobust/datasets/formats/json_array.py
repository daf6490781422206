"""JSON files that hold a list of records, alone or as ``data`` of an object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import ClassVar

from charrobust.datasets.formats.base import BLOCK_RECORDS, Block, TextFormat
from charrobust.datasets.formats.encodings import UTF8
from charrobust.datasets.formats.json_stream import Item, JsonFile, json_stream
from charrobust.datasets.formats.squad import Squad
from charrobust.errors import DataError, UserError
from charrobust.tasks.records import Batch, Place, Record

# Records are attacked together up to so many characters.
_BLOCK_CHARACTERS = 1 << 20


@dataclass(frozen=True)
class _Stretch:
    """Some records with what stands before and behind them."""

    before: str
    items: tuple[Item, ...]
    behind: str = ""


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
            stretch, first = _Stretch(stream.head(), ()), 0
            items = stream.items()
            while taken := _some(items):
                stretch = replace(stretch, items=taken)
                yield Block(first, first + 1, stretch, position())
                first += len(taken)
                stretch = _Stretch("", ())
            yield Block(first, first + 1, replace(stretch, behind=stream.tail()), position())

    def parse(self, block: Block) -> Batch:
        """See the base class."""
        records, places = [], []
        for number, item in enumerate(block.payload.items, block.line):
            place = Place(str(self.path), f"record {number}")
            if not isinstance(item.value, dict):
                raise place.error(f"expected a JSON object, got {type(item.value).__name__}")
            records.append(item.value)
            places.append(place)
        return Batch(block.first, records, places)

    def render(self, block: Block, records: list[Record], changed: tuple[str, ...]) -> bytes:
        """See the base class."""
        stretch = block.payload
        if not isinstance(stretch, _Stretch):
            raise UserError(f"{self.path}: a list in .json is written of such a list alone; write .jsonl instead")
        texts = []
        for item, record in zip(stretch.items, records, strict=True):
            texts.append(item.text_of(record))
        return f"{stretch.before}{''.join(texts)}{stretch.behind}".encode()


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


def json_file(path: Path, encoding: str = UTF8) -> TextFormat:
    """Return the format of a ``.json`` file, told by what is in it: SQuAD articles, or a list of records.

    Args:
        path: The file.
        encoding: Its encoding.
    """
    file = JsonArray(path, encoding)
    if not path.is_file():
        return file
    try:
        with json_stream(file) as (stream, _):
            is_array = stream.head().lstrip().startswith("[")
            first = next(stream.items(), None)
    except DataError:
        return Squad(path, encoding)  # whose reading says what is wrong
    if is_array or (first is not None and _is_record(first.value)):
        return file
    return Squad(path, encoding)


def _is_record(value: object) -> bool:
    """Tell a record from an article of SQuAD, which has paragraphs and, beside them, a title alone."""
    return isinstance(value, dict) and "paragraphs" not in value and set(value) - {"title"} != set()
