"""Pages of made-up results, each drawn once a process: figures take seconds."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from charrobust.report.page import page
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.sensitivity.results import Sensitivity
from tests.report import sample_results
from tests.report.sample_rankings import rankings

Case = tuple[Results, Sensitivity | None]
CASES: dict[str, Case] = {
    "classification": (sample_results.classification(40), sample_results.sensitivity()),
    "searched": (sample_results.searched(), None),
    "tagging": (sample_results.tagging(), None),
    "questions": (sample_results.questions(), None),
    "rankings": (rankings(), None),
    "hostile rankings": (sample_results.hostile(rankings()), None),
    "regression": (sample_results.regression(), None),
    "nothing to show": (replace(sample_results.regression(), shown=()), None),
    "hostile": (
        sample_results.hostile(sample_results.classification(4)),
        sample_results.hostile(sample_results.sensitivity()),
    ),
    "hostile tags": (sample_results.hostile(sample_results.tagging()), None),
}


@cache
def page_of(name: str) -> str:
    """Return the page of a case."""
    return page(*CASES[name])
