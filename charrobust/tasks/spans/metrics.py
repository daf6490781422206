"""Metrics of spans: F1 by place and type, and by place alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from charrobust.tasks.metrics import Array, Metric, ratio

Span = tuple[int, int, str]
Spans = Sequence[Span]


def spans_metrics() -> tuple[Metric, ...]:
    """Return the metrics: F1 of spans with their types, and F1 of their places."""
    return SPAN_F1, PLACE_F1


def span_statistics(targets: Sequence[Spans], predictions: Sequence[Spans]) -> Array:
    """Return the number of right, of predicted and of actual spans of each text, shape (texts, 3).

    A span is right if start, end and type are those of an actual one; a span that is there twice counts once.
    """
    return _counts(list(map(set, targets)), list(map(set, predictions)))


def place_statistics(targets: Sequence[Spans], predictions: Sequence[Spans]) -> Array:
    """Return the same as :func:`span_statistics`, whatever the types are."""
    return _counts(list(map(_places, targets)), list(map(_places, predictions)))


def _counts(targets: Sequence[Collection[object]], predictions: Sequence[Collection[object]]) -> Array:
    # Sums of these three are all that F1 needs: a bootstrap resamples the rows.
    counts = np.zeros((len(targets), 3))
    for number, (actual, predicted) in enumerate(zip(targets, predictions, strict=True)):
        counts[number] = len(set(actual) & set(predicted)), len(predicted), len(actual)
    return counts


def _places(spans: Spans) -> set[tuple[int, int]]:
    # A set: where one stretch has several types, its place is one to find.
    return {(start, end) for start, end, _ in spans}


def f1_fraction(sums: Array) -> tuple[Array, Array]:
    """Return what F1 of (right, predicted, actual) is a ratio of."""
    # F1 is 2 * right / (predicted + actual). Of sums over texts, not of each text: that is the corpus-level F1.
    return 2 * sums[..., 0], sums[..., 1] + sums[..., 2]


def f1(sums: Array) -> Array:
    """Return F1 of sums of (right, predicted, actual)."""
    return ratio(*f1_fraction(sums))


def text_f1(targets: Sequence[Spans], predictions: Sequence[Spans]) -> Array:
    """Return F1 of each text's spans, shape (texts,); 1 where there are none and none are predicted."""
    counts = span_statistics(targets, predictions)
    # Of a text without any span, actual or predicted, F1 is 0 / 0: nothing is wrong with it.
    return np.where(counts[:, 1:].sum(axis=1) == 0, 1.0, f1(counts))


SPAN_F1 = Metric("span F1", span_statistics, f1, f1_fraction)
PLACE_F1 = Metric("place F1", place_statistics, f1, f1_fraction)
