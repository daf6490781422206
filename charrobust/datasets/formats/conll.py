r"""CoNLL files: a token a line in columns, sentences apart by blank lines.

Lines are kept byte for byte but for the token column: other columns, blanks or tabs between them, comments and
document borders (``-DOCSTART-``) stay as they are, and so does the way in which tags are written (IOB1, IOB2, ...).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from charrobust.datasets.formats.base import Block, Format, decode, line_blocks
from charrobust.errors import DataError
from charrobust.tasks.records import Batch, Place, Record

_BORDER = "-DOCSTART-"
_NO_TOKEN = re.compile(r"#|\d+[-.]\d+\t")
_BLANKS = re.compile(r"([ \t]+)")
_TAB = re.compile(r"(\t)")


@dataclass(frozen=True)
class Conll(Format):
    """A CoNLL file, UTF-8. Records hold ``tokens`` and ``tags``, the columns of that name.

    Attributes:
        token_column: Number of the token column, from 0.
        tag_column: Number of the tag column; negative ones count from the end.
        comments: Whether lines are of CoNLL-U: ``#`` starts a comment, ``1-2`` a range of words, ``1.1`` an empty node.
    """

    token_column: int = 0
    tag_column: int = -1
    comments: bool = False

    def blocks(self) -> Iterator[Block]:
        """See the base class; the payload is a list of lines that ends with a sentence."""
        first, start, kept, position = 0, 1, [], 0
        for _, lines, position in line_blocks(self.path):
            kept += lines
            end = len(kept)
            while end and kept[end - 1].strip():
                end -= 1
            if end:
                yield Block(first, start, kept[:end], position)
                first += len(self._sentences(kept[:end], start))
                start, kept = start + end, kept[end:]
        if kept:
            yield Block(first, start, kept, position)

    def _sentences(self, lines: list[bytes], start: int) -> list[list[int]]:
        """Return the numbers, in ``lines``, of the token lines of each sentence."""
        sentences: list[list[int]] = [[]]
        for number, line in enumerate(lines):
            text = decode(line, self.path, start + number)
            if not text.strip():
                sentences.append([])
            elif not self._is_other(text):
                sentences[-1].append(number)
        return [sentence for sentence in sentences if sentence]

    def _is_other(self, text: str) -> bool:
        """Tell lines that hold no token: document borders; in CoNLL-U comments, ranges and empty nodes."""
        return self._split(text)[0] == _BORDER or (self.comments and _NO_TOKEN.match(text) is not None)

    def parse(self, block: Block) -> Batch:
        """See the base class."""
        records, places = [], []
        width = None
        for numbers in self._sentences(block.payload, block.line):
            rows = []
            for number in numbers:
                fields = self._split(decode(block.payload[number], self.path, block.line + number))[::2]
                width = width or len(fields)
                self._check(fields, width, block.line + number)
                rows.append(fields)
            records.append(
                {"tokens": [row[self.token_column] for row in rows], "tags": [row[self.tag_column] for row in rows]}
            )
            places.append(Place(str(self.path), f"line {block.line + numbers[0]}"))
        return Batch(block.first, records, places)

    def _check(self, fields: list[str], width: int, line: int) -> None:
        if len(fields) != width:
            raise DataError(
                f"{self.path}, line {line}: expected {width} columns as in the lines before, found {len(fields)}: "
                f"{' '.join(fields)!r}"
            )
        for name, column in (("token", self.token_column), ("tag", self.tag_column)):
            if not -width <= column < width:
                raise DataError(
                    f"{self.path}, line {line}: there is no {name} column {column}: the file has {width} columns, "
                    f"0 to {width - 1}; give the right one with --{name}-column"
                )
        if self.token_column % width == self.tag_column % width and width > 1:
            raise DataError(
                f"{self.path}, line {line}: the token column and the tag column are the same, {self.token_column}; "
                "tags are not attacked: name two columns with --token-column and --tag-column"
            )
        if not fields[self.token_column]:
            raise DataError(f"{self.path}, line {line}: the token is empty; does the line begin with a blank?")
        if width == 1:
            raise DataError(f"{self.path}, line {line}: expected a token and a tag, found only {fields[0]!r}")

    def render(self, block: Block, records: list[Record], changed: tuple[str, ...]) -> bytes:
        """See the base class."""
        lines = list(block.payload)
        for numbers, record in zip(self._sentences(lines, block.line), records, strict=True):
            for number, token in zip(numbers, record["tokens"], strict=True):
                pieces = self._split(lines[number].decode("utf-8"))
                where = 2 * (self.token_column % ((len(pieces) + 1) // 2))
                if pieces[where] != token:
                    pieces[where] = token
                    ending = lines[number][len(lines[number].rstrip(b"\r\n \t")) :]
                    lines[number] = "".join(pieces).encode("utf-8") + ending
        return b"".join(lines)

    def _split(self, line: str) -> list[str]:
        """Split a line into columns and, between them, what separates them: in CoNLL-U a tab, else any blanks."""
        return (_TAB if self.comments else _BLANKS).split(line.rstrip("\r\n \t"))
