"""Metrics of rankings against a plain implementation of what trec_eval computes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.tasks.metrics import score
from charrobust.tasks.retrieval.metrics import RETRIEVAL_METRICS
from charrobust.tasks.retrieval.record import Retrieval

NAMES = [f"d{number}" for number in range(130)]
TASK = Retrieval()


def plain(gains, ranking):
    """Compute all metrics of a query by loops."""
    dcg = mrr = 0.0
    found10 = found100 = 0
    for position in range(len(ranking)):
        gain = gains.get(ranking[position], 0)
        if position < 10 and gain > 0:
            dcg += gain / math.log2(position + 2)
            found10 += 1
            if mrr == 0:
                mrr = 1 / (position + 1)
        if position < 100 and gain > 0:
            found100 += 1
    ideal = 0.0
    for position, gain in enumerate(sorted(gains.values())[::-1]):
        if position < 10:
            ideal += gain / math.log2(position + 2)
    return dcg / ideal, mrr, found10 / len(gains), found100 / len(gains)


QUERY = st.tuples(
    st.dictionaries(st.sampled_from(NAMES), st.integers(1, 4), min_size=1, max_size=15),
    st.permutations(NAMES).map(lambda names: tuple(names[:100])),
    st.integers(0, 100),
)


@given(st.lists(QUERY, min_size=1, max_size=4))
def test_against_loops(queries):
    targets = [tuple(gains.items()) for gains, _, _ in queries]
    rankings = [ranking[:length] for _, ranking, length in queries]
    expected = np.mean([plain(gains, ranking[:length]) for gains, ranking, length in queries], axis=0)
    values = [score(metric, targets, rankings) for metric in RETRIEVAL_METRICS]
    assert values == pytest.approx(expected.tolist())
    assert [metric.name for metric in RETRIEVAL_METRICS] == ["nDCG@10", "MRR@10", "recall@10", "recall@100"]


def test_known_values():
    # 3 / log2(2) and 1 / log2(4), of 3 / log2(2) + 1 / log2(3)
    relevant = (("a", 3), ("b", 1))
    value = score(RETRIEVAL_METRICS[0], [relevant], [("a", "x", "b")])
    assert value == pytest.approx((3 + 0.5) / (3 + 1 / math.log2(3)))


def test_right_is_a_relevant_document_on_top():
    relevant = (("a", 1), ("b", 2))
    assert TASK.right([relevant] * 3, [("b", "x"), ("x", "a"), ()]).tolist() == [True, False, False]
    assert TASK.example_scores([relevant], [()]).tolist() == [0.0]
    with pytest.raises(ValueError, match="one prediction for each of 1"):
        TASK.right([relevant], [])


def test_texts_for_pages():
    assert TASK.target_text((("a", 1), ("b", 2))) == "a, b (gain 2)"
    assert TASK.prediction_text(("a", "b", "c", "d", "e", "f")) == "a, b, c, d, e"
    assert TASK.prediction_text(()) == "no document"
    assert TASK.filters("a, b") == []
