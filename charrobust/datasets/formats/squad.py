"""SQuAD JSON, version 1.1 and 2.0, read and written article by article, so that large files stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from charrobust.datasets.formats.base import Block
from charrobust.datasets.formats.json_stream import Item, JsonFile, json_stream
from charrobust.errors import DataError
from charrobust.tasks.records import Batch, Place, Record


@dataclass(frozen=True)
class _Article:
    """An article with what stands before and behind it; the last block of a file has none."""

    before: str
    item: Item | None
    behind: str = ""


@dataclass(frozen=True)
class Squad(JsonFile):
    """A SQuAD file: ``{"data": [{"title": ..., "paragraphs": [{"context": ..., "qas": [...]}]}]}``.

    Records are paragraphs. What stands before and behind ``data`` is kept as it is; other keys of articles,
    paragraphs, questions and answers are kept too.
    """

    item: ClassVar[str] = "article"

    def blocks(self) -> Iterator[Block]:
        """See the base class; the payload is an article."""
        first, number = 0, 1
        with json_stream(self) as (stream, position):
            before = stream.head()
            for number, item in enumerate(stream.items(), 1):
                yield Block(first, number, _Article(before, item), position())
                # Records are paragraphs, so that the number of an article does not tell that of its first record.
                first += len(self._paragraphs(item, number))
                before = ""  # the head belongs to the first article
            yield Block(first, number + 1, _Article(before, None, stream.tail()), position())

    def _paragraphs(self, item: Item, number: int) -> list[Record]:
        paragraphs = None
        if isinstance(item.value, dict):
            paragraphs = item.value.get("paragraphs")
        if not isinstance(paragraphs, list) or not all(isinstance(paragraph, dict) for paragraph in paragraphs):
            raise DataError(f"{self.path}, article {number}: expected an object with a list of 'paragraphs'")
        return paragraphs

    def parse(self, block: Block) -> Batch:
        """See the base class."""
        article: _Article = block.payload
        if article.item is None:
            return Batch(block.first, [], [])
        paragraphs = self._paragraphs(article.item, block.line)
        numbers = range(1, len(paragraphs) + 1)
        places = [Place(str(self.path), f"paragraph {number} of article {block.line}") for number in numbers]
        return Batch(block.first, paragraphs, places)

    def render(self, block: Block, records: list[Record], changed: tuple[str, ...]) -> bytes:
        """See the base class."""
        article: _Article = block.payload
        text = ""
        if article.item is not None:
            text = article.item.gap + article.item.text_of({**article.item.value, "paragraphs": records})
        return f"{article.before}{text}{article.behind}".encode()
