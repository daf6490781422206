"""Metrics of tags: F1 of spans (named entities), accuracy of tags."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from charrobust.tasks.metrics import Array, Metric, mean_of, ratio

Index = NDArray[np.int64]
Tags = Sequence[str]

_SPAN_TAG = re.compile(r"O|[BIES](-.+)?", re.DOTALL)


def tagging_metrics(targets: Sequence[Tags]) -> tuple[Metric, ...]:
    """Return the metrics of a tagging: span F1 first, if the tags mark spans, and accuracy of tags."""
    return (SPAN_F1, TAG_ACCURACY) if marks_spans(targets) else (TAG_ACCURACY,)


def marks_spans(targets: Sequence[Tags]) -> bool:
    """Tell whether all tags are of the kind ``O``, ``B-PER``, ``I-PER`` (IOB1, IOB2, IOBES)."""
    return all(_SPAN_TAG.fullmatch(tag) for tag in set(chain.from_iterable(targets)))


def lengths_of(targets: Sequence[Tags], predictions: Sequence[Tags]) -> Index:
    """Return the number of tags of each sentence.

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
    right = (sum(a == b for a, b in zip(*pair, strict=True)) for pair in zip(targets, predictions, strict=True))
    return np.stack([np.fromiter(right, np.float64, len(targets)), lengths.astype(np.float64)], axis=1)


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


def find_spans(sentences: Sequence[Tags], kinds: dict[str, int] | None = None) -> Spans:
    """Find the spans that tags mark, by the rules of the CoNLL script, as the seqeval library has them by default.

    A span begins at ``B-`` and ``S-``, and at any tag that follows ``O``, the end of a span (``E-``, ``S-``) or a tag
    of another type; it goes on as long as nothing of that kind, no ``O`` and no end of the sentence comes.

    Args:
        sentences: The tags of each sentence.
        kinds: Numbers of the types known so far; new ones are added.
    """
    kinds = {} if kinds is None else kinds
    lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
    numbers: dict[str, int] = {}
    # An "O" before each sentence keeps spans apart.
    padded = chain.from_iterable(("O", *tags) for tags in (*sentences, ()))
    tags = np.fromiter((numbers.setdefault(tag, len(numbers)) for tag in padded), np.int64)
    prefix = np.array([ord(tag[:1] or "O") for tag in numbers])[tags]
    kind = np.array([kinds.setdefault(tag[1:].split("-", 1)[-1] or "_", len(kinds)) for tag in numbers])[tags]
    inside, begins, ends = (
        prefix != ord("O"),
        np.isin(prefix, (ord("B"), ord("S"))),
        np.isin(prefix, (ord("E"), ord("S"))),
    )
    before = np.arange(len(tags)) - 1
    starts = inside & (begins | ~inside[before] | ends[before] | (kind != kind[before]))
    start, stops = np.flatnonzero(starts), np.flatnonzero(starts | ~inside)
    end = stops[np.searchsorted(stops, start, side="right")]
    sentence = np.repeat(np.arange(len(sentences) + 1), np.append(lengths + 1, 1))[start]
    return Spans(sentence, start - sentence - 1, end - sentence - 1, kind[start])


def span_statistics(targets: Sequence[Tags], predictions: Sequence[Tags]) -> Array:
    """Return the number of right, of predicted and of actual spans of each sentence, shape (sentences, 3)."""
    lengths_of(targets, predictions)
    kinds: dict[str, int] = {}
    actual, said = find_spans(targets, kinds), find_spans(predictions, kinds)
    return count_spans(actual, said, len(targets))


def count_spans(actual: Spans, said: Spans, sentences: int) -> Array:
    """Return the number of right, of predicted and of actual spans of each sentence, shape (sentences, 3)."""
    known = set(actual.triples())
    right = said.sentence[np.fromiter((key in known for key in said.triples()), bool, len(said.start))]
    counts = [np.bincount(column, minlength=sentences) for column in (right, said.sentence, actual.sentence)]
    return np.stack(counts, axis=1).astype(np.float64)


def f1_of_counts(sums: Array) -> Array:
    """Return F1 of sums of (right, predicted, actual)."""
    return ratio(*f1_fraction(sums))


def f1_fraction(sums: Array) -> tuple[Array, Array]:
    """Return what F1 of (right, predicted, actual) is a ratio of."""
    return 2 * sums[..., 0], sums[..., 1] + sums[..., 2]


SPAN_F1 = Metric("span F1", span_statistics, f1_of_counts, f1_fraction)
TAG_ACCURACY = Metric("tag accuracy", right_tags, mean_of)
