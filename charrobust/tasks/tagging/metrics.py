"""Metrics of tags: F1 of spans (named entities), accuracy of tags."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from charrobust.tasks.metrics import Array, Metric, f1, f1_fraction, mean_of
from charrobust.tasks.tagging.schemes import BEGIN, END, OUTSIDE, SINGLE, Reading, reading_of

Index = NDArray[np.int64]
Tags = Sequence[str]


def tagging_metrics(targets: Sequence[Tags]) -> tuple[Metric, ...]:
    """Return the metrics of a tagging: span F1 first, if the tags mark spans, and accuracy of tags."""
    return (SPAN_F1, TAG_ACCURACY) if marks_spans(targets) else (TAG_ACCURACY,)


def marks_spans(targets: Sequence[Tags]) -> bool:
    """Tell whether the tags mark spans in a known scheme: ``O``, ``B-PER``, ``I-PER`` and the like."""
    return reading_of(set(chain.from_iterable(targets))) is not None


def lengths_of(targets: Sequence[Tags], predictions: Sequence[Tags]) -> Index:
    """Return the number of tags of each sentence.

    Args:
        targets: The right tags of each sentence.
        predictions: The predicted ones.

    Returns:
        Shape (sentences,).

    Raises:
        ValueError: A sentence has another number of predictions than of tags.
    """
    lengths = np.fromiter(map(len, targets), np.int64, len(targets))
    wrong = np.flatnonzero(lengths != np.fromiter(map(len, predictions), np.int64, len(predictions)))
    if len(wrong):
        first = int(wrong[0])
        raise ValueError(f"sentence {first} has {lengths[first]} tags, got {len(predictions[first])} predictions")
    return lengths


def right_tags(targets: Sequence[Tags], predictions: Sequence[Tags]) -> Array:
    """Return the number of right tags and of tags of each sentence, shape (sentences, 2)."""
    lengths = lengths_of(targets, predictions)
    right = np.zeros(len(targets))
    for number, (wanted, predicted) in enumerate(zip(targets, predictions, strict=True)):
        right[number] = sum(map(operator.eq, wanted, predicted))
    return np.stack([right, lengths.astype(np.float64)], axis=1)


@dataclass(frozen=True, eq=False)
class Spans:
    """The spans of some sentences, in order.

    Attributes:
        sentence: The number of each span's sentence.
        start: Its first token, counted through all sentences.
        end: One past its last.
        kind: Number of its type, the same for the same type.
    """

    sentence: Index
    start: Index
    end: Index
    kind: Index

    def triples(self) -> list[tuple[int, int, int]]:
        """Return (start, end, kind) of each span."""
        return list(zip(self.start.tolist(), self.end.tolist(), self.kind.tolist(), strict=True))


def find_spans(
    sentences: Sequence[Tags], kinds: dict[str, int] | None = None, *, reading: Reading | None = None
) -> Spans:
    """Find the spans that tags mark, by the rules of the CoNLL script, as the seqeval library has them by default.

    A span begins at ``B`` and at a single (``S``, ``U``, ``W``), and at any tag that follows ``O``, the end of a span
    (``E``, ``L``), a single or a tag of another type; it goes on as long as nothing of that kind, no ``O`` and no end
    of the sentence comes.

    Args:
        sentences: The tags of each sentence.
        kinds: Numbers of the types known so far; new ones are added.
        reading: Where the letter stands in a tag; None tells it from the tags.

    Returns:
        The spans of all sentences, in columns.
    """
    kinds = {} if kinds is None else kinds
    if reading is None:
        reading = reading_of(set(chain.from_iterable(sentences))) or Reading()
    lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
    # Tags become numbers, so that each distinct tag is taken apart once and all else is arithmetic on arrays.
    # An "O" before each sentence, and one behind the last, keep spans apart.
    numbers: dict[str, int] = {}
    padded = chain.from_iterable((OUTSIDE, *tags) for tags in (*sentences, ()))
    tags = np.fromiter((numbers.setdefault(tag, len(numbers)) for tag in padded), np.int64)
    letters, kind_of_tag = [], []
    for tag in numbers:
        letter, kind_name = reading.split(tag)
        letters.append(letter)
        kind_of_tag.append(kinds.setdefault(kind_name, len(kinds)))
    # What is known of each distinct tag is spread over all tokens.
    kind = np.array(kind_of_tag)[tags]
    inside = ~_is_of(letters, frozenset(OUTSIDE))[tags]
    begins = _is_of(letters, BEGIN | SINGLE)[tags]
    ends = _is_of(letters, END | SINGLE)[tags]
    # The first token's neighbour is -1, the last token: both are an "O" that was put there.
    before = np.arange(len(tags)) - 1
    starts = inside & (begins | ~inside[before] | ends[before] | (kind != kind[before]))
    # A span ends where the next begins, or at the next "O", whichever comes first.
    start, stops = np.flatnonzero(starts), np.flatnonzero(starts | ~inside)
    # A start is among the stops itself: "right" finds the next one, which is there, as an "O" closes the last sentence.
    end = stops[np.searchsorted(stops, start, side="right")]
    # Without the "O"s before each sentence, a token has as much lower a number as there were sentences up to it.
    sentence = np.repeat(np.arange(len(sentences) + 1), np.append(lengths + 1, 1))[start]
    return Spans(sentence, start - sentence - 1, end - sentence - 1, kind[start])


def _is_of(letters: Sequence[str], chosen: frozenset[str]) -> NDArray[np.bool_]:
    return np.fromiter((letter in chosen for letter in letters), np.bool_, len(letters))


def paired_spans(targets: Sequence[Tags], predictions: Sequence[Tags]) -> tuple[Spans, Spans]:
    """Find the spans of targets and of predictions, with the same numbers for the same types.

    Where the letter stands in a tag is told from the targets, and from predictions where the targets are all ``O``.
    """
    distinct = set(chain.from_iterable(targets)) - {OUTSIDE}
    reading = reading_of(distinct or set(chain.from_iterable(predictions))) or Reading()
    kinds: dict[str, int] = {}
    actual = find_spans(targets, kinds, reading=reading)
    return actual, find_spans(predictions, kinds, reading=reading)


def span_statistics(targets: Sequence[Tags], predictions: Sequence[Tags]) -> Array:
    """Return the number of right, of predicted and of actual spans of each sentence, shape (sentences, 3)."""
    lengths_of(targets, predictions)
    return count_spans(*paired_spans(targets, predictions), len(targets))


def count_spans(actual: Spans, predicted: Spans, sentences: int) -> Array:
    """Return the number of right, of predicted and of actual spans of each sentence, shape (sentences, 3)."""
    # Tokens are counted through all sentences, so that equal triples are of the same sentence.
    known = set(actual.triples())
    is_right = np.fromiter(map(known.__contains__, predicted.triples()), bool, len(predicted.start))
    right = predicted.sentence[is_right]
    counts = [np.bincount(column, minlength=sentences) for column in (right, predicted.sentence, actual.sentence)]
    return np.stack(counts, axis=1).astype(np.float64)


SPAN_F1 = Metric("span F1", span_statistics, f1, f1_fraction)
TAG_ACCURACY = Metric("tag accuracy", right_tags, mean_of)
