"""Words with their places: Unicode word boundaries, grapheme clusters, and kinds of words."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import regex
from numpy.typing import NDArray

from charrobust import resources
from charrobust.perturb.codes import (
    COMPLEX,
    DIGIT,
    JOINER,
    LETTER,
    MID_LETTER,
    MID_NUMBER,
    WORD,
    CodeBuffer,
    ranges,
)

Index = NDArray[np.int64]
Mask = NDArray[np.bool_]

_BOUNDARY = regex.compile(r"(?wV1)\b")
_CLUSTER = regex.compile(r"\X")


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
        rank: The number of the word in its example, shape (words,).
        cuts: Buffer position of each cluster and of the end, or None.
    """

    start: Index
    end: Index
    text: Index
    rank: Index
    cuts: Index | None = None

    def at(self, clusters: Index) -> Index:
        """Return the buffer position at which clusters start."""
        return clusters if self.cuts is None else self.cuts[clusters]

    @property
    def length(self) -> Index:
        """Number of clusters of each word."""
        return self.end - self.start


def find_words(buffer: CodeBuffer, texts: Sequence[str]) -> Words:
    """Find the words of running texts by Unicode rules.

    Args:
        buffer: The buffer of ``texts``.
        texts: The texts themselves.
    """
    start, end = _simple_spans(buffer)
    text = np.repeat(np.arange(len(texts)), np.diff(np.searchsorted(start, buffer.starts), append=len(start)))
    hard = _complex_texts(buffer)
    if len(hard):
        keep = ~np.isin(text, hard)
        found = [(buffer.starts[i] + a, buffer.starts[i] + b, i) for i in hard for a, b in word_spans(texts[i])]
        extra = np.array(found, np.int64).reshape(-1, 3)
        start, end, text = (
            np.concatenate([simple[keep], extra[:, column]]) for column, simple in enumerate((start, end, text))
        )
        order = np.argsort(start, kind="stable")
        start, end, text = start[order], end[order], text[order]
    return _in_clusters(buffer, texts, hard, start, end, text, _ranks(text, len(texts)))


def token_words(buffer: CodeBuffer, tokens: Sequence[str], sentence: Index) -> Words:
    """Take each token for one word, whatever it holds.

    Args:
        buffer: The buffer of ``tokens``.
        tokens: The tokens of all sentences, in order.
        sentence: The number of each token's sentence, non-decreasing, shape (tokens,).
    """
    sentences = int(sentence[-1]) + 1 if len(sentence) else 0
    text = np.arange(len(tokens))
    end = buffer.starts + buffer.lengths
    ranks = _ranks(sentence, sentences)
    return _in_clusters(buffer, tokens, _complex_texts(buffer), buffer.starts, end, text, ranks)


def _ranks(owner: Index, owners: int) -> Index:
    first = np.searchsorted(owner, np.arange(owners))
    return np.arange(len(owner)) - first[owner]


def _complex_texts(buffer: CodeBuffer) -> Index:
    if buffer.joined.isascii():
        return np.zeros(0, np.int64)
    return np.unique(buffer.text_of(np.flatnonzero(buffer.classes & COMPLEX)))


def _simple_spans(buffer: CodeBuffer) -> tuple[Index, Index]:
    """Word boundaries where every class decides alone: runs of word characters, joined over inner marks."""
    inside = (buffer.classes & WORD) != 0
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    start, end = edges[::2], edges[1::2]
    gap = np.flatnonzero(start[1:] - end[:-1] == 1)
    middle = buffer.classes[end[gap]]
    gap, middle = gap[middle != 0], middle[middle != 0]
    around = buffer.classes[end[gap] - 1] & buffer.classes[end[gap] + 1]
    joins = ((middle & MID_LETTER != 0) & (around & LETTER != 0)) | ((middle & MID_NUMBER != 0) & (around & DIGIT != 0))
    start = np.delete(start, gap[joins] + 1)
    end = np.delete(end, gap[joins])
    real = np.ones(len(start), bool)
    for word in np.flatnonzero(buffer.classes[start] & JOINER):
        real[word] = (buffer.classes[start[word] : end[word]] & (LETTER | DIGIT)).any()
    return start[real], end[real]


def _in_clusters(
    buffer: CodeBuffer, texts: Sequence[str], hard: Index, start: Index, end: Index, text: Index, rank: Index
) -> Words:
    """Turn buffer positions into cluster numbers; the same thing where no text is complex."""
    if not len(hard):
        return Words(start, end, text, rank)
    begins = np.ones(len(buffer.codes) + 1, bool)
    for number in hard:
        where = buffer.starts[number]
        begins[where : where + buffer.lengths[number]] = False
        begins[[where + match.start() for match in _CLUSTER.finditer(texts[number])]] = True
    number_of = np.cumsum(begins) - 1
    # A boundary inside a cluster cannot be edited: the word shrinks to the clusters it holds whole.
    inner_start = number_of[start] + ~begins[start]
    inner_end = np.maximum(number_of[end], inner_start)
    return Words(inner_start, inner_end, text, rank, np.flatnonzero(begins))


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


@functools.cache
def stop_words(name: str) -> frozenset[str]:
    """Read a list of stop words: a shipped language such as ``en``, or a path to a ``.txt`` file.

    One word a line, lower case; blank lines and lines that start with ``#`` are skipped.
    """
    path = resources.find(name, "attacks/stopwords", "stop-word list", suffix=".txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip().lower() for line in lines if line.strip() and not line.startswith("#"))


def _signature(length: Index, first: Index, middle: Index, last: Index) -> Index:
    return (length * 1021 + first * 31 + middle * 421 + last * 7) & 4095


@functools.cache
def _signatures(known: frozenset[str]) -> Mask:
    """Mark the signatures of some words, as they are, capitalised and in capitals; shape (4096,)."""
    forms = sorted({form for word in known for form in (word, word.upper(), word.capitalize()) if form})
    letters = [np.array([ord(form[place * len(form) // 2 - place // 2]) for form in forms]) for place in (0, 1, 2)]
    marked = np.zeros(4096, bool)
    marked[_signature(np.array([len(form) for form in forms]), *letters)] = True
    return marked


@dataclass(frozen=True)
class StopWords:
    """Stop words of a buffer, found by a signature first and compared as strings where that fits.

    Attributes:
        buffer: The buffer.
        words: Its words.
        known: The stop words, lower-case.
    """

    buffer: CodeBuffer
    words: Words
    known: frozenset[str]

    def among(self, numbers: Index) -> Mask:
        """Tell which of some words are stop words, in lower case, capitals or capitalised."""
        start = self.words.at(self.words.start[numbers])
        end = self.words.at(self.words.end[numbers])
        length = end - start
        letters = [self.buffer.codes[place].astype(np.int64) for place in (start, start + length // 2, end - 1)]
        mask = _signatures(self.known)[_signature(length, *letters)]
        few = np.flatnonzero(mask)
        places = zip(start[few].tolist(), end[few].tolist(), strict=True)
        mask[few] = [self.buffer.joined[a:b].lower() in self.known for a, b in places]
        return mask


def digit_kinds(buffer: CodeBuffer, words: Words) -> tuple[Mask, Mask, Mask]:
    """Tell words apart by their letters and digits.

    Returns:
        Masks, shape (words,): only digits; digits and no letter; neither letter nor digit.
    """
    start, end = words.at(words.start), words.at(words.end)
    pure, numeric, other = (np.zeros(len(start), bool) for _ in range(3))
    # A word that starts with a letter is of none of these kinds, so few are looked at whole.
    first = buffer.classes[np.minimum(start, len(buffer.classes) - 1)]
    few = np.flatnonzero((first & LETTER == 0) & (start < end))
    if not len(few):
        return pure, numeric, other
    lengths = end[few] - start[few]
    classes = buffer.classes[ranges(start[few], lengths)]
    offsets = np.cumsum(lengths) - lengths
    some, every = np.bitwise_or.reduceat(classes, offsets), np.bitwise_and.reduceat(classes, offsets)
    no_letter = some & (LETTER | COMPLEX) == 0
    pure[few] = no_letter & (every & DIGIT != 0)
    numeric[few] = no_letter & (some & DIGIT != 0)
    other[few] = no_letter & (some & DIGIT == 0)
    return pure, numeric, other
