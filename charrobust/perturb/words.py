"""Words with their places: Unicode word boundaries and grapheme clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import regex
from numpy.typing import NDArray

from charrobust.perturb.code_points import (
    CLUSTERED,
    COMPLEX,
    DIGIT,
    JOINER,
    LETTER,
    MID_LETTER,
    MID_NUMBER,
    WORD,
    CodePointBuffer,
)

Index = NDArray[np.int64]
Mask = NDArray[np.bool_]

_BOUNDARY = regex.compile(r"(?wV1)\b")
_CLUSTER = regex.compile(r"\X")
_IS_WORD = bytes(bool(bits & WORD) for bits in range(256))
_IS_MARK = bytes(bool(bits & (MID_LETTER | MID_NUMBER)) for bits in range(256))


def word_spans(text: str) -> list[tuple[int, int]]:
    """Split one text at Unicode word boundaries (UAX 29) and keep what holds a letter or a digit.

    This is the reference that :func:`find_words` must agree with, and its way for texts of complex scripts.

    Returns:
        (start, end) of each word, in code points.
    """
    edges = [match.start() for match in _BOUNDARY.finditer(text)]
    # The library lets a word begin with an apostrophe before a vowel; UAX 29 does not.
    starts = (end - len(text[start:end].lstrip("'’")) for start, end in pairwise(edges))
    return [
        (start, end) for start, end in zip(starts, edges[1:], strict=True) if any(map(str.isalnum, text[start:end]))
    ]


@dataclass(frozen=True)
class Words:
    """The words of a buffer, in order.

    Positions are cluster numbers: where all clusters of the buffer are single code points (``cuts`` is None)
    they are buffer positions; otherwise ``cuts[i]`` is the buffer position at which cluster i starts.

    Attributes:
        start: First cluster of each word, shape (words,).
        end: One past its last cluster, shape (words,).
        text: The number of the text that holds the word, shape (words,).
        example: The number of its example: the text, or the sentence whose token it is; shape (words,).
        first: The number of each example's first word, shape (examples,).
        cuts: Buffer position of each cluster and of the end, or None.
    """

    start: Index
    end: Index
    text: Index
    example: Index
    first: Index
    cuts: Index | None = None

    def at(self, clusters: Index) -> Index:
        """Return the buffer position at which clusters start."""
        return clusters if self.cuts is None else self.cuts[clusters]

    def rank(self, words: Index) -> Index:
        """Return the numbers that some words have in their examples."""
        return words - self.first[self.example[words]]


def find_words(buffer: CodePointBuffer, texts: Sequence[str]) -> Words:
    """Find the words of running texts by Unicode rules.

    Args:
        buffer: The buffer of ``texts``.
        texts: The texts themselves.
    """
    start, end = _simple_spans(buffer)
    hard = _texts_with(buffer, COMPLEX)
    if len(hard):
        keep = ~np.isin(buffer.text_of(start), hard)
        found = [buffer.starts[i] + np.array(word_spans(texts[i]), np.int64).reshape(-1, 2) for i in hard]
        start = np.sort(np.concatenate([start[keep], *(spans[:, 0] for spans in found)]))
        end = np.sort(np.concatenate([end[keep], *(spans[:, 1] for spans in found)]))
    first = np.searchsorted(start, buffer.starts)
    text = np.repeat(np.arange(len(texts)), np.diff(first, append=len(start)))
    return _in_clusters(buffer, texts, Words(start, end, text, text, first))


def token_words(buffer: CodePointBuffer, tokens: Sequence[str], sentence: Index) -> Words:
    """Take each token for one word, whatever it holds.

    Args:
        buffer: The buffer of ``tokens``.
        tokens: The tokens of all sentences, in order.
        sentence: The number of each token's sentence, non-decreasing, shape (tokens,).
    """
    sentences = int(sentence[-1]) + 1 if len(sentence) else 0
    first = np.searchsorted(sentence, np.arange(sentences))
    words = Words(buffer.starts, buffer.starts + buffer.lengths, np.arange(len(tokens)), sentence, first)
    return _in_clusters(buffer, tokens, words)


def _texts_with(buffer: CodePointBuffer, bits: int) -> Index:
    """Return the numbers of the texts that hold a code point of some classes beyond ASCII."""
    if buffer.joined.isascii():
        return np.zeros(0, np.int64)
    return np.unique(buffer.text_of(np.flatnonzero((buffer.classes & bits) != 0)))


def _simple_spans(buffer: CodePointBuffer) -> tuple[Index, Index]:
    """Word boundaries where every class decides alone: runs of word characters, joined over inner marks."""
    classes = buffer.classes
    # bytes.translate is the fastest way from classes to masks
    flat = classes.tobytes()
    inside = np.frombuffer(bytearray(flat.translate(_IS_WORD)), bool)
    marks = np.flatnonzero(np.frombuffer(flat.translate(_IS_MARK), bool))
    around = classes[marks - 1] & classes[marks + 1]
    joins = ((classes[marks] & MID_LETTER != 0) & (around & LETTER != 0)) | (
        (classes[marks] & MID_NUMBER != 0) & (around & DIGIT != 0)
    )
    inside[marks[joins]] = True
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    edges += 1
    start, end = edges[::2], edges[1::2]
    lines = np.flatnonzero(classes[start] & JOINER)
    bare = [word for word in lines if not (classes[start[word] : end[word]] & (LETTER | DIGIT)).any()]
    return (np.delete(start, bare), np.delete(end, bare)) if bare else (start, end)


def _in_clusters(buffer: CodePointBuffer, texts: Sequence[str], words: Words) -> Words:
    """Turn buffer positions into cluster numbers; the same thing where every code point is a cluster."""
    clustered = _texts_with(buffer, CLUSTERED)
    if not len(clustered):
        return words
    begins = np.ones(len(buffer.code_points) + 1, bool)
    for number in clustered:
        where = buffer.starts[number]
        begins[where : where + buffer.lengths[number]] = False
        begins[[where + match.start() for match in _CLUSTER.finditer(texts[number])]] = True
    number_of = np.cumsum(begins) - 1
    # A boundary inside a cluster cannot be edited: the word shrinks to the clusters it holds whole.
    start = number_of[words.start] + ~begins[words.start]
    end = np.maximum(number_of[words.end], start)
    return replace(words, start=start, end=end, cuts=np.flatnonzero(begins))


def overlapping(start: Index, end: Index, span_start: Index, span_end: Index) -> Mask:
    """Tell which words (sorted, disjoint) overlap any of some spans; all in buffer positions.

    An empty span lies in a word when it is strictly inside.
    """
    low = np.searchsorted(end, span_start, side="right")
    high = np.searchsorted(start, span_end, side="left")
    steps = np.zeros(len(start) + 1, np.int64)
    valid = high > low
    np.add.at(steps, low[valid], 1)
    np.add.at(steps, high[valid], -1)
    return np.cumsum(steps)[:-1] > 0
