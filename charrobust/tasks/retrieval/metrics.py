"""Metrics of rankings, as trec_eval and BEIR define them: nDCG@10, MRR@10, recall@10 and recall@100.

Gains are linear (a document of gain 2 counts twice as much as one of gain 1), and divided by the binary logarithm of
the rank plus one. All are computed query by query and averaged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from charrobust.tasks.metrics import Array, Metric, mean_of, with_ones
from charrobust.tasks.retrieval.corpus import Relevant

Ranking = tuple[str, ...]
OfQuery = Callable[[Relevant, Ranking], float]

_CUT = 10  # ranks that nDCG and MRR look at


def ndcg(relevant: Relevant, ranking: Ranking, cut: int = _CUT) -> float:
    """Return the discounted gain of a ranking's top, as a share of that of the best ranking there is.

    Args:
        relevant: The relevant documents with their gains.
        ranking: Document ids, the best first.
        cut: Ranks that count.

    Returns:
        The normalised discounted cumulative gain, from 0 to 1; 0 where nothing is relevant.
    """
    gains = dict(relevant)
    # A document that nobody judged counts as not relevant, as in trec_eval.
    reached = [gains.get(name, 0) for name in ranking[:cut]]
    # Cut as well: with more relevant documents than ranks, a perfect ranking still reaches 1.
    ideal = sorted(gains.values(), reverse=True)[:cut]
    best = _discounted(ideal)
    if not best:
        return 0.0
    return _discounted(reached) / best


def _discounted(gains: Sequence[int]) -> float:
    """Return the sum of gains, each divided by log2(rank + 1)."""
    ranks = np.arange(1, len(gains) + 1)
    return float((np.asarray(gains, np.float64) / np.log2(ranks + 1)).sum())


def reciprocal_rank(relevant: Relevant, ranking: Ranking, cut: int = _CUT) -> float:
    """Return 1 / the rank of the first relevant document; 0 where none is among the first ones."""
    rank = first_rank(relevant, ranking[:cut])
    if rank is None:
        return 0.0
    return 1 / rank


def first_rank(relevant: Relevant, ranking: Ranking) -> int | None:
    """Return the rank of the first relevant document, from 1; None where none is in the ranking."""
    names = {name for name, _ in relevant}
    for rank, name in enumerate(ranking, 1):
        if name in names:
            return rank
    return None


def recall(relevant: Relevant, ranking: Ranking, cut: int) -> float:
    """Return the share of the relevant documents that are among the first ones of a ranking."""
    names = {name for name, _ in relevant}
    if not names:
        return 0.0
    # Of all that is relevant, also where that is more than the ranks: the recall@10 of 20 documents stays below 1.
    return len(names.intersection(ranking[:cut])) / len(names)


def recall_at_10(relevant: Relevant, ranking: Ranking) -> float:
    """Return the recall of the first ten."""
    return recall(relevant, ranking, 10)


def recall_at_100(relevant: Relevant, ranking: Ranking) -> float:
    """Return the recall of the first hundred."""
    return recall(relevant, ranking, 100)


def of_queries(measure: OfQuery, targets: Sequence[Relevant], predictions: Sequence[Ranking]) -> Array:
    """Return a measure of each query, shape (queries,)."""
    pairs = zip(targets, predictions, strict=True)
    return np.array([measure(relevant, ranking) for relevant, ranking in pairs], np.float64)


def _averaged(name: str, measure: OfQuery) -> Metric:
    """Return the metric that is the mean of a measure over queries."""
    return Metric(name, lambda targets, predictions: with_ones(of_queries(measure, targets, predictions)), mean_of)


RETRIEVAL_METRICS = (
    _averaged("nDCG@10", ndcg),
    _averaged("MRR@10", reciprocal_rank),
    _averaged("recall@10", recall_at_10),
    _averaged("recall@100", recall_at_100),
)
