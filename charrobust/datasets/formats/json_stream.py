"""A list of JSON values, read one after another, so that files larger than memory stream."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, ClassVar

from charrobust.datasets.formats.base import BLOCK_BYTES, CountingReader, TextFormat, reading, refuse_mark
from charrobust.datasets.formats.encodings import wrong_bytes, zero_byte
from charrobust.datasets.formats.json_blocks import unique
from charrobust.datasets.formats.limits import refuse_long
from charrobust.errors import DataError
from charrobust.tasks.nesting import MOST_LEVELS, is_too_deep

_DECODER = json.JSONDecoder(object_pairs_hook=unique)
_BLANKS = re.compile(r"[ \t\r\n]*")
# The first bracket with the blanks behind it, and the first key of an object with the blanks behind its colon.
_OPENED = re.compile(r'[{\[](\s*)(?:"(?:[^"\\]|\\.)*"\s*:(\s*))?')


@dataclass(frozen=True)
class Style:
    """How a JSON value is written.

    Attributes:
        indent: What an inner line is indented by; None for a value on one line.
        margin: What its last line is indented by.
        newline: How lines end.
        spaced: Whether blanks follow colons (and commas, on one line).
        escaped: Whether characters beyond ASCII are escaped.
    """

    indent: str | None
    margin: str
    newline: str
    spaced: bool
    escaped: bool

    @classmethod
    def of(cls, raw: str) -> Style:
        """Tell how a value is written by its text."""
        # What stands behind the first bracket, and behind the first colon, tells the rest.
        opened = _OPENED.match(raw)
        blanks, behind_colon = opened.groups() if opened else ("", None)
        escaped = raw.isascii() and "\\u" in raw
        margin, indent = "", None
        if "\n" in blanks:
            # The last line stands at the margin, inner lines are indented from there.
            last_line = raw[raw.rindex("\n") + 1 :]
            margin = last_line[: -len(last_line.lstrip())]
            indent = blanks[blanks.rindex("\n") + 1 :].removeprefix(margin)
        newline = "\r\n" if "\r\n" in blanks else "\n"
        # Where there is no colon to look at (None), blanks are taken for usual.
        return cls(indent, margin, newline, behind_colon != "", escaped)

    def dumps(self, value: object) -> str:
        """Write a value so."""
        separators = (", ", ": ") if self.spaced else (",", ":")
        if self.indent is not None:  # a line feed follows commas
            separators = (",", separators[1])
        text = json.dumps(value, ensure_ascii=self.escaped, indent=self.indent, separators=separators)
        try:
            text.encode()
        except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can hold
            text = json.dumps(value, indent=self.indent, separators=separators)
        # Line feeds inside of strings are escaped, so that those of the text stand between values.
        if self.indent is None:
            return text
        return text.replace("\n", self.newline + self.margin)


@dataclass(frozen=True)
class Item:
    """One value of the list.

    Attributes:
        gap: What stands before it: blanks and, but for the first, a comma.
        value: The value.
        raw: Its text.
    """

    gap: str
    value: Any
    raw: str

    def text_of(self, value: object) -> str:
        """Return the text of another value in its place: the same text for an equal value, else in the same style."""
        if value == self.value:
            return self.raw
        return Style.of(self.raw).dumps(value)


def columns_of(value: Any) -> dict[str, Any] | None:
    """Return a JSON value as a record: an object as it is; a list that begins with a text as columns 1, 2, ...

    Such lists are what spaCy is trained on: ``["text", {"entities": [[0, 6, "PER"]]}]``. Other values are no records.
    """
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and len(value) > 1 and isinstance(value[0], str):
        return {str(number): column for number, column in enumerate(value, 1)}
    return None


class JsonFile(TextFormat):
    """A JSON file that holds a list.

    Attributes:
        item: What the values of the list are called.
    """

    item: ClassVar[str]


class JsonStream:
    """Reads the values of ``[...]`` or of ``{..., "data": [...]}``."""

    def __init__(self, file: JsonFile, handle: IO[str]) -> None:
        self._file, self._handle = file, handle
        self._text, self._at = "", 0
        self._opening, self._gap, self._count = "[", "", 0
        self._since_item = 0  # characters taken since the last value ended

    def _more(self, problem: str = "") -> bool:
        """Read on; tell whether there was more.

        Args:
            problem: What is wrong with what was read so far, unless it goes on.

        Raises:
            DataError: What is being read has no end for too long.
        """
        # At least as much as is pending, so that a long value is not decoded over and over.
        pending = self._text[self._at :]
        # All that is pending belongs to what is being read, or more would not be asked for. (A character is a byte or
        # more: what is refused has more bytes than that.)
        if self._since_item + len(pending) > self._file.max_record_bytes:
            where = f"{self._file.item} {self._count + 1}"
            refuse_long(self._file.path, where, self._file.max_record_bytes, problem)
        try:
            piece = self._handle.read(max(BLOCK_BYTES, len(pending)))
        except UnicodeDecodeError as error:
            raise DataError(wrong_bytes(str(self._file.path), self._file.path, error, choosable=True)) from error
        if "\0" in piece:
            raise DataError(zero_byte(str(self._file.path), self._file.path, choosable=True))
        self._text, self._at = pending + piece, 0
        return bool(piece)

    def _next(self) -> str:
        """Return the next character without taking it; nothing at the end."""
        if self._at == len(self._text) and not self._more():
            return ""
        return self._text[self._at]

    def _take(self, count: int = 1) -> str:
        taken = self._text[self._at : self._at + count]
        self._at += count
        self._since_item += count
        return taken

    def _blanks(self) -> str:
        taken = ""
        while self._next():
            blanks = _BLANKS.match(self._text, self._at)
            assert blanks is not None  # noqa: S101 - it matches nothing, too
            taken += self._take(len(blanks[0]))
            # At the end of what was read so far the blanks may go on; only a character behind them ends them.
            if self._at < len(self._text):
                break
        return taken

    def _value(self) -> tuple[Any, str]:
        """Take the next value; return it and its text.

        Raises:
            DataError: It is not valid JSON.
        """
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                behind = error.pos - self._at  # reading on moves both
                # A value that is cut off looks like a broken one: it is broken for sure when the file has no more.
                near = self._near(error.pos)
                if not self._more(f", unless it is not valid JSON: {error.msg} near {near!r}"):
                    near = self._near(self._at + behind)
                    raise self.error(f"not valid JSON: {error.msg} near {near!r}") from error
            except (ValueError, RecursionError) as error:
                raise self.error(f"JSON that cannot be read: {error}") from error
            else:
                length = end - self._at  # reading on moves both
                # What ends where the text read so far ends may go on, as numbers do.
                if end < len(self._text) or not self._more():
                    raw = self._take(length)
                    if is_too_deep(value, raw):
                        raise self.error(f"JSON that cannot be read: nested in more than {MOST_LEVELS} levels")
                    return value, raw

    def _near(self, where: int) -> str:
        return self._text[where : where + 40]

    def error(self, problem: str) -> DataError:
        """Return an error with the place of the next value."""
        where = ""
        if self._count:
            where = f", {self._file.item} {self._count + 1}"
        return DataError(f"{self._file.path}{where}: {problem}")

    def head(self) -> str:
        """Take everything up to the first value.

        Returns:
            What stands there, as it is written.

        Raises:
            DataError: The file begins otherwise.
        """
        # Token by token, as the list may be longer than memory and other keys may stand before it.
        taken = self._blanks()
        start = self._text[:60]
        if self._next() == "[":
            return taken + self._take()
        if self._next() != "{":
            raise self._other_layout(start, "")
        keys: list[str] = []
        while True:
            taken += self._take() + self._blanks()
            if self._next() != '"':
                raise self._other_layout(start, self._hint(keys))
            key, raw = self._value()
            taken += raw + self._blanks()
            keys.append(key)
            if self._next() != ":":
                raise self._other_layout(start, "")
            taken += self._take() + self._blanks()
            if key == "data" and self._next() == "[":
                self._opening = '{"data": ['
                return taken + self._take()
            taken += self._value()[1] + self._blanks()
            if self._next() != ",":
                raise self._other_layout(start, self._hint(keys))

    def _hint(self, keys: list[str]) -> str:
        """Say what a file may be that begins with an object of some keys, none of them ``data``."""
        if self._next() == "}":
            self._take()
        self._blanks()
        if self._next() == "{":
            return "; is it JSON Lines? Then name it .jsonl"
        shown = ", ".join(map(repr, keys[:8]))
        if not keys:
            return ""
        return f"; it holds one object with the keys {shown}: records stand in a list"

    def _other_layout(self, start: str, remark: str) -> DataError:
        return DataError(
            f'{self._file.path}: not a SQuAD file, nor a list of records: expected {{"data": [...]}} or [...], '
            f"found {start!r}{remark}"
        )

    def items(self) -> Iterator[Item]:
        """Take the values.

        Raises:
            DataError: The file is not valid JSON.
        """
        while True:
            gap = self._blanks()
            if self._next() == "]":
                self._gap = gap
                return
            if self._count:
                if self._next() != ",":
                    raise self.error(f"not valid JSON: expected a comma or ], near {self._near(self._at)!r}")
                gap += self._take() + self._blanks()
            value, raw = self._value()
            yield Item(gap, value, raw)
            self._count += 1
            self._since_item = 0

    def tail(self) -> str:
        """Take everything from the end of the list on.

        Returns:
            What stands there, as it is written.

        Raises:
            DataError: The file does not end as JSON must.
        """
        # What stands behind the list is parsed to be sure that the file is whole, and kept as it is.
        tail = self._gap
        while self._next():
            tail += self._take(len(self._text) - self._at)
        try:
            # An empty list stands for the values, which are read already.
            json.loads(self._opening + tail)
        except (ValueError, RecursionError) as error:
            raise DataError(
                f"{self._file.path}: not valid JSON behind the last {self._file.item}: {tail[:60]!r}"
            ) from error
        return tail


@contextmanager
def json_stream(file: JsonFile) -> Iterator[tuple[JsonStream, Callable[[], int]]]:
    """Open a file; yields its stream, and a function that returns how many of its bytes were read."""
    with reading(file.path, file.encoding) as reader:
        refuse_mark(_peek(reader), file.path)
        # Line ends are kept as they are: what does not change is written back byte for byte.
        yield JsonStream(file, io.TextIOWrapper(reader.handle, encoding="utf-8", newline="")), reader.position


def _peek(reader: CountingReader) -> bytes:
    return reader.handle.peek(3)[:3]  # type: ignore[attr-defined, no-any-return]
