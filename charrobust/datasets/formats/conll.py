r"""CoNLL files: a token a line in columns, sentences apart by blank lines.

Lines are kept byte for byte but for the token column: other columns, blanks or tabs between them, comments and
document borders (``-DOCSTART-``) stay as they are, and so does the way in which tags are written (IOB1, IOB2, ...).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from charrobust.datasets.formats.base import Block, TextFormat, line_blocks
from charrobust.datasets.formats.conll_comments import CommentJudge, Layout
from charrobust.datasets.formats.limits import refuse_long
from charrobust.errors import DataError
from charrobust.tasks.records import Batch, Place, Record

_BORDER = "-DOCSTART-"
_RANGE_OR_EMPTY_NODE = re.compile(r"\d+[-.]\d+\t")

_TOKEN_NAMES = frozenset({"form", "text", "token", "tokens", "word", "words"})
_TAG_NAMES = frozenset(
    {"bio", "iob", "label", "labels", "ner", "ner_tag", "ner_tags", "pos", "pos_tags", "tag", "tags", "upos"}
)


def _are_counts(sentences: list[list[str]]) -> bool:
    """Tell whether the tokens of all sentences are the numbers 1, 2, 3, ... (or from 0), as of a column that counts."""
    # One or two numbers may well be words.
    if sum(map(len, sentences)) < 3:
        return False
    for tokens in sentences:
        whole = [token for token in tokens if token.isdecimal()]
        if not whole or whole[0] not in ("0", "1") or not all(token[0].isdecimal() for token in tokens):
            return False
        # Between whole numbers may stand ranges and empty nodes.
        if whole != [str(number) for number in range(int(whole[0]), int(whole[0]) + len(whole))]:
            return False
    return True


@dataclass(frozen=True)
class _Lines:
    """Lines of a file.

    Attributes:
        lines: The lines, which end with a sentence.
        layout: How they are cut into columns; None where the file has no tokens.
        comments: The numbers, in ``lines``, of comments.
    """

    lines: list[bytes]
    layout: Layout | None
    comments: frozenset[int]


@dataclass(frozen=True)
class Conll(TextFormat):
    """A CoNLL file. Records hold ``tokens`` and ``tags``, the columns of that name.

    Columns are set apart by tabs if the first token's line has one, so that tokens may hold blanks; else by blanks.

    Attributes:
        token_column: Number of the token column, from 0.
        tag_column: Number of the tag column; negative ones count from the end.
        comments: Whether a line that begins with ``#`` is a comment. None tells comments from tokens by their columns
            (see :class:`~charrobust.datasets.formats.conll_comments.CommentJudge`).
    """

    token_column: int = 0
    tag_column: int = -1
    comments: bool | None = None

    def blocks(self) -> Iterator[Block]:
        """See the base class; the payload is :class:`_Lines`."""
        # Told once from the whole file: a block alone cannot know the columns of the lines before it.
        layout = self._layout()
        judge = CommentJudge(self, layout)
        first, start, kept, position = 0, 1, [], 0
        for _, lines, position in line_blocks(self.path, self.encoding, self.max_record_bytes):
            kept += lines
            end = len(kept)
            while end and kept[end - 1].strip():
                end -= 1
            # Up to the last blank line, sentences are whole; the rest waits for the lines to come.
            if end:
                payload = self._judged(kept[:end], start, judge)
                yield Block(first, start, payload, position)
                first += len(self._sentences(payload, start))
                start, kept = start + end, kept[end:]
            if sum(map(len, kept)) > self.max_record_bytes:
                refuse_long(self.path, f"line {start}", self.max_record_bytes, ", a sentence without a blank line")
        if kept:
            yield Block(first, start, self._judged(kept, start, judge), position)

    def _layout(self) -> Layout | None:
        """Return how lines are cut into columns, told from the first token's line."""
        for start, lines, _ in line_blocks(self.path, self.encoding, self.max_record_bytes):
            for number, line in enumerate(lines, start):
                text = self.decode(line, number)
                layout = Layout.of_line(text)
                # A line that may be a comment does not tell how tokens are written.
                if layout is None or (self.comments is not False and text.startswith("#")):
                    continue
                if not self.is_other(text, layout):
                    self._check_columns(layout, number, text)
                    self._check_no_header(layout, number, text)
                    return replace(layout, line=number)
        return None

    def _check_no_header(self, layout: Layout, number: int, text: str) -> None:
        """Refuse a first line that names the columns: it would be taken for a token.

        Raises:
            DataError: With the line.
        """
        fields = [field.strip("[]<>").lower() for field in layout.fields(text)]
        if _TOKEN_NAMES.intersection(fields) and fields[self.tag_column] in _TAG_NAMES:
            raise DataError(
                f"{self.path}, line {number}: {text.strip()!r} names columns, which are numbers here; leave it out, or "
                "put # before it"
            )

    def _judged(self, lines: list[bytes], start: int, judge: CommentJudge) -> _Lines:
        """Return lines with what is known about them."""
        comments = set()
        for number, line in enumerate(lines):
            if line.startswith(b"#") and judge.is_comment(self.decode(line, start + number), start + number):
                comments.add(number)
        return _Lines(lines, judge.layout, frozenset(comments))

    def _sentences(self, payload: _Lines, start: int) -> list[list[int]]:
        """Return the numbers, in the payload's lines, of the token lines of each sentence."""
        sentences: list[list[int]] = [[]]
        for number, line in enumerate(payload.lines):
            text = self.decode(line, start + number)
            if not text.strip():
                sentences.append([])
            elif number in payload.comments or payload.layout is None:
                continue
            elif not self.is_other(text, payload.layout):
                sentences[-1].append(number)
        return list(filter(None, sentences))

    def is_other(self, text: str, layout: Layout) -> bool:
        """Tell lines that hold no token and are no comments: document borders."""
        return text.startswith(_BORDER) and layout.fields(text)[0].split()[0] == _BORDER

    def singles(self, block: Block) -> Iterator[Block]:
        """See the base class; comments and blank lines go with the sentence behind them."""
        payload: _Lines = block.payload
        start = 0
        sentences = self._sentences(payload, block.line)
        for number, sentence in enumerate(sentences):
            end = sentence[-1] + 1
            is_last = number == len(sentences) - 1
            # The last sentence takes all that is behind it, so that no line of the block is lost.
            while end < len(payload.lines) and (is_last or not payload.lines[end].strip()):
                end += 1
            comments = {comment - start for comment in payload.comments if start <= comment < end}
            part = replace(payload, lines=payload.lines[start:end], comments=frozenset(comments))
            yield Block(block.first + number, block.line + start, part, block.position)
            start = end
        if not sentences:
            yield block

    def parse(self, block: Block) -> Batch:
        """See the base class."""
        payload: _Lines = block.payload
        records, places, sentences = [], [], []
        for numbers in self._sentences(payload, block.line):
            tokens, tags = [], []
            for number in numbers:
                fields = self._fields(payload, block.line, number)
                tokens.append(fields[self.token_column])
                tags.append(self.tag_of(fields[self.tag_column]))
            place = Place(str(self.path), f"line {block.line + numbers[0]}")
            sentences.append(tokens)
            records.append({"tokens": tokens, "tags": tags})
            places.append(place)
        if _are_counts(sentences):
            raise places[0].error(
                f"the token column {self.token_column} counts the tokens (1, 2, ...); set `token_column` to that of "
                "the words, from 0, and `tag_column`; CoNLL-U is read with `format` conllu"
            )
        return Batch(block.first, records, places)

    def tag_of(self, field: str) -> str | None:
        """Return the tag that a column says; None where it says that there is none."""
        return field

    def _fields(self, payload: _Lines, start: int, number: int) -> list[str]:
        """Return the columns of a token's line.

        Raises:
            DataError: It has other columns than the lines before.
        """
        layout, line = payload.layout, start + number
        assert layout is not None  # noqa: S101 - without a layout there are no tokens
        text = self.decode(payload.lines[number], line)
        fields = layout.fields(text)
        # Lines that end with a carriage return alone would be one long line, cut into wrong columns.
        if "\r" in text.rstrip("\r\n"):
            raise DataError(f"{self.path}, line {line}: a carriage return inside the line; end lines with line feeds")
        if layout.is_mixed(text):
            raise DataError(
                f"{self.path}, line {line}: expected columns set apart by blanks as in the lines before, found a "
                f"tab in {text.strip()!r}; use one of the two in all lines"
            )
        if len(fields) != layout.width:
            raise DataError(
                f"{self.path}, line {line}: expected {layout.width} columns as in the lines before, found "
                f"{len(fields)}, set apart by {layout.separator}: {' '.join(fields)!r}; "
                f"line {layout.line} told how many there are"
            )
        if not fields[self.token_column].strip():
            raise DataError(f"{self.path}, line {line}: the token is empty; does the line begin with a blank?")
        if not fields[self.tag_column].strip():
            raise DataError(f"{self.path}, line {line}: the tag of {fields[self.token_column]!r} is empty")
        return fields

    def _check_columns(self, layout: Layout, line: int, text: str) -> None:
        """Refuse columns that a file does not have.

        Raises:
            DataError: With the place of the first token.
        """
        width = layout.width
        for name, column in (("token", self.token_column), ("tag", self.tag_column)):
            if not -width <= column < width:
                raise DataError(
                    f"{self.path}, line {line}: there is no {name} column {column}: the file has {width} columns, "
                    f"0 to {width - 1}; set `{name}_column` to the right one"
                )
        if width == 1:
            raise DataError(f"{self.path}, line {line}: expected a token and a tag, found only {text.strip()!r}")
        # Negative numbers count from the end, so that two different ones may be one column.
        if self.token_column % width == self.tag_column % width:
            raise DataError(
                f"{self.path}, line {line}: the token column and the tag column are the same, {self.token_column}; "
                "tags are not attacked: set `token_column` and `tag_column` to two columns"
            )

    def check_followed(self) -> None:
        """See the base class: lines hold a token and its tag alone."""
        layout = self._layout()
        if layout is not None:
            self._check_followed(layout, layout.line)

    def _check_followed(self, layout: Layout, line: int) -> None:
        """Refuse lines with more columns than a token and its tag.

        Raises:
            DataError: With the line.
        """
        if layout.width != 2:
            raise DataError(
                f"{self.path}, line {line}: the attack splits, joins or moves tokens, and nothing says what then "
                f"stands in columns beside token and tag, of {layout.width} in all; leave them out of the file, or "
                "take a recipe that edits inside words"
            )

    def render(self, block: Block, records: list[Record], changed: tuple[str, ...]) -> bytes:
        """See the base class."""
        payload: _Lines = block.payload
        lines = list(payload.lines)
        if payload.layout is None:
            return b"".join(lines)
        with_tags = "tags" in changed
        for numbers, record in zip(self._sentences(payload, block.line), records, strict=True):
            if len(numbers) != len(record["tokens"]):
                self._write_anew(lines, numbers, record, payload.layout, block.line)
                continue
            for place, number in enumerate(numbers):
                tag = record["tags"][place] if with_tags else None
                lines[number] = self._written(lines[number], payload.layout, record["tokens"][place], tag)
        return b"".join(lines)

    def _written(self, line: bytes, layout: Layout, token: str, tag: str | None) -> bytes:
        """Return a line with another token, and another tag where one is given.

        Raises:
            DataError: The line was a token's, and would be a comment.
        """
        pieces = layout.pieces(line.decode("utf-8"))
        before = list(pieces)
        # Between two columns stands a separator, so that the pieces of a line are numbered twice as far.
        pieces[2 * (self.token_column % layout.width)] = token
        if tag is not None:
            pieces[2 * (self.tag_column % layout.width)] = tag
        # A line whose token stays is not put together again: it is kept byte for byte.
        if pieces == before:
            return line
        # What the layout cuts off a line before it splits it.
        ending = line[len(line.rstrip(b"\r\n \t")) :]
        if self.comments and pieces[0].startswith("#") and not before[0].startswith("#"):
            raise DataError(
                f"{self.path}: {''.join(before)!r} would become {''.join(pieces)!r}, a comment; take another seed, or "
                "leave the comments out of the file and set `comments` to false"
            )
        return "".join(pieces).encode("utf-8") + ending

    def _write_anew(
        self, lines: list[bytes], numbers: Sequence[int], record: Record, layout: Layout, first_line: int
    ) -> None:
        """Write a sentence with another number of tokens, a line each, like its first line.

        Raises:
            DataError: Lines have more columns than a token and its tag, which nothing says of new tokens.
        """
        self._check_followed(layout, first_line + numbers[0])
        model = lines[numbers[0]]
        if not model.endswith(b"\n"):
            model += b"\n"
        new = []
        for token, tag in zip(record["tokens"], record["tags"], strict=True):
            new.append(self._written(model, layout, token, tag))
        for number in numbers:
            lines[number] = b""
        lines[numbers[0]] = b"".join(new)


@dataclass(frozen=True)
class ConllU(Conll):
    """A CoNLL-U file: tabs between ten columns; ``1-2`` begins a range of words, ``1.1`` an empty node."""

    token_column: int = 1
    tag_column: int = 3
    comments: bool | None = True

    def _layout(self) -> Layout | None:
        layout = super()._layout()
        if layout is None:
            return None
        # Also where the first line has no tab, and is broken: its error then speaks of tabs.
        return replace(layout, tabs=True)

    def tag_of(self, field: str) -> str | None:
        """See the base class; an underscore stands for what is not specified."""
        return None if field == "_" else field

    def is_other(self, text: str, layout: Layout) -> bool:
        """See the base class."""
        return super().is_other(text, layout) or _RANGE_OR_EMPTY_NODE.match(text) is not None
