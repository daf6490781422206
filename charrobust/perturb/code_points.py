"""Texts as one buffer of code points, with the Unicode class of each: what the engine computes on."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import regex
from numpy.typing import NDArray

CodePoints = NDArray[np.uint8] | NDArray[np.uint32]

# Bits of a code point's class.
LETTER = 1
DIGIT = 2
JOINER = 4
MID_LETTER = 8
MID_NUMBER = 16
COMPLEX = 32
CLUSTERED = 64
WORD = LETTER | DIGIT | JOINER

# Word_Break classes (UAX 29) behind each bit. Everything whose boundaries need more than one character of
# context, and every letter outside these classes (ideographs, Thai, kana), is COMPLEX: texts that hold one
# are split by the regex library instead. CLUSTERED may share a grapheme cluster with its neighbour.
_PATTERNS = (
    (LETTER, r"[\p{WB=ALetter}\p{WB=Hebrew_Letter}]"),
    (DIGIT, r"\p{WB=Numeric}"),
    (JOINER, r"\p{WB=ExtendNumLet}"),
    (MID_LETTER, r"[\p{WB=MidLetter}\p{WB=MidNumLet}\p{WB=Single_Quote}]"),
    (MID_NUMBER, r"[\p{WB=MidNum}\p{WB=MidNumLet}\p{WB=Single_Quote}]"),
    (CLUSTERED, r"[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}\p{GCB=Prepend}\p{GCB=L}\p{GCB=V}\p{GCB=T}]"),
    (CLUSTERED, r"\p{GCB=Regional_Indicator}"),
    (COMPLEX, r"[\p{WB=Extend}\p{WB=Format}\p{WB=ZWJ}\p{WB=Katakana}\p{WB=Hebrew_Letter}]"),
    (COMPLEX, r"[\p{GCB=Extend}\p{GCB=SpacingMark}\p{GCB=Prepend}\p{GCB=L}\p{GCB=V}\p{GCB=T}]"),
    (COMPLEX, r"[\p{L}\p{N}--\p{WB=ALetter}--\p{WB=Numeric}--\p{WB=ExtendNumLet}]"),
)
_CODE_POINTS = 0x110000  # how many Unicode has


# Each table takes searches through many code points: it is made once, when the first text needs it.
@functools.cache
def class_table(limit: int = _CODE_POINTS) -> NDArray[np.uint8]:
    """Return the class bits of every code point below a limit, shape (limit,)."""
    table = np.zeros(limit, np.uint8)
    for bit, pattern in _PATTERNS:
        table[_members(pattern, limit)] |= bit
    return table


@functools.cache
def upper_table() -> NDArray[np.bool_]:
    """Tell for every code point whether it is an upper-case letter, shape (0x110000,)."""
    return _members(r"\p{Lu}", _CODE_POINTS)


@functools.cache
def left_to_right_table() -> NDArray[np.bool_]:
    """Tell for every code point whether it is written from left to right by itself (UAX 9), shape (0x110000,)."""
    return _members(r"\p{Bidi_Class=L}", _CODE_POINTS)


@functools.cache
def lower_table() -> NDArray[np.uint32]:
    """Return the small letter of every code point that is a capital of one, and all others as they are."""
    table = np.arange(_CODE_POINTS, dtype=np.uint32)
    for code_point in np.flatnonzero(upper_table()).tolist():
        lower = chr(code_point).lower()
        if len(lower) == 1:
            table[code_point] = ord(lower)
    return table


@functools.cache
def letter_table() -> NDArray[np.bool_]:
    """Tell for every code point whether it is a letter that stands alone beside any other, shape (0x110000,).

    Conjoining Hangul letters do not: they make a syllable with what follows.
    """
    return _members(r"[\p{L}--\p{GCB=L}--\p{GCB=V}--\p{GCB=T}]", _CODE_POINTS)


@functools.cache
def blank_table() -> NDArray[np.bool_]:
    """Tell for every code point whether it is white space within a line, shape (0x110000,)."""
    return _members(r"[\s--[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]]", _CODE_POINTS)


@functools.cache
def mark_table() -> NDArray[np.bool_]:
    """Tell for every code point whether it is a mark of punctuation or another sign, shape (0x110000,)."""
    return _members(r"[\p{P}\p{S}]", _CODE_POINTS)


@functools.cache
def _latin_table() -> bytes:
    # In the form that bytes.translate takes: at each byte's place the byte that replaces it.
    return class_table(256).tobytes()


def _members(pattern: str, limit: int) -> NDArray[np.bool_]:
    """Tell for every code point below a limit whether it is in a class, given as a regular expression."""
    # The library knows Unicode's tables but does not hand them out. Searched for in a string that holds every code
    # point at its own place, a class shows as some hundred runs, which is far faster than a million single tests.
    members = np.zeros(limit, bool)
    for match in regex.finditer(f"{pattern}+", _every_code_point(limit), regex.VERSION1):
        members[match.start() : match.end()] = True
    return members


@functools.cache
def _every_code_point(limit: int) -> str:
    """Every code point at its own place; surrogates, which no pattern may match, as NUL."""
    code_points = np.arange(limit, dtype=np.uint32)
    code_points[0xD800:0xE000] = 0
    return code_points.tobytes().decode("utf-32-le")


@dataclass(frozen=True)
class CodePointBuffer:
    """Texts joined by line feeds, with one before the first and one after the last.

    The line feeds keep words of neighbouring texts apart, and give every code point of a text a neighbour on
    either side, so that nothing has to be said about borders.

    Attributes:
        joined: The joined string.
        code_points: Its code points, shape (n,); uint8 where all are below 256, else uint32.
        classes: Their class bits, shape (n,).
        starts: Where each text starts in the buffer, shape (texts,).
        lengths: How long each text is, shape (texts,).
    """

    joined: str
    code_points: CodePoints
    classes: NDArray[np.uint8]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[str]) -> CodePointBuffer:
        """Build the buffer of some texts."""
        joined = "\n".join(["", *texts, ""])
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        # Text i lies behind the texts before it, each with its line feed, and behind the first line feed: the
        # running total of lengths and line feeds up to and with text i, less its own length.
        starts = np.cumsum(lengths + 1) - lengths
        code_points: CodePoints
        # Latin-1 is the encoding whose bytes are the code points. Where it holds the texts, one byte a code point
        # is moved about instead of four, and bytes.translate looks classes up several times faster than NumPy.
        try:
            narrow = joined.encode("latin-1")
        except UnicodeEncodeError:
            code_points = encode(joined)
            classes = class_table()[code_points]
        else:
            code_points = np.frombuffer(narrow, np.uint8)
            classes = np.frombuffer(narrow.translate(_latin_table()), np.uint8)
        return cls(joined, code_points, classes, starts, lengths)

    def text_of(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of the text that holds each buffer position."""
        # The last text that starts at or before the position; hence "right", by which a text's own start belongs to it.
        return np.searchsorted(self.starts, positions, side="right") - 1


def decode(code_points: CodePoints) -> str:
    """Turn code points back into a string."""
    if code_points.dtype == np.uint8:
        return code_points.tobytes().decode("latin-1")
    # Lone surrogates that came in by encode() go out again.
    return code_points.tobytes().decode("utf-32-le", "surrogatepass")


def encode(text: str) -> NDArray[np.uint32]:
    """Turn a string into code points; lone surrogates, which JSON may bring, pass as they are."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def ranges(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Concatenate ``arange(start, start + length)`` over all pairs.

    Args:
        starts: Shape (pairs,).
        lengths: Shape (pairs,).

    Returns:
        Shape (sum of lengths,).
    """
    ends = np.cumsum(lengths)
    if not len(ends):
        return np.zeros(0, np.int64)
    # Counting from 0 through all ranges at once, range i begins at ends[i] - lengths[i]; its elements are moved from
    # there to where the range should start.
    shift = starts - (ends - lengths)
    positions: NDArray[np.int64] = np.arange(ends[-1]) + np.repeat(shift, lengths)
    return positions
