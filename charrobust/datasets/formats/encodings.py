"""Encodings of text files: formats read and write UTF-8, this file stands between them and anything else.

It also says what a file that is not UTF-8 seems to be, so that an error can name the conversion that is right.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from pathlib import Path
from typing import IO, Any, NamedTuple

from charrobust.errors import DataError, UserError

UTF8 = "utf-8"
_CHUNK = 1 << 16
# So much of a file is looked at to say what encoding it seems to have.
# A file may be ASCII for many pages before its first accent.
_SAMPLE_BYTES = 1 << 24

# Longest first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    ("utf-32-le", codecs.BOM_UTF32_LE),
    ("utf-32-be", codecs.BOM_UTF32_BE),
    ("utf-8", codecs.BOM_UTF8),
    ("utf-16-le", codecs.BOM_UTF16_LE),
    ("utf-16-be", codecs.BOM_UTF16_BE),
)
_SIGNATURES = (
    (b"\x1f\x8b", "it is compressed with gzip: end its name with .gz"),
    (b"PAR1", "it is a Parquet file: end its name with .parquet"),
    (b"PK\x03\x04", "it is a zip archive (as .xlsx files are): unpack it, or save the table as CSV"),
)
# Bytes 0x80 to 0x9f: in Latin-1 control characters, in Windows-1252 quotation marks, dashes and the like, five unused.
_CONTROLS = re.compile(rb"[\x80-\x9f]")
_UNUSED_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_CONTROL_CHARACTERS = re.compile("[\x80-\x9f]")
_CONTROL_BYTES = re.compile(rb"[\x01-\x08\x0e-\x1f]")
# A character of UTF-8 that takes several bytes.
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
_LETTERS = re.compile(rb"[A-Za-z\x80-\xff]")


class Codec(NamedTuple):
    """How a file's bytes are read: by a codec that knows no byte order marks, behind the mark that it begins with."""

    name: str
    mark: bytes


def is_utf8(encoding: str) -> bool:
    """Tell whether an encoding is UTF-8, by whatever name.

    Args:
        encoding: Name of the encoding.

    Returns:
        Whether it is UTF-8.

    Raises:
        UserError: There is no such encoding of text.
    """
    return _lookup(encoding).name == UTF8


def _lookup(encoding: str) -> codecs.CodecInfo:
    try:
        info = codecs.lookup(encoding)
    except (LookupError, ValueError, TypeError) as error:
        raise UserError(
            f"unknown encoding {encoding!r}; known are, for example, utf-8, windows-1252, utf-16"
        ) from error
    # Codecs such as rot13 or base64 are registered too, and are no encodings of text.
    if not getattr(info, "_is_text_encoding", True):
        raise UserError(f"encoding {encoding!r} is none of text; known are, for example, utf-8, windows-1252, utf-16")
    return info


def codec_of(path: Path, encoding: str, start: bytes) -> Codec:
    """Return how the bytes of a file are to be read and written.

    Args:
        path: The file, for errors.
        encoding: The encoding that was named.
        start: The first bytes of the file; empty if it is to be written anew.

    Returns:
        The codec, with its byte order mark where it has one.

    Raises:
        UserError: There is no such encoding.
        DataError: The encoding leaves the byte order open, and the file has no mark that tells it.
    """
    name = _lookup(encoding).name
    # A mark counts only in an encoding that may have it; in any other its bytes are letters.
    for marked, mark in _MARKS:
        plain = marked.removesuffix("-le").removesuffix("-be")
        if name in (marked, plain, f"{plain}-sig") and start.startswith(mark):
            return Codec(marked, mark)
    if name in ("utf-16", "utf-32"):
        if start:
            raise DataError(f"{path}: no byte order mark, which {name} needs; set `encoding` to {name}-le or {name}-be")
        # To be written anew: little-endian, as most programs write it, with the mark that says so.
        return Codec(f"{name}-le", getattr(codecs, f"BOM_{name.upper().replace('-', '')}_LE"))
    return Codec(name.removesuffix("-sig"), b"")


class Utf8Reader(io.RawIOBase):
    """Reads a file of some encoding as if it were UTF-8 without a byte order mark."""

    def __init__(self, path: Path, handle: IO[bytes], encoding: str) -> None:
        self._path, self._handle, self._encoding = path, handle, encoding
        self._decoder: codecs.IncrementalDecoder | None = None
        self._lines, self._pending, self._ended = 1, b"", False

    def readable(self) -> bool:
        """See the base class."""
        return True

    def readinto(self, buffer: Any) -> int:
        """See the base class."""
        # A chunk may decode to nothing, such as half a character, and to return nothing would mean the end of the file.
        while not self._pending and not self._ended:
            self._pending = self._next()
        count = min(len(buffer), len(self._pending))
        buffer[:count], self._pending = self._pending[:count], self._pending[count:]
        return count

    def _next(self) -> bytes:
        # The decoder is incremental: a character may be cut in two by the end of a chunk.
        chunk = self._handle.read(_CHUNK)
        self._ended = not chunk
        if self._decoder is None:
            # No bytes at all would mean a file that is to be written anew: an empty one lacks a mark like any other.
            self._codec = codec_of(self._path, self._encoding, chunk[:4] or b"\0")
            self._decoder = codecs.getincrementaldecoder(self._codec.name)()
            chunk = chunk.removeprefix(self._codec.mark)
        try:
            text = self._decoder.decode(chunk, final=self._ended)
            self._refuse_controls(text)
            data = text.encode()
        except UnicodeError as error:
            raise self._error(error) from error
        self._lines += text.count("\n")
        return data

    def _refuse_controls(self, text: str) -> None:
        """Refuse control characters where quotation marks of Windows-1252 were read as Latin-1."""
        if self._codec.name != "iso8859-1":
            return
        wrong = _CONTROL_CHARACTERS.search(text)
        if wrong is not None:
            line = self._lines + text.count("\n", 0, wrong.start())
            raise DataError(
                f"{self._path}, line {line}: byte 0x{ord(wrong[0]):02x} is a control character in "
                f"{self._encoding}; set `encoding` to windows-1252, where it is a quotation mark or the like"
            )

    def _error(self, error: UnicodeError) -> DataError:
        line, problem = self._lines, str(error)
        if isinstance(error, UnicodeDecodeError):
            # The decoder lost what it had decoded of the chunk: its lines are counted once more, for the message.
            before = error.object[: error.start].decode(self._codec.name, errors="replace")
            line += before.count("\n")
            problem = f"byte 0x{error.object[error.start]:02x}: {error.reason}"
        return DataError(f"{self._path}, line {line}: not {self._encoding}: {problem}; set `encoding` to what it has")


class EncodingWriter:
    """Takes UTF-8 and writes it in another encoding."""

    def __init__(self, path: Path, handle: IO[bytes], codec: Codec) -> None:
        self._path, self._handle, self._codec = path, handle, codec
        self._encoder = codecs.getincrementalencoder(codec.name)()
        handle.write(codec.mark)

    def write(self, rendered: bytes) -> int:
        """Write some text.

        Args:
            rendered: The text, in UTF-8.

        Returns:
            The number of bytes written, in the other encoding.

        Raises:
            DataError: It holds a character that the encoding does not have.
        """
        return self._handle.write(self._encoded(rendered.decode(), final=False))

    def close(self) -> None:
        """Write what the encoding needs at its end."""
        self._handle.write(self._encoded("", final=True))

    def _encoded(self, text: str, *, final: bool) -> bytes:
        try:
            return self._encoder.encode(text, final=final)
        except UnicodeEncodeError as error:
            character = error.object[error.start]
            raise DataError(
                f"cannot write {self._path}: the attacked text holds {character!r}, which the encoding "
                f"{self._codec.name} does not have; convert the input to UTF-8 first"
            ) from error


def sample_of(path: Path) -> bytes:
    """Return the bytes of a file, decompressed, or of a long one those at its beginning."""
    try:
        with path.open("rb") as raw:
            handle: IO[bytes] = raw
            if path.suffix == ".gz":
                handle = gzip.GzipFile(fileobj=raw)  # type: ignore[assignment]
            return handle.read(_SAMPLE_BYTES)
    except (OSError, EOFError, zlib.error):
        return b""


def advice(path: Path, *, choosable: bool) -> str:
    """Say what to do about a file that is not UTF-8.

    Args:
        path: The file.
        choosable: Whether an encoding can be named where the file is read.

    Returns:
        A clause to end an error message with.
    """
    sample = sample_of(path)
    for signature, meaning in _SIGNATURES:
        if sample.startswith(signature):
            return meaning
    encoding = _likely(sample)
    # Two whole characters of UTF-8 do not come about by chance in another encoding.
    if encoding is None and len(_MULTIBYTE.findall(sample)) > 1:
        return "the rest of the file is UTF-8: mend this line, in which a character is cut or broken"
    if encoding is None:
        options = ", or set `encoding`" if choosable else ""
        return (
            f"convert the file with iconv from the encoding that it has{options} "
            "(for example windows-1251, koi8-r, gb18030 or shift_jis)"
        )
    options = f", or set `encoding` to {encoding}" if choosable else ""
    return f"convert the file, for example: iconv -f {encoding} -t utf-8{options} (it looks like {encoding})"


def _likely(sample: bytes) -> str | None:
    """Return the encoding that some bytes, which are not UTF-8, seem to be in; None where that cannot be told."""
    for name, mark in _MARKS:
        if sample.startswith(mark):
            return name.removesuffix("-le").removesuffix("-be")
    if b"\0" in sample:
        return _with_zeros(sample)
    # Western text is ASCII with an accent here and there; where most letters are high, it is another script.
    high = len(_HIGH.findall(sample))
    # (One or two high letters in a very short sample show no share.)
    if 3 * high > len(_LETTERS.findall(sample)) and high > 2:
        return None
    if len(_MULTIBYTE.findall(sample)) > 1 or _UNUSED_1252.search(sample):
        return None
    # The two differ in these bytes alone.
    if _CONTROLS.search(sample):
        return "windows-1252"
    return "latin1"


def _with_zeros(sample: bytes) -> str | None:
    """Return the encoding of text without a mark whose bytes of value 0 all stand at certain places."""
    # Where in a unit of four bytes the zeros stand tells size and order of the units.
    whole = sample[: len(sample) // 4 * 4] or sample
    zeros = [whole[place::4].count(0) for place in range(4)]
    quarter = len(whole) // 4
    if quarter and zeros[2] + zeros[3] == 2 * quarter and zeros[0] == 0:
        return "utf-32-le"
    if quarter and zeros[0] + zeros[1] == 2 * quarter and zeros[3] == 0:
        return "utf-32-be"
    # Letters of one byte are in UTF-16 every second a zero; what are other scripts there holds control characters.
    if 4 * sum(zeros) < len(whole) and _CONTROL_BYTES.search(whole) is None:
        return None
    even, odd = zeros[0] + zeros[2], zeros[1] + zeros[3]
    # Text has blanks, digits or punctuation, whose upper half is 0 in any script; no character's lower half is often 0.
    if odd > 10 * even:
        return "utf-16-le"
    if even > 10 * odd:
        return "utf-16-be"
    return None


def wrong_bytes(place: str, path: Path, error: UnicodeDecodeError, *, choosable: bool) -> str:
    """Return what is to be said of bytes that are not UTF-8.

    Args:
        place: The file, and the line where that is known.
        path: The file.
        error: What the decoder said.
        choosable: Whether an encoding can be named where the file is read.

    Returns:
        The message, with what to do about it.
    """
    byte = f"byte 0x{error.object[error.start]:02x}"
    return f"{place}: not UTF-8: {byte} at column {error.start + 1}; {advice(path, choosable=choosable)}"


def zero_byte(place: str, path: Path, *, choosable: bool) -> str:
    """Return what is to be said of a byte of value 0 in what should be text; see :func:`wrong_bytes`."""
    remedy = "expected text"
    if _with_zeros(sample_of(path)):
        remedy = advice(path, choosable=choosable)
    return f"{place}: binary (a NUL byte): {remedy}"
