"""A model that is searched: it likes long words, and is asked in no time."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32


def wordy(texts: Sequence[str]) -> list[dict[str, float]]:
    """Return a score for each label, by the hashes of the words."""
    scores = []
    for text in texts:
        digests = [crc32(word.encode()) % 1000 for word in text.lower().split()]
        positive = 0.6 + (sum(digests) / len(digests) - 500) / 2500
        scores.append({"positive": positive, "negative": 1 - positive})
    return scores
