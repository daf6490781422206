"""Counter-based random numbers: a draw is a function of (key, counter), never of what was drawn before.

An example's key comes from its identity, the recipe and the seed; a word's stream from the key and the
word's number; a draw from the stream and the draw's number. No state is carried from word to word, so
order, batch size and worker count cannot change a result, and whole batches are drawn in a few array
operations. The mixing function is the finaliser of SplitMix64 (Steele, Lea, Flood, "Fast splittable
pseudorandom number generators", OOPSLA 2014), which passes the usual test batteries on counters.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xxhash
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0xD1B54A32D192ED03)
_LOW32 = np.uint64(0xFFFFFFFF)


def mix(values: Keys) -> Keys:
    """Scramble 64-bit integers in place (SplitMix64 finaliser) and return them."""
    values ^= values >> np.uint64(30)
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


def text_key(*parts: str) -> int:
    """Hash strings to a 64-bit key, the same on every platform (xxh3)."""
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
    except UnicodeEncodeError:  # lone surrogates
        keys = np.fromiter(map(text_key, identities), np.uint64, len(identities))
    keys ^= np.uint64(salt)
    return mix(keys)


def word_streams(keys: Keys, ranks: NDArray[np.int64]) -> Keys:
    """Return one stream for each word.

    Args:
        keys: The key of each word's example, shape (words,).
        ranks: The number of each word in its example, shape (words,).
    """
    return mix(keys + (ranks.astype(np.uint64) + np.uint64(1)) * _GOLDEN)


def draw(streams: Keys, number: int) -> Keys:
    """Return draw ``number`` of each stream, uniform on 64 bits; shape as ``streams``."""
    offset = np.uint64((number + 1) * int(_SECOND) & 0xFFFFFFFFFFFFFFFF)
    return mix(streams + offset)


def high_below(bits: Keys, bound: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """Turn the high 32 bits of draws into integers in [0, bound); bias below bound / 2**32."""
    return (((bits >> np.uint64(32)) * np.asarray(bound).astype(np.uint64)) >> np.uint64(32)).astype(np.int64)


def low_below(bits: Keys, bound: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """Turn the low 32 bits of draws into integers in [0, bound); independent of the high ones."""
    return (((bits & _LOW32) * np.asarray(bound).astype(np.uint64)) >> np.uint64(32)).astype(np.int64)
