"""Scores by the language of the records, side by side."""

from __future__ import annotations

from dataclasses import replace

from charrobust.report.names import system_title
from charrobust.report.selection import main_versions, system_names
from charrobust.report.tables import Cell, Table, number_cell, score_cell, shown_attacks, version_cell
from charrobust.scoring.evaluation.results import Results


def by_language_table(results: Results) -> Table | None:
    """Return the main metric in each language, on the versions that tell the story.

    Args:
        results: What an evaluation found.

    Returns:
        The table, a row for each language and version, a column for each system; None where there are not two
        languages.
    """
    scores = {(score.language, score.attack, score.system): score for score in results.languages}
    sizes = {score.language: score.size for score in results.languages}
    if len(sizes) < 2:
        return None
    names, shown = system_names(results), shown_attacks(results)
    # Without an edit of each version: it would be one of another language in most rows.
    versions = [replace(version, typo="") for version in main_versions(results)]
    rows = []
    for language, size in sizes.items():
        for version in versions:
            cells = [score_cell(scores.get((language, version.name, name))) for name in names]
            first = version_cell(version, shown)
            rows.append((first, Cell(language), number_cell(f"{size:,}", size), *cells))
    caption = f"{results.metrics[0]} × 100 in each language of the records, and its change from clean text in points"
    return Table(caption, ("text", "language", "examples", *map(system_title, names)), tuple(rows))
