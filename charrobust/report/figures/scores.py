"""Scores of each system on each version of the data, with intervals."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from charrobust.report.figures.axes import canvas, legend, legend_lines, points, row_height, rows
from charrobust.report.selection import main_scores, scored_versions, system_names
from charrobust.report.style import series, shown
from charrobust.scoring.evaluation.results import Results


def scores_figure(results: Results) -> Figure:
    """Draw a row for each version and in it a point with its interval for each system."""
    drawn, found, systems = scored_versions(results), main_scores(results), series(system_names(results))
    figure = canvas(0.5 + len(drawn) * row_height(len(systems)), legend_lines(systems))
    axes = figure.add_subplot()
    heights = rows(axes, drawn, len(systems))
    handles = []
    for place, system in enumerate(systems):
        scores = [found.get((system.name, version.name)) for version in drawn]
        value, ends = points([score.value if score else None for score in scores])
        look: dict[str, Any] = {"fmt": system.marker, "color": system.colour, "elinewidth": 1.4}
        handles.append(axes.errorbar(value, heights[:, place], xerr=ends, **look))
    axes.set_xlabel(f"{shown(results.metrics[0], 24)} × 100, {results.confidence:.0%} interval")
    legend(figure, systems, handles)
    return figure
