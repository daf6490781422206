"""Scores as an attack grows."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from charrobust.attackers.versions import CLEAN
from charrobust.report.figures.axes import canvas, legend, legend_lines, points
from charrobust.report.selection import Curve, main_scores, severity_curves, system_names
from charrobust.report.style import Series, series, shown
from charrobust.scoring.evaluation.results import Results


def severity_figure(results: Results) -> Figure:
    """Draw a panel for each recipe and in it a line with its intervals for each system, from clean text on."""
    curves, systems = severity_curves(results), series(system_names(results))
    figure = canvas(2.7 * len(curves), legend_lines(systems))
    panels = figure.subplots(len(curves), squeeze=False)[:, 0]
    for axes, curve in zip(panels, curves, strict=True):
        handles = [_line(axes, curve, system, results) for system in systems]
        axes.set_title(f"{shown(curve.title)} (average case)")
        axes.set_ylabel(f"{shown(results.metrics[0], 24)} × 100")
        axes.set_xlabel(f"severity, {results.confidence:.0%} interval")
        axes.grid(axis="y")
    legend(figure, systems, handles)
    return figure


def _line(axes: Axes, curve: Curve, system: Series, results: Results) -> Any:
    """Draw the line of a system."""
    found = main_scores(results)
    names = [CLEAN, *(attack.name for attack in curve.attacks)]
    severities: Any = [0.0, *(attack.severity for attack in curve.attacks)]
    scores = [found.get((system.name, name)) for name in names]
    value, ends = points([score.value if score else None for score in scores])
    look: dict[str, Any] = {
        "color": system.colour,
        "marker": system.marker,
        "linestyle": system.line,
        "elinewidth": 1.1,
    }
    return axes.errorbar(severities, value, yerr=ends, **look)
