"""The panel of rankings: every metric side by side, and queries that lost their relevant document from the top."""

from __future__ import annotations

from typing import Any

from charrobust.report.example_browser import example_data, is_flipped
from charrobust.report.headline import main_attack, main_example
from charrobust.report.selection import labels_by_attack, main_versions, system_names
from charrobust.report.tables import Cell, Table, score_cell, shown_attacks, success_cell, version_cell
from charrobust.scoring.evaluation.results import Results, Score
from charrobust.tasks.registry import task_class

_MOST_EXAMPLES = 3  # all others are in the browser of examples


def ranking_table(results: Results) -> Table | None:
    """Return every metric of every system on the versions that tell the story, a row for both.

    Args:
        results: What an evaluation found.

    Returns:
        The table; None where predictions are no rankings.
    """
    if not task_class(results.task).ranks:
        return None
    scores = {(score.system, score.attack, score.metric): score for score in results.scores}
    shown = shown_attacks(results)
    rows = []
    for version in main_versions(results):
        for name in system_names(results):
            measured = [scores.get((name, version.name, metric)) for metric in results.metrics]
            if any(measured):
                first = version_cell(version, shown)
                rows.append((first, Cell(name), *map(score_cell, measured), _lost_cell(measured[0])))
    heads = ("text", "model", *results.metrics, "lost from the top")
    caption = "Every metric × 100 with its interval, and its change from clean text in points"
    return Table(caption, heads, tuple(rows))


def _lost_cell(score: Score | None) -> Cell:
    """Return the share of queries whose relevant document an attack took from the top."""
    return success_cell(None if score is None else score.success)


def ranking_examples(results: Results) -> list[dict[str, Any]]:
    """Return some queries of the main attack that lost their relevant document from the top.

    Args:
        results: What an evaluation found.

    Returns:
        The queries as the page shows them, without that of the first screen; none where predictions are no rankings.
    """
    attack = main_attack(results)
    if attack is None or not task_class(results.task).ranks:
        return []
    first, label = main_example(results), labels_by_attack(results)[attack.name]
    of_attack = [example for example in results.shown if example.attack == attack.name and example is not first]
    chosen = [example for example in of_attack if is_flipped(example)][:_MOST_EXAMPLES]
    return [{**example_data(results, example), "title": label.title, "mark": label.mark} for example in chosen]
