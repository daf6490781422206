"""What each operator takes from each system."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from charrobust.report.figures.axes import canvas, legend, legend_lines, points, row_height, rows, spacing
from charrobust.report.selection import main_scores, operator_versions, system_names
from charrobust.report.style import INK, PAPER, series, shown
from charrobust.scoring.evaluation.results import Results


def operators_figure(results: Results) -> Figure:
    """Draw a row for each operator and in it a bar with its interval for each system."""
    drawn, found, systems = operator_versions(results), main_scores(results), series(system_names(results))
    figure = canvas(0.5 + len(drawn) * row_height(len(systems)), legend_lines(systems))
    axes = figure.add_subplot()
    heights = rows(axes, drawn, len(systems))
    thickness = 0.85 * spacing(len(systems))
    handles = []
    for place, system in enumerate(systems):
        scores = [found.get((system.name, version.name)) for version in drawn]
        value, ends = points([score.lost if score else None for score in scores])
        look: dict[str, Any] = {"color": system.colour, "edgecolor": PAPER, "hatch": system.hatch, "linewidth": 0}
        handles.append(axes.barh(heights[:, place], value, thickness, **look))
        axes.errorbar(value, heights[:, place], xerr=ends, fmt="none", ecolor=INK, elinewidth=1.1)
    axes.set_xlabel(f"points of {shown(results.metrics[0], 24)} lost, {results.confidence:.0%} interval")
    legend(figure, systems, handles)
    return figure
