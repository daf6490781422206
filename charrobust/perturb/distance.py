"""How far a text is from another: edit distance, and what changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

import numpy as np

from charrobust.perturb.edits import Span

_PIECES = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Change:
    """A stretch of a text that stands otherwise in another.

    Attributes:
        old: (start, end) in the one.
        new: (start, end) in the other.
        words: Number of words of the one in it.
        distance: Edit distance between the stretches.
    """

    old: Span
    new: Span
    words: int
    distance: int


def changes(old: str, new: str) -> list[Change]:
    """Find what changed between two texts, in whole words."""
    if old == new:
        return []
    before, after = _PIECES.findall(old), _PIECES.findall(new)
    starts, new_starts = _starts(before), _starts(after)
    found = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            here, there = (starts[a], starts[b]), (new_starts[c], new_starts[d])
            words = sum(map(is_word, before[a:b]))
            found.append(Change(here, there, words, levenshtein(old[slice(*here)], new[slice(*there)])))
    return found


def is_word(piece: str) -> bool:
    """Tell whether a piece of text is a word: whether it holds a letter or a digit."""
    return any(map(str.isalnum, piece))


def count_words(text: str) -> int:
    """Return the number of words of a text, as :func:`changes` counts them."""
    return sum(map(is_word, _PIECES.findall(text)))


def _starts(pieces: list[str]) -> list[int]:
    starts = [0]
    for piece in pieces:
        starts.append(starts[-1] + len(piece))
    return starts


@lru_cache(maxsize=1 << 16)
def levenshtein(old: str, new: str) -> int:
    """Return how many letters must be added, left out or replaced to turn one text into the other."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    old, new = old[start:], new[start:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    if not old or not new:
        return len(old) + len(new)
    letters = np.array([ord(letter) for letter in new])
    steps = np.arange(len(new) + 1)
    row = steps
    for number, letter in enumerate(old, 1):
        replaced = np.minimum(row[:-1] + (letters != ord(letter)), row[1:] + 1)
        # what is added goes on from the left: a running minimum, counted from the steps themselves
        row = np.minimum.accumulate(np.concatenate([[number], replaced]) - steps) + steps
    return int(row[-1])
