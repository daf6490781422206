"""The scores of a system as a model card: Markdown with a ``model-index``, an entry for each attack."""

from __future__ import annotations

from charrobust.attackers.versions import CLEAN
from charrobust.scoring.evaluation.results import Results, Score
from charrobust.scoring.intervals import Interval, interval_name
from charrobust.tasks.registry import task_class
from charrobust.training.cards import as_text, front_matter, result_entry, table, versions_line

_CARD = """---
{front}
---

# {title}

{measured}

On {examples:,} examples of {data}, with {level}; measured by {measured_by}, with {versions}.
"""


def hub_card(results: Results, system: str, *, measured_by: str) -> str:
    """Return what was measured of a system, as the hub reads it.

    Args:
        results: What an evaluation found, as others read it (:func:`.published_results`).
        system: Name of the system.
        measured_by: Who measured.

    Returns:
        The card's text.
    """
    scores = [score for score in results.scores if score.system == system]
    named = {"type": task_class(results.task).pipeline, "name": results.task}
    entries = []
    for attack in dict.fromkeys(score.attack for score in scores):
        told = None if attack == CLEAN else attack
        metrics = {score.metric: score.value.value for score in scores if score.attack == attack}
        entries.append(result_entry(named, results.data, metrics, attack=told))
    front = {"tags": ["charrobust", "robustness"], "model-index": [{"name": system, "results": entries}]}
    return _CARD.format(
        front=front_matter(front),
        title=as_text(f"{system} under attack"),
        measured=table([["", "metric", "value", "lost"], *map(_row, scores)]),
        examples=results.examples,
        data=as_text(results.data),
        level=interval_name(results.confidence),
        measured_by=as_text(measured_by),
        versions=versions_line(results.versions),
    )


def _row(score: Score) -> list[str]:
    return [
        score.attack,
        score.metric,
        _interval(score.value),
        "" if score.lost is None else _interval(score.lost),
    ]


def _interval(interval: Interval) -> str:
    return f"{interval.value:.4f} ({interval.low:.4f} to {interval.high:.4f})"
