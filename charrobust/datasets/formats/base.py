"""What a format is: how a data set is cut into blocks, read, and written back in the same shape."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import IO, Any, ClassVar, Protocol

from charrobust.datasets.formats import encodings
from charrobust.datasets.formats.limits import RECORD_BYTES, lines_of, stretches_of_lines
from charrobust.errors import DataError, UserError
from charrobust.files import final_path
from charrobust.tasks.records import Batch, Record

# Blocks hold about this many bytes of a file, and at most this many records.
# Large enough that sending a block to a worker costs little beside its work, small enough to keep several in memory.
BLOCK_BYTES = 1 << 20
BLOCK_RECORDS = 2048


@dataclass(frozen=True)
class Block:
    """A stretch of a data set, not yet parsed, small enough to be sent to a worker.

    Attributes:
        first: Number of its first record.
        line: Number of its first line (or row, or article), from 1.
        payload: What the format needs to parse it.
        position: Bytes of the file read so far, for progress.
    """

    first: int
    line: int
    payload: Any
    position: int


class Writer(Protocol):
    """Takes what a format rendered, in order."""

    def write(self, rendered: Any) -> object:
        """Write one rendered block."""


@dataclass(frozen=True)
class Format(ABC):
    """One file of a known format.

    Attributes:
        path: The file that is read.
        is_folder: Whether it is a folder, which is written as one.
    """

    path: Path

    is_folder: ClassVar[bool] = False

    @abstractmethod
    def blocks(self) -> Iterator[Block]:
        """Cut the file into blocks.

        Returns:
            The blocks, in the order of the file.

        Raises:
            DataError: The file cannot be read.
        """

    @abstractmethod
    def parse(self, block: Block) -> Batch:
        """Read the records of a block.

        Args:
            block: The block.

        Returns:
            The records, each with its place.

        Raises:
            DataError: A record is broken; with its place.
        """

    @abstractmethod
    def render(self, block: Block, records: list[Record], changed: tuple[str, ...]) -> Any:
        """Turn a block with other records into what the writer takes.

        Args:
            block: The block as it was read.
            records: Its records, of which only the ``changed`` columns differ.
            changed: The columns that may differ.

        Returns:
            What the format's writer takes; by default bytes.
        """

    def check_followed(self) -> None:
        """Check that tokens may move in this file: it has no columns of tokens that records do not hold.

        Raises:
            DataError: It has.
        """
        return

    def singles(self, block: Block) -> Iterator[Block]:
        """Cut a block into blocks of one record each, so that a bad one can be left out.

        Args:
            block: The block.

        Returns:
            The blocks, in order.

        Raises:
            UserError: The format cannot leave out records.
        """
        raise UserError(f"{self.path}: records of this format cannot be left out one by one; mend the file")

    @contextmanager
    @abstractmethod
    def writer(self, path: Path) -> Iterator[Writer]:
        """Open a file for what :meth:`render` returns."""

    def total(self) -> int:
        """Return the size that the last block's ``position`` reaches."""
        return self.path.stat().st_size

    def class_names(self, column: str) -> tuple[str, ...]:
        """Return the names of the classes or tags whose numbers a column, or a column of lists, holds.

        Args:
            column: Name of the column.

        Returns:
            The names in the order of their numbers; none where the file does not say.
        """
        return ()

    def options(self, source: Format) -> dict[str, Any]:
        """Return the options with which a file that was written in this format is read again.

        Args:
            source: The format that its records were read in, such as this one.

        Returns:
            The options by name, as :func:`~charrobust.datasets.formats.format_of` takes them.
        """
        return {own.name: getattr(self, own.name) for own in fields(self) if own.name != "path"}


@dataclass(frozen=True)
class TextFormat(Format):
    """A file of text, compressed if its name ends in ``.gz``.

    Attributes:
        encoding: Its encoding, by any name that Python knows. The output is written in the same.
        max_record_bytes: The most bytes of one record: a line, a row, a sentence, a value of a JSON list.
    """

    encoding: str = encodings.UTF8
    max_record_bytes: int = field(default=RECORD_BYTES, kw_only=True)

    def __post_init__(self) -> None:
        """Check that there is such an encoding."""
        encodings.is_utf8(self.encoding)

    @contextmanager
    def writer(self, path: Path) -> Iterator[Writer]:
        """See the base class; takes UTF-8."""
        with open_bytes(path, "wb") as handle:
            if encodings.is_utf8(self.encoding):
                yield handle
            else:
                # The first bytes of what was read: a byte order that a mark told is kept in what is written.
                codec = encodings.codec_of(path, self.encoding, encodings.sample_of(self.path)[:4])
                writer = encodings.EncodingWriter(final_path(path), handle, codec)
                yield writer
                writer.close()

    def decode(self, line: bytes, number: int, *, mark_allowed: bool = False) -> str:
        """Decode a line; see :func:`decode`."""
        return decode(line, self.path, number, mark_allowed=mark_allowed, choosable=True)


class CountingReader:
    """A text file as UTF-8, decompressed if its name ends in ``.gz``, that knows how far it is."""

    def __init__(self, path: Path, encoding: str = encodings.UTF8) -> None:
        self._raw = path.open("rb")
        self.handle: IO[bytes] = self._raw
        if path.suffix == ".gz":
            self.handle = gzip.GzipFile(fileobj=self._raw)  # type: ignore[assignment]
        # UTF-8, the usual case, is passed on as it is: no byte is decoded twice.
        if not encodings.is_utf8(encoding):
            self.handle = io.BufferedReader(encodings.Utf8Reader(path, self.handle, encoding))

    def position(self) -> int:
        """Return the number of bytes of the file read so far."""
        # Of the compressed file, as its size is known beforehand and that of its content is not.
        return self._raw.tell()

    def close(self) -> None:
        """Close the file."""
        self.handle.close()
        self._raw.close()


@contextmanager
def reading(path: Path, encoding: str = encodings.UTF8) -> Iterator[CountingReader]:
    """Open a text file for reading.

    Args:
        path: The file.
        encoding: Its encoding; whatever it is, UTF-8 is read.

    Yields:
        A reader at the beginning of the file.

    Raises:
        DataError: It cannot be opened, or is not the gzip file that its name promises.
    """
    try:
        # Files are read more than once (to tell their columns, to report an error), which a pipe does not allow.
        if path.exists() and not path.is_file():
            raise DataError(f"cannot read {path}: not a regular file")
        reader = CountingReader(path, encoding)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error
    try:
        yield reader
    # Opening looks at nothing: what is wrong with a gzip file shows while it is read.
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{path} is not a whole gzip file: {error}") from error
    finally:
        reader.close()


def byte_blocks(
    path: Path, encoding: str = encodings.UTF8, limit: int = RECORD_BYTES, *, choosable: bool = True
) -> Iterator[tuple[int, bytes, int]]:
    """Go through (number of the first line, bytes of whole lines in UTF-8, position) of a text file.

    Args:
        path: The file.
        encoding: Its encoding.
        limit: The most bytes of a line.
        choosable: Whether another limit could have been set, for errors.

    Yields:
        The number, the bytes and the position.

    Raises:
        DataError: The file cannot be read, or a line is longer.
    """
    with reading(path, encoding) as reader:
        for number, content in stretches_of_lines(reader.handle, path, limit, BLOCK_BYTES, choosable=choosable):
            yield number, content, reader.position()


def line_blocks(
    path: Path, encoding: str = encodings.UTF8, limit: int = RECORD_BYTES, *, choosable: bool = True
) -> Iterator[tuple[int, list[bytes], int]]:
    """Go through (number of the first line, lines in UTF-8, position) of a text file; see :func:`byte_blocks`."""
    for number, content, position in byte_blocks(path, encoding, limit, choosable=choosable):
        yield number, lines_of(content), position


@contextmanager
def open_bytes(path: Path, mode: str) -> Iterator[IO[bytes]]:
    """Open a binary file, with gzip if its name ends in ``.gz``; equal content gives equal files."""
    with path.open(mode) as raw:
        if path.suffix == ".gz":
            # Neither name nor time is stored, so that a run can be compared with another byte by byte.
            with gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
                yield packed  # type: ignore[misc]
        else:
            yield raw


def decode(line: bytes, path: Path, number: int, *, mark_allowed: bool = False, choosable: bool = False) -> str:
    """Decode a line of UTF-8.

    Args:
        line: The line.
        path: Its file, for errors.
        number: Its number, from 1.
        mark_allowed: Whether the first line may begin with a byte order mark.
        choosable: Whether another encoding could have been named, for errors.

    Returns:
        The line as text.

    Raises:
        DataError: It is not UTF-8, holds a NUL byte, or is the first and begins with a mark that is not allowed.
    """
    if number == 1 and not mark_allowed:
        refuse_mark(line, path)
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(encodings.wrong_bytes(f"{path}, line {number}", path, error, choosable=choosable)) from error
    # UTF-8 may hold it, but no text does: it is UTF-16 read so, or no text at all.
    if "\0" in text:
        raise DataError(encodings.zero_byte(f"{path}, line {number}", path, choosable=choosable))
    return text


def refuse_mark(start: bytes, path: Path) -> None:
    """Refuse a file that begins with a byte order mark.

    Args:
        start: The first bytes of the file.
        path: The file, for the message.

    Raises:
        DataError: It does.
    """
    if start.startswith(codecs.BOM_UTF8):
        raise DataError(
            f"{path}, line 1: begins with a byte order mark; save it as UTF-8 without one, "
            "or set `encoding` to utf-8-sig"
        )
