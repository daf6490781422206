"""Counter-based random numbers: a number is a function of (key, counter), never of what was drawn before.

An example's key comes from its identity, the recipe and the seed; a word's stream from the key and the
word's number; a draw from the stream and the draw's number. No state is carried from word to word, so
order, batch size and worker count cannot change a result, and whole batches are drawn in a few array
operations. The idea is that of Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
SC 2011. The function here is the finaliser of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom
number generators", OOPSLA 2014), which passes the usual test batteries on counters and takes five operations.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xxhash
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

# Counters are spread over all 64 bits by odd factors without a pattern: for words the golden ratio, as in
# SplitMix64; for draws another one, lest draw i of word j be draw j of word i.
_WORD_STEP = np.uint64(0x9E3779B97F4A7C15)
_DRAW_STEP = 0xD1B54A32D192ED03
_ALL_64_BITS = 0xFFFFFFFFFFFFFFFF
_LOW_32_BITS = np.uint64(0xFFFFFFFF)


def mix(values: Keys) -> Keys:
    """Scramble 64-bit integers in place (SplitMix64 finaliser) and return them.

    Unsigned products wrap around, which is meant: all arithmetic is modulo 2**64.
    """
    # In place, since all callers hand over an array that they have just made.
    values ^= values >> np.uint64(30)
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


def text_key(*parts: str) -> int:
    """Hash strings to a 64-bit key, the same on every platform (xxh3)."""
    # The unit separator keeps ("ab", "c") and ("a", "bc") apart.
    return xxhash.xxh3_64_intdigest("\x1f".join(parts).encode("utf-8", "surrogatepass"))


def example_keys(identities: Sequence[str], salt: int) -> Keys:
    """Return one key for each example.

    Args:
        identities: What names each example: its id, or its text where it has none.
        salt: A 64-bit key of the recipe, the seed and the field.

    Returns:
        Shape (examples,), uint64.
    """
    try:
        hashed = map(xxhash.xxh3_64_intdigest, map(str.encode, identities))
        keys = np.fromiter(hashed, np.uint64, len(identities))
    except UnicodeEncodeError:  # lone surrogates, which take the slower way
        keys = np.fromiter(map(text_key, identities), np.uint64, len(identities))
    # By xor alone, the keys of two seeds would differ by the same bits in every example; mixing undoes the pattern.
    keys ^= np.uint64(salt)
    return mix(keys)


def word_streams(keys: Keys, ranks: NDArray[np.int64]) -> Keys:
    """Return one stream for each word.

    Args:
        keys: The key of each word's example, shape (words,).
        ranks: The number of each word in its example, shape (words,).

    Returns:
        Shape (words,), uint64.
    """
    counters = ranks.astype(np.uint64) + np.uint64(1)  # from 1, so that no word's stream is its example's key
    return mix(keys + counters * _WORD_STEP)


def draw(streams: Keys, number: int) -> Keys:
    """Return draw ``number`` of each stream, uniform on 64 bits; shape as ``streams``."""
    # In Python's integers, since NumPy warns of single numbers (not of arrays) that wrap around.
    offset = np.uint64((number + 1) * _DRAW_STEP & _ALL_64_BITS)
    return mix(streams + offset)


def high_below(bits: Keys, bound: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """Turn the high 32 bits of draws into integers in [0, bound); bias below bound / 2**32."""
    return _below(bits >> np.uint64(32), bound)


def low_below(bits: Keys, bound: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """Turn the low 32 bits of draws into integers in [0, bound); independent of the high ones."""
    return _below(bits & _LOW_32_BITS, bound)


def low_bits(numbers: NDArray[np.int64], bounds: NDArray[np.int64]) -> Keys:
    """Return for each number the least draw that :func:`low_below` turns into it.

    Args:
        numbers: Integers in [0, bound), shape (draws,).
        bounds: The bound of each, shape (draws,).

    Returns:
        Shape (draws,), uint64.
    """
    # Rounded up: the next fraction of 2**32 that is not below number / bound.
    bound = bounds.astype(np.uint64)
    return ((numbers.astype(np.uint64) << np.uint64(32)) + bound - np.uint64(1)) // bound


def _below(bits: Keys, bound: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """Scale 32 random bits to [0, bound).

    The bits are a fraction of 2**32, so the high half of their product with the bound is the same fraction of the
    bound (Lemire, "Fast random integer generation in an interval", TOMACS 2019): no division, and less bias than a
    remainder, which would favour small numbers.
    """
    # 32 bits times a bound below 2**32: the product fits into 64 bits.
    scaled = bits * np.asarray(bound).astype(np.uint64)
    return (scaled >> np.uint64(32)).astype(np.int64)
