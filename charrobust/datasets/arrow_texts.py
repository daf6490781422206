"""Arrow arrays of texts, made without a string of Python for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.perturb.code_points import CodePoints, decode

# The first code points of which UTF-8 takes two, three and four bytes.
_LONGER_FROM = (0x80, 0x800, 0x10000)


def taken(texts: Sequence[str], numbers: NDArray[Any]) -> Any:
    """Return the texts of some numbers.

    Args:
        texts: The texts.
        numbers: The number of each that is wanted, shape (wanted,).

    Returns:
        A dictionary array, shape (wanted,): each text once, and numbers as narrow as that allows.
    """
    import pyarrow as pa

    narrow = numbers.astype(np.min_scalar_type(-max(len(texts), 1)))
    return pa.DictionaryArray.from_arrays(pa.array(narrow), pa.array(texts, pa.string()))


def cut_texts(code_points: CodePoints, lengths: NDArray[np.int64]) -> Any:
    """Return texts that stand one behind the other.

    Args:
        code_points: All of them.
        lengths: The number of code points of each, shape (texts,).

    Returns:
        An array of texts, shape (texts,).

    Raises:
        UnicodeEncodeError: One holds a lone surrogate; with the text.
    """
    import pyarrow as pa

    joined = decode(code_points)
    ends = np.cumsum(lengths)
    try:
        content = joined.encode()
    except UnicodeEncodeError as error:
        number = int(np.searchsorted(ends, error.start, side="right"))
        start = int(ends[number] - lengths[number])
        # Of this text alone, so that the error names it.
        joined[start : int(ends[number])].encode()
        raise
    if len(content) > len(joined):
        ends = _bytes_before(code_points)[ends]
    # Offsets begin with the first text's start, and end with the last one's end.
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    return pa.StringArray.from_buffers(len(lengths), pa.py_buffer(offsets), pa.py_buffer(content))


def _bytes_before(code_points: CodePoints) -> NDArray[np.int64]:
    """Return how many bytes of UTF-8 stand before each code point, and at the end, shape (code points + 1,)."""
    lengths = np.ones(len(code_points), np.int64)
    for first in _LONGER_FROM:
        lengths += code_points >= first
    return np.concatenate([[0], np.cumsum(lengths)])
