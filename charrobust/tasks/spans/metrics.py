"""Metrics of spans: F1 by place and type, and by place alone."""

from __future__ import annotations

from collections.abc import Sequence

from charrobust.tasks.metrics import Array, Metric, f1, f1_by_example, f1_fraction, overlaps

Span = tuple[int, int, str]
Spans = Sequence[Span]


def spans_metrics() -> tuple[Metric, ...]:
    """Return the metrics: F1 of spans with their types, and F1 of their places."""
    return SPAN_F1, PLACE_F1


def span_statistics(targets: Sequence[Spans], predictions: Sequence[Spans]) -> Array:
    """Return the number of right, of predicted and of actual spans of each text, shape (texts, 3).

    A span is right if start, end and type are those of an actual one; a span that is there twice counts once.
    """
    return overlaps(map(set, targets), map(set, predictions))


def place_statistics(targets: Sequence[Spans], predictions: Sequence[Spans]) -> Array:
    """Return the same as :func:`span_statistics`, whatever the types are."""
    return overlaps(map(_places, targets), map(_places, predictions))


def _places(spans: Spans) -> set[tuple[int, int]]:
    # A set: where one stretch has several types, its place is one to find.
    return {(start, end) for start, end, _ in spans}


def text_f1(targets: Sequence[Spans], predictions: Sequence[Spans]) -> Array:
    """Return F1 of each text's spans, shape (texts,); 1 where there are none and none are predicted."""
    return f1_by_example(span_statistics(targets, predictions))


SPAN_F1 = Metric("span F1", span_statistics, f1, f1_fraction)
PLACE_F1 = Metric("place F1", place_statistics, f1, f1_fraction)
