"""What each operator does to the score of each system."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from charrobust.report.figures.axes import canvas, error_bars, legend, legend_lines, row_height, rows, spacing
from charrobust.report.selection import main_scores, operator_versions, system_names
from charrobust.report.style import INK, PAPER, series, shortened
from charrobust.report.wording import negated
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.intervals import interval_name


def operators_figure(results: Results) -> Figure:
    """Draw a row for each operator and in it a bar with its interval for each system."""
    versions, systems = operator_versions(results), series(system_names(results))
    changes = {key: negated(score.lost) for key, score in main_scores(results).items()}
    figure = canvas(0.5 + len(versions) * row_height(len(systems)), legend_lines(systems))
    axes = figure.add_subplot()
    heights = rows(axes, versions, len(systems))
    thickness = 0.85 * spacing(len(systems))  # bars of a row do not touch
    handles = []
    for column, system in enumerate(systems):
        value, ends = error_bars([changes.get((system.name, version.name)) for version in versions])
        # The colour of an edge is that of the hatch, too; edges themselves have no width.
        look: dict[str, Any] = {"color": system.colour, "edgecolor": PAPER, "hatch": system.hatch, "linewidth": 0}
        handles.append(axes.barh(heights[:, column], value, thickness, **look))
        axes.errorbar(value, heights[:, column], xerr=ends, fmt="none", ecolor=INK, elinewidth=1.1)
    axes.set_xlabel(f"change of {shortened(results.metrics[0], 24)}, points, {interval_name(results.confidence)}")
    legend(figure, systems, handles)
    return figure
