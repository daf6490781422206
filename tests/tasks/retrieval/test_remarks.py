"""What a page says of rankings: ranks, and what stands first instead."""

import pytest

from charrobust.datasets.load import load_data
from charrobust.scoring.evaluation.evaluate import evaluate
from charrobust.tasks.examples import Example
from charrobust.tasks.registry import task_class
from charrobust.tasks.retrieval.corpus import Passages, SearchedPassages

TASK = task_class("retrieval")()
PASSAGES = Passages(("a", "b", "c"), ("Rhine", "", ""), ("A river\n of  Europe.", "words " * 40, "河" * 200))


def query(*relevant):
    return Example("q", ("river",), relevant or None, corpus=SearchedPassages(PASSAGES))


@pytest.mark.parametrize(
    ("ranking", "remarks"),
    [
        (("a", "b"), ("relevant at rank 1",)),
        (("b", "c", "a"), ("relevant at rank 3", "first instead: b: " + "words " * 13 + "wo…")),
        (("c", "b"), ("relevant not among the 2 found", "first instead: c: " + "河" * 80 + "…")),
        (("gone",), ("relevant not among the 1 found", "first instead: gone")),
        ((), ("relevant not among the 0 found",)),
    ],
)
def test_the_rank_and_what_stands_first_instead(ranking, remarks):
    assert TASK.prediction_remarks(ranking, query(("a", 1))) == remarks


def test_the_first_relevant_document_is_quoted():
    assert TASK.target_remark(query(("a", 2), ("b", 1))) == "a: Rhine A river of Europe."
    assert TASK.target_remark(query()) == ""


@pytest.mark.needs("bm25s")
def test_an_evaluation_keeps_them(collection):
    data = load_data(collection, field=("query", "corpus"))
    found = evaluate(["bm25"], data, ["charbert"])
    first = next(example for example in found.shown if example.id == "q1")
    assert first.target_remark == "d1: Rhine The river rises in Switzerland and reaches the North Sea."
    (said,) = first.predictions
    assert said.clean_remarks == ("relevant at rank 1",)
    assert said.attacked_remarks[0].startswith("relevant ")
    # What stands first is quoted from the corpus that was searched: here it is attacked, too.
    quoted = [remark for example in found.shown for remark in example.predictions[0].attacked_remarks[1:]]
    assert quoted
    assert not any("The river rises in" in remark or "Typing errors change" in remark for remark in quoted)
