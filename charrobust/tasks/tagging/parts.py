"""Scores of the words that a tokenizer splits, or keeps whole: entities go by any of their words, tags by their own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from charrobust.tasks.examples import Prediction, Target
from charrobust.tasks.metrics import Array, Metric
from charrobust.tasks.tagging.ignored import blanked, has_ignored
from charrobust.tasks.tagging.metrics import SPAN_F1, Spans, count_spans, paired_spans
from charrobust.tasks.word_part import WordPart


def part_statistics(
    metric: Metric, targets: Sequence[Target], predictions: Sequence[Prediction], part: WordPart
) -> tuple[Array, int]:
    """Return the statistics of a metric of tags on a part of the words.

    Right entities are compared with right ones, predicted with predicted: each is in the part of its own words.

    Args:
        metric: The metric.
        targets: The tags of each sentence.
        predictions: The predicted ones.
        part: Which words are in the part.

    Returns:
        Statistics, shape (sentences, k), and the number of entities or words in the part.
    """
    if has_ignored(targets):
        counted = np.fromiter((tag is not None for tag in chain.from_iterable(targets)), bool)
        # Blanked, not left out: words are counted through all tokens, as the part counts them.
        targets, predictions = blanked(targets, predictions)
    else:
        counted = np.ones(len(part.words), bool)
    if metric.name == SPAN_F1.name:
        actual, predicted = (_of_part(spans, part) for spans in paired_spans(targets, predictions))
        return count_spans(actual, predicted, len(targets)), len(actual.start)
    words = part.words & counted
    pairs = zip(chain.from_iterable(targets), chain.from_iterable(predictions), strict=True)
    right = np.fromiter((tag == prediction for tag, prediction in pairs), bool, len(words))
    # sums up to each sentence's borders; their differences are the sums of each sentence
    sums = np.cumsum(np.stack([right & words, words], axis=1), axis=0, dtype=np.float64)
    return np.diff(np.vstack([np.zeros(2), sums])[part.edges], axis=0), int(words.sum())


def _of_part(spans: Spans, part: WordPart) -> Spans:
    """Return the spans of which any word is in a part of split words, or all words in one of whole words."""
    chosen = part.stretches(spans.start, spans.end)
    return Spans(spans.sentence[chosen], spans.start[chosen], spans.end[chosen], spans.kind[chosen])
