"""SQuAD JSON, version 1.1 and 2.0, read and written article by article, so that large files stream."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from charrobust.datasets.formats.base import BLOCK_BYTES, Block, Format, reading, refuse_mark
from charrobust.errors import DataError
from charrobust.tasks.records import Batch, Place, Record

_GAP = re.compile(r"[\s,]*")
_COLON = re.compile(r"\s*:\s*")


@dataclass(frozen=True)
class Squad(Format):
    """A SQuAD file, UTF-8: ``{"data": [{"title": ..., "paragraphs": [{"context": ..., "qas": [...]}]}]}``.

    Records are paragraphs. What stands before and behind ``data`` is kept as it is; other keys of articles,
    paragraphs, questions and answers are kept too.
    """

    def blocks(self) -> Iterator[Block]:
        """See the base class; the payload is (text before, article or None, text behind)."""
        first = article = 0
        with reading(self.path) as reader:
            refuse_mark(reader.handle.peek(3)[:3], self.path)  # type: ignore[attr-defined]
            stream = _Stream(self, io.TextIOWrapper(reader.handle, encoding="utf-8", newline=""))
            before = stream.head()
            while (content := stream.next_article()) is not None:
                yield Block(first, article + 1, (before, content, ""), reader.position())
                first += len(_paragraphs(content, self, article + 1))
                article, before = article + 1, ", "
            yield Block(first, article + 1, ("" if article else before, None, stream.tail()), reader.position())

    def parse(self, block: Block) -> Batch:
        """See the base class."""
        _, content, _ = block.payload
        if content is None:
            return Batch(block.first, [], [])
        paragraphs = _paragraphs(content, self, block.line)
        places = [
            Place(str(self.path), f"paragraph {number} of article {block.line}")
            for number in range(1, len(paragraphs) + 1)
        ]
        return Batch(block.first, paragraphs, places)

    def render(self, block: Block, records: list[Record], changed: tuple[str, ...]) -> bytes:
        """See the base class."""
        before, content, behind = block.payload
        article = "" if content is None else json.dumps({**content, "paragraphs": records}, ensure_ascii=False)
        try:
            return f"{before}{article}{behind}".encode()
        except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can hold
            return f"{before}{json.dumps({**content, 'paragraphs': records})}{behind}".encode()


def _paragraphs(article: object, file: Squad, number: int) -> list[Record]:
    paragraphs = article.get("paragraphs") if isinstance(article, dict) else None
    if not isinstance(paragraphs, list) or not all(isinstance(paragraph, dict) for paragraph in paragraphs):
        raise DataError(f"{file.path}, article {number}: expected an object with a list of 'paragraphs'")
    return paragraphs


def _data_start(text: str) -> int | None:
    """Return where the list behind the key ``data`` begins, or None where the text does not reach that far."""
    decoder = json.JSONDecoder()
    at = len(text) - len(text.lstrip())
    if text[at : at + 1] != "{":
        return None
    at += 1
    try:
        while True:
            key, at = decoder.raw_decode(text, _GAP.match(text, at).end())  # type: ignore[union-attr]
            at = _COLON.match(text, at).end()  # type: ignore[union-attr]
            if key == "data":
                return at + 1 if text[at] == "[" else None
            _, at = decoder.raw_decode(text, at)
    except (json.JSONDecodeError, IndexError, AttributeError):
        return None


class _Stream:
    """Reads the articles of a SQuAD file one after the other."""

    def __init__(self, file: Squad, handle: IO[str]) -> None:
        self._file, self._handle = file, handle
        self._text, self._at = "", 0

    def _more(self) -> bool:
        try:
            piece = self._handle.read(BLOCK_BYTES)
        except UnicodeDecodeError as error:
            raise DataError(f"{self._file.path}: not UTF-8 ({error.reason}); convert it to UTF-8 first") from error
        self._text, self._at = self._text[self._at :] + piece, 0
        return bool(piece)

    def head(self) -> str:
        """Return everything up to the list of articles.

        Raises:
            DataError: The file does not begin as a SQuAD file does.
        """
        while (end := _data_start(self._text)) is None:
            if not self._more():
                start = self._text[:60]
                raise DataError(
                    f'{self._file.path}: not a SQuAD file: expected {{"data": [...]}}, found {start!r}'
                    + ("; is it JSON Lines? Then name it .jsonl" if start.startswith('{"') else "")
                )
        self._at = end
        return self._text[:end]

    def next_article(self) -> object | None:
        """Return the next article, or None behind the last."""
        decoder = json.JSONDecoder()
        while True:
            start = _GAP.match(self._text, self._at).end()  # type: ignore[union-attr]
            if start < len(self._text) and self._text[start] == "]":
                self._at = start
                return None
            try:
                content, self._at = decoder.raw_decode(self._text, start)
            except json.JSONDecodeError as error:
                if not self._more():
                    near = self._text[error.pos : error.pos + 40]
                    raise DataError(f"{self._file.path}: not valid JSON: {error.msg} near {near!r}") from error
            else:
                return content  # type: ignore[no-any-return]

    def tail(self) -> str:
        """Return everything from the end of the list on.

        Raises:
            DataError: The file does not end as JSON must.
        """
        while self._more():
            pass
        tail = self._text[self._at :]
        try:
            json.loads('{"data": [' + tail)
        except json.JSONDecodeError as error:
            raise DataError(f"{self._file.path}: not valid JSON behind the articles: {tail[:60]!r}") from error
        return tail
