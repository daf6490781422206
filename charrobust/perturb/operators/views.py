"""What operators see of a batch, and what they give back: letters, places, units, replacements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from charrobust.perturb.code_points import CodePoints, blank_table, decode, ranges
from charrobust.perturb.counter_random import Keys
from charrobust.perturb.words import Index, Mask, Words


@dataclass(frozen=True)
class Letters:
    """The letters of a batch, as operators see them.

    Attributes:
        code_points: Code points of the whole buffer.
        words: Gives the place of each grapheme cluster in it.
    """

    code_points: CodePoints
    words: Words

    def span(self, first: Index, last: Index) -> tuple[Index, Index]:
        """Return the buffer span of clusters ``first`` to ``last`` (exclusive)."""
        return self.words.at(first), self.words.at(last)

    def single(self, clusters: Index) -> tuple[CodePoints, Mask]:
        """Return the first code point of clusters, and whether it is their only one."""
        start, end = self.span(clusters, clusters + 1)
        return self.code_points[start], end - start == 1

    def word_around(self, clusters: Index) -> tuple[Index, Index]:
        """Return the first cluster of the word that holds each of some clusters, and one past its last."""
        # Words are disjoint and in order: the first one that ends behind a cluster is the one that holds it.
        number = np.searchsorted(self.words.end, clusters, side="right")
        return self.words.start[number], self.words.end[number]

    def text(self, cluster: int) -> str:
        """Return one cluster as a string."""
        # As an array of one, since the place of clusters is asked for by arrays.
        start, end = self.span(np.array([cluster]), np.array([cluster + 1]))
        return decode(self.code_points[start[0] : end[0]])


@dataclass(frozen=True)
class Places:
    """Where an operator is to act; all of shape (edits,).

    Attributes:
        at: Cluster numbers, as given by ``window``.
        word_start: First cluster of the word around each.
        word_end: One past its last.
        bits: 64 random bits, of which the low 32 are free to use.
    """

    at: Index
    word_start: Index
    word_end: Index
    bits: Keys


@dataclass(frozen=True)
class Replacements:
    """Edits of one operator: buffer span ``start[i]:end[i]`` becomes ``lengths[i]`` code points of ``new``."""

    start: Index
    end: Index
    new: NDArray[np.uint32] | NDArray[np.uint8]
    lengths: Index

    def select(self, mask: Mask) -> Replacements:
        """Return the edits of a mask alone."""
        lengths = self.lengths[mask]
        # Where each edit's code points begin in `new`: behind those of all edits before it.
        offsets = np.cumsum(self.lengths) - self.lengths
        return Replacements(self.start[mask], self.end[mask], self.new[ranges(offsets[mask], lengths)], lengths)

    def strings(self) -> list[str]:
        """Return what each edit writes."""
        joined = decode(self.new)
        behind = np.cumsum(self.lengths)
        spans = zip((behind - self.lengths).tolist(), behind.tolist(), strict=True)
        return [joined[start:end] for start, end in spans]


@dataclass(frozen=True)
class Units:
    """Words, sentences or texts, with what stands beside them; arrays of shape (units,), places in the buffer.

    Attributes:
        code_points: Code points of the whole buffer.
        start: Where each unit starts.
        end: Where it ends.
        previous_end: Where the unit before it in its text ends; the text's start where there is none.
        next_start: Where the unit behind it in its text starts; the text's end where there is none.
        next_end: Where that one ends; the text's end where there is none.
        has_next: Whether there is one behind it.
        text_start: Where its text starts.
        text_end: Where its text ends.
        bits: 64 random bits of each.
    """

    code_points: CodePoints
    start: Index
    end: Index
    previous_end: Index
    next_start: Index
    next_end: Index
    has_next: Mask
    text_start: Index
    text_end: Index
    bits: Keys

    def take(self, rows: Index | Mask) -> Units:
        """Return some of the units."""
        names = [field.name for field in fields(self) if field.name != "code_points"]
        arrays = {name: getattr(self, name)[rows] for name in names}
        return Units(code_points=self.code_points, **arrays)

    def is_gap_blank(self) -> Mask:
        """Tell whether nothing but blanks stands between each unit and the one before it, shape (units,)."""
        # blanks[i] is how many of the places before i are blank.
        blanks = np.concatenate([[0], np.cumsum(blank_table()[self.code_points])])
        return np.asarray(blanks[self.start] - blanks[self.previous_end] == self.start - self.previous_end)

    def is_blank(self, places: Index) -> Mask:
        """Tell whether a blank stands at places of the buffer, shape as ``places``."""
        return blank_table()[self.code_points[places]]


def written(source: CodePoints, pieces: Sequence[tuple[Index, Index]]) -> tuple[CodePoints, Index]:
    """Write several stretches of an array one behind the other, for each of some edits.

    Args:
        source: The array.
        pieces: (starts, ends) of the first piece of all edits, of the second one, and so on; each of shape (edits,).

    Returns:
        What the edits write, joined, and how much of it is of each.
    """
    starts = np.stack([start for start, _ in pieces], axis=1)
    lengths = np.stack([end - start for start, end in pieces], axis=1)
    return source[ranges(starts.ravel(), lengths.ravel())], lengths.sum(axis=1)
