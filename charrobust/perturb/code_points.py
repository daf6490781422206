"""Texts as one buffer of code points, with the Unicode class of each: what the engine computes on."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import regex
from numpy.typing import NDArray

CodePoints = NDArray[np.uint8] | NDArray[np.uint32]

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
_PATTERNS = {
    LETTER: r"[\p{WB=ALetter}\p{WB=Hebrew_Letter}]",
    DIGIT: r"\p{WB=Numeric}",
    JOINER: r"\p{WB=ExtendNumLet}",
    MID_LETTER: r"[\p{WB=MidLetter}\p{WB=MidNumLet}\p{WB=Single_Quote}]",
    MID_NUMBER: r"[\p{WB=MidNum}\p{WB=MidNumLet}\p{WB=Single_Quote}]",
    CLUSTERED: r"[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}\p{GCB=Prepend}\p{GCB=L}\p{GCB=V}\p{GCB=T}]",
    COMPLEX: r"[\p{WB=Extend}\p{WB=Format}\p{WB=ZWJ}\p{WB=Katakana}\p{WB=Hebrew_Letter}"
    r"\p{GCB=Extend}\p{GCB=SpacingMark}\p{GCB=Prepend}\p{GCB=L}\p{GCB=V}\p{GCB=T}]",
}
_OTHER_LETTER = r"[\p{L}\p{N}--\p{WB=ALetter}--\p{WB=Numeric}--\p{WB=ExtendNumLet}]"


@functools.cache
def class_table(limit: int = 0x110000) -> NDArray[np.uint8]:
    """Return the class bits of every code point below a limit, shape (limit,)."""
    table = np.zeros(limit, np.uint8)
    for bit, pattern in [*_PATTERNS.items(), (COMPLEX, _OTHER_LETTER)]:
        table[_members(pattern, limit)] |= bit
    return table


@functools.cache
def upper_table() -> NDArray[np.bool_]:
    """Tell for every code point whether it is an upper-case letter, shape (0x110000,)."""
    return _members(r"\p{Lu}", 0x110000)


@functools.cache
def letter_table() -> NDArray[np.bool_]:
    """Tell for every code point whether it is a letter that stands alone beside any other, shape (0x110000,).

    Conjoining Hangul letters do not: they make a syllable with what follows.
    """
    return _members(r"[\p{L}--\p{GCB=L}--\p{GCB=V}--\p{GCB=T}]", 0x110000)


@functools.cache
def _latin_table() -> bytes:
    return class_table(256).tobytes()


def _members(pattern: str, limit: int) -> NDArray[np.bool_]:
    found = np.zeros(limit, bool)
    for match in regex.finditer(f"{pattern}+", _everything(limit), regex.VERSION1):
        found[match.start() : match.end()] = True
    return found


@functools.cache
def _everything(limit: int) -> str:
    """Every code point at its own place; surrogates, which no pattern may match, as NUL."""
    code_points = np.arange(limit, dtype=np.uint32)
    code_points[0xD800:0xE000] = 0
    return code_points.tobytes().decode("utf-32-le")


@dataclass(frozen=True)
class CodePointBuffer:
    """Texts joined by line feeds, with one before the first and one after the last.

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
        starts = np.cumsum(lengths + 1) - lengths
        code_points: CodePoints
        try:
            narrow = joined.encode("latin-1")
        except UnicodeEncodeError:
            code_points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
            classes = class_table()[code_points]
        else:
            code_points = np.frombuffer(narrow, np.uint8)
            classes = np.frombuffer(narrow.translate(_latin_table()), np.uint8)
        return cls(joined, code_points, classes, starts, lengths)

    def text_of(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of the text that holds each buffer position."""
        return np.searchsorted(self.starts, positions, side="right") - 1


def decode(code_points: CodePoints) -> str:
    """Turn code points back into a string."""
    if code_points.dtype == np.uint8:
        return code_points.tobytes().decode("latin-1")
    return code_points.tobytes().decode("utf-32-le", "surrogatepass")


def encode(text: str) -> NDArray[np.uint32]:
    """Turn a string into code points."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def ranges(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Concatenate ``arange(start, start + length)`` over all pairs."""
    ends = np.cumsum(lengths)
    if not len(ends):
        return np.zeros(0, np.int64)
    return np.arange(ends[-1]) + np.repeat(starts - ends + lengths, lengths)
