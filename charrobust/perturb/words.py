"""Words with their places: Unicode word boundaries and grapheme clusters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import regex
from numpy.typing import NDArray

from charrobust.perturb.clusters import cluster_borders
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

# With the flag w, \b is a word boundary of Unicode (UAX 29) and not the border of a run of \w.
_BOUNDARY = regex.compile(r"(?wV1)\b")
# What makes a word of a segment: LETTER and DIGIT, and the letters that these leave out.
_LETTER_OR_DIGIT = regex.compile(r"(?V1)[\p{L}\p{N}\p{WB=ALetter}\p{WB=Hebrew_Letter}\p{WB=Numeric}]")
# Stands for the letters of flags where words are looked for: it is in no word, as they are not, and joins none.
_NO_LETTER = "+"
_FLAG_LETTER = regex.compile(r"\p{GCB=Regional_Indicator}")


def word_spans(text: str) -> list[tuple[int, int]]:
    """Split one text at Unicode word boundaries (UAX 29) and keep what holds a letter or a digit.

    This is the reference that :func:`find_words` must agree with, and its way for texts of complex scripts.

    Args:
        text: The text.

    Returns:
        (start, end) of each word, in code points.
    """
    spans = []
    # In a row of flags the library looks at all of it before each code point, which takes the square of its length.
    text = _FLAG_LETTER.sub(_NO_LETTER, text)
    end = 0
    for segment in _BOUNDARY.split(text):
        end += len(segment)
        if _is_word(segment):
            # The library lets a word begin with an apostrophe before a vowel; UAX 29 does not.
            spans.append((end - len(segment.lstrip("'’")), end))
    return spans


def _is_word(segment: str) -> bool:
    """Tell whether what stands between two boundaries holds a letter or a digit."""
    # Beyond ASCII Python knows other letters than UAX 29, and those of another version of Unicode.
    if not segment.isascii():
        return _LETTER_OR_DIGIT.search(segment) is not None
    # Most segments are all letters, or one blank: no look at each character.
    return segment.isalnum() or (len(segment) > 1 and any(map(str.isalnum, segment)))


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
        logged: The numbers that an edit log gives them, shape (words,), where these are not their own: units that are
            larger than words are named by the first word in them.
    """

    start: Index
    end: Index
    text: Index
    example: Index
    first: Index
    cuts: Index | None = None
    logged: Index | None = None

    def at(self, clusters: Index) -> Index:
        """Return the buffer position at which clusters start."""
        return clusters if self.cuts is None else self.cuts[clusters]

    def rank(self, words: Index) -> Index:
        """Return the numbers that some words have in their examples."""
        return words - self.first[self.example[words]]

    def number(self, words: Index) -> Index:
        """Return the numbers that an edit log gives some words."""
        return self.rank(words) if self.logged is None else self.logged[words]


# Finds the words of a batch: of its buffer, its texts, and their numbers among all texts.
WordsOf = Callable[[CodePointBuffer, Sequence[str], Index], Words]


def find_words(buffer: CodePointBuffer, texts: Sequence[str]) -> Words:
    """Find the words of running texts by Unicode rules.

    Args:
        buffer: The buffer of ``texts``.
        texts: The texts themselves.

    Returns:
        The words; each text is an example of its own.
    """
    start, end = _simple_spans(buffer)
    complex_texts = texts_with(buffer, COMPLEX)
    if len(complex_texts):
        simple = ~np.isin(buffer.text_of(start), complex_texts)
        starts, ends = [start[simple]], [end[simple]]
        for number in complex_texts:
            # The reshaping is for a text without words, whose empty list has no columns.
            spans = np.array(word_spans(texts[number]), np.int64).reshape(-1, 2) + buffer.starts[number]
            starts.append(spans[:, 0])
            ends.append(spans[:, 1])
        # Words are disjoint, so starts and ends sorted apart still belong together.
        start, end = np.sort(np.concatenate(starts)), np.sort(np.concatenate(ends))
    # The first word at or behind a text's start; of a text without words, the first of a later text, so that the
    # difference to the next entry is the number of words, 0 there.
    first = np.searchsorted(start, buffer.starts)
    text = np.repeat(np.arange(len(texts)), np.diff(first, append=len(start)))
    return in_clusters(buffer, texts, Words(start, end, text, text, first), texts_with(buffer, CLUSTERED))


def token_words(buffer: CodePointBuffer, tokens: Sequence[str], sentence: Index) -> Words:
    """Take each token for one word, whatever it holds.

    Args:
        buffer: The buffer of ``tokens``.
        tokens: The tokens of all sentences, in order.
        sentence: The number of each token's sentence, non-decreasing, shape (tokens,).

    Returns:
        The words; each sentence is an example.
    """
    sentence_count = int(sentence.max(initial=-1)) + 1
    # Empty sentences at the end have no entry, and no word that would look for one.
    first = np.searchsorted(sentence, np.arange(sentence_count))
    words = Words(buffer.starts, buffer.starts + buffer.lengths, np.arange(len(tokens)), sentence, first)
    clustered = texts_with(buffer, CLUSTERED)
    # A line end of two characters is one letter. No word of a running text holds one, but a token may.
    if "\r" in buffer.joined:
        with_line_end = [number for number, token in enumerate(tokens) if "\r" in token]
        clustered = np.union1d(clustered, with_line_end).astype(np.int64)
    return in_clusters(buffer, tokens, words, clustered)


def words_of_joined(buffer: CodePointBuffer, texts: Sequence[str], sentences: Sequence[Sequence[str]]) -> Words:
    """Take each token for one word, in texts that are the tokens of a sentence with a blank between each two.

    Args:
        buffer: The buffer of ``texts``.
        texts: The joined tokens of each sentence.
        sentences: The tokens of each sentence.

    Returns:
        The words; each sentence is an example and a text.
    """
    lengths = np.array([len(token) for tokens in sentences for token in tokens], np.int64)
    counts = np.fromiter(map(len, sentences), np.int64, len(sentences))
    text = np.repeat(np.arange(len(sentences)), counts)
    first = np.cumsum(counts) - counts
    # A token starts behind all tokens of its sentence before it, each with its blank.
    before = np.cumsum(lengths + 1) - (lengths + 1)
    start = buffer.starts[text] + before - before[first[text]]
    words = Words(start, start + lengths, text, text, first)
    return in_clusters(buffer, texts, words, texts_with(buffer, CLUSTERED))


def found_words(buffer: CodePointBuffer, texts: Sequence[str], _: Index) -> Words:
    """Find the words of running texts, whatever their numbers; see :data:`WordsOf`."""
    return find_words(buffer, texts)


def words_of_tokens(sentences: Sequence[Sequence[str]]) -> WordsOf:
    """Return what finds the tokens of sentences in their joined texts.

    Args:
        sentences: The tokens of each sentence.

    Returns:
        See :data:`WordsOf`; the numbers are those of the sentences.
    """

    def words_of(buffer: CodePointBuffer, texts: Sequence[str], numbers: Index) -> Words:
        return words_of_joined(buffer, texts, [sentences[number] for number in numbers.tolist()])

    return words_of


def texts_with(buffer: CodePointBuffer, bits: int) -> Index:
    """Return the numbers of the texts that hold a code point of some classes beyond ASCII."""
    # Python knows of a string whether it is ASCII, without a look at it.
    if buffer.joined.isascii():
        return np.zeros(0, np.int64)
    return np.unique(buffer.text_of(np.flatnonzero((buffer.classes & bits) != 0)))


def _simple_spans(buffer: CodePointBuffer) -> tuple[Index, Index]:
    """Find word boundaries where every class decides alone: runs of word characters, joined over inner marks.

    Args:
        buffer: The buffer; what comes out for texts with COMPLEX code points is of no use.

    Returns:
        Start and end of each word in the buffer.
    """
    classes = buffer.classes
    inside = classes & WORD != 0
    marks = np.flatnonzero(classes & (MID_LETTER | MID_NUMBER))
    # Rules WB6, WB7, WB11 and WB12: a mark joins letters (can't, U.S) or digits (3.14) if they stand on both sides. The
    # line feeds around texts give every mark two neighbours.
    on_both_sides = classes[marks - 1] & classes[marks + 1]
    between_letters = (classes[marks] & MID_LETTER != 0) & (on_both_sides & LETTER != 0)
    between_digits = (classes[marks] & MID_NUMBER != 0) & (on_both_sides & DIGIT != 0)
    inside[marks[between_letters | between_digits]] = True
    # The buffer begins and ends outside of words, so edges alternate between starts and ends.
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    start, end = edges[::2], edges[1::2]
    # Joiners such as the low line are word characters, but alone they make no word. A word that begins with
    # one is rare, so a plain loop looks at these.
    begin_with_joiner = np.flatnonzero(classes[start] & JOINER)
    bare = [word for word in begin_with_joiner if not (classes[start[word] : end[word]] & (LETTER | DIGIT)).any()]
    if not bare:
        return start, end
    return np.delete(start, bare), np.delete(end, bare)


def in_clusters(buffer: CodePointBuffer, texts: Sequence[str], words: Words, clustered: Index) -> Words:
    """Turn buffer positions into cluster numbers; the same thing where every code point is a cluster.

    Args:
        buffer: The buffer of ``texts``.
        texts: The texts.
        words: Their words, in buffer positions.
        clustered: Numbers of the texts in which a cluster may be longer than one code point.

    Returns:
        The words, in cluster numbers.
    """
    if not len(clustered):
        return words
    # One place more than the buffer: where the last cluster ends is looked up like the start of another.
    is_cluster_start = np.ones(len(buffer.code_points) + 1, bool)
    # The library is slow: it sees only these texts.
    for number in clustered:
        text_start = buffer.starts[number]
        is_cluster_start[text_start : text_start + buffer.lengths[number]] = False
        is_cluster_start[text_start + np.array(cluster_borders(texts[number]))] = True
    # The number of the cluster that holds each position: how many clusters have begun up to there, less one.
    cluster_number = np.cumsum(is_cluster_start) - 1
    # A boundary inside a cluster cannot be edited: the word shrinks to the clusters it holds whole.
    start = cluster_number[words.start] + ~is_cluster_start[words.start]
    # An end inside a cluster has that cluster's number, which as an exclusive end leaves the cluster out.
    end = np.maximum(cluster_number[words.end], start)
    return replace(words, start=start, end=end, cuts=np.flatnonzero(is_cluster_start))


def overlapping(start: Index, end: Index, span_start: Index, span_end: Index) -> Mask:
    """Tell which words overlap any of some spans; all in buffer positions.

    An empty span lies in a word when it is strictly inside.

    Args:
        start: Where each word starts, ascending, shape (words,).
        end: Where each word ends; words are disjoint.
        span_start: Where each span starts, in any order, shape (spans,).
        span_end: Where each span ends; spans may overlap.

    Returns:
        Shape (words,).
    """
    # A span overlaps the words that end behind its start and start before its end: with sorted, disjoint words
    # a stretch of them, whose borders are found by bisection.
    first = np.searchsorted(end, span_start, side="right")
    last = np.searchsorted(start, span_end, side="left")
    # +1 where a stretch begins and -1 behind its end: the running sum counts the spans on each word.
    steps = np.zeros(len(start) + 1, np.int64)
    has_words = last > first
    # add.at, as many spans may begin or end at the same word.
    np.add.at(steps, first[has_words], 1)
    np.add.at(steps, last[has_words], -1)
    return np.cumsum(steps)[:-1] > 0
