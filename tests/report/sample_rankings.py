"""Results of a search, made up: two systems, one attack, two queries of which one lost its document from the top."""

from __future__ import annotations

from dataclasses import replace

from charrobust.attackers.versions import CLEAN, FieldEdit
from charrobust.scoring.evaluation.results import AttackedExample, PredictionPair, Results
from tests.report import sample_results

METRICS = ("nDCG@10", "MRR@10")


def rankings() -> Results:
    """Two systems on queries under one attack."""
    systems = {"MiniLM": (0.9, 0.0), "bm25": (0.7, 0.3)}
    results = sample_results.classification(0, systems)
    measured = [score for metric in METRICS for score in sample_results.scores(systems, metric)]
    return replace(
        results,
        task="retrieval",
        data="rivers",
        metrics=METRICS,
        attacks=results.attacks[:2],
        scores=tuple(score for score in measured if score.attack in (CLEAN, "charbert")),
        comparisons=(),
        splits=(),
        shown=(_lost("about Rhine"), _lost("about Nile"), _kept()),
        flipped=2,
    )


def _lost(name: str) -> AttackedExample:
    """Return a query of which the first system no longer finds the document on top, and the second never did."""
    said = (
        PredictionPair(
            "MiniLM", "Rhine, Nile", "Nile, Rhine", True, False, ("relevant at rank 1",),
            ("relevant at rank 2", "first instead: Nile: The Nile was"),
        ),
        PredictionPair(
            "bm25", "Nile", "Nile", False, False, ("relevant not among the 1 found", "first instead: Nile: The Nile"),
            ("relevant not among the 1 found", "first instead: Nile: The Nile"),
        ),
    )  # fmt: skip
    edits = (FieldEdit(0, (2, 4), (2, 4), "swap"),)
    return AttackedExample(
        name, "charbert", "Rhine", ("river source",), ("rievr source",), edits, said, "Rhine: The Rhine rises"
    )


def _kept() -> AttackedExample:
    """Return a query that finds its document all the same."""
    query = _lost("about Danube")
    (first, _) = query.predictions
    kept = replace(first, attacked=first.clean, attacked_right=True, attacked_remarks=first.clean_remarks)
    return replace(query, predictions=(kept,))
