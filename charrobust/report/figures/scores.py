"""Scores of each system on each version of the data, with intervals."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from charrobust.report.figures.axes import canvas, error_bars, legend, legend_lines, row_height, rows
from charrobust.report.selection import main_values, main_versions, system_names
from charrobust.report.style import series, shortened
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.intervals import interval_name


def scores_figure(results: Results) -> Figure:
    """Draw a row for each version and in it a point with its interval for each system."""
    versions, values, systems = main_versions(results), main_values(results), series(system_names(results))
    figure = canvas(0.5 + len(versions) * row_height(len(systems)), legend_lines(systems))
    axes = figure.add_subplot()
    heights = rows(axes, versions, len(systems))
    handles = []
    for column, system in enumerate(systems):
        value, ends = error_bars([values.get((system.name, version.name)) for version in versions])
        look: dict[str, Any] = {"fmt": system.marker, "color": system.colour, "elinewidth": 1.4}
        handles.append(axes.errorbar(value, heights[:, column], xerr=ends, **look))
    axes.set_xlabel(f"{shortened(results.metrics[0], 24)} × 100, {interval_name(results.confidence)}")
    legend(figure, systems, handles)
    return figure
