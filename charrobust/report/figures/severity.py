"""Scores as an attack grows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from charrobust.attackers.versions import CLEAN
from charrobust.report.figures.axes import canvas, error_bars, legend, legend_lines
from charrobust.report.selection import Curve, main_values, severity_curves, system_names
from charrobust.report.style import Series, series, shortened
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.intervals import Interval, interval_name


def severity_figure(results: Results) -> Figure:
    """Draw a panel for each recipe and in it a line with its intervals for each system, from clean text on."""
    curves, systems = severity_curves(results), series(system_names(results))
    values = main_values(results)
    figure = canvas(2.7 * len(curves), legend_lines(systems))
    panels = figure.subplots(len(curves), squeeze=False)[:, 0]
    for axes, curve in zip(panels, curves, strict=True):
        handles = [_line(axes, curve, system, values=values) for system in systems]
        axes.set_title(f"{shortened(curve.title)} (average case)")
        axes.set_ylabel(f"{shortened(results.metrics[0], 24)} × 100")
        axes.set_xlabel(f"severity, {interval_name(results.confidence)}")
        axes.grid(axis="y")
    legend(figure, systems, handles)
    return figure


def _line(axes: Axes, curve: Curve, system: Series, *, values: Mapping[tuple[str, str], Interval]) -> Any:
    """Draw the line of a system."""
    # Clean text is the attack at severity 0: every curve begins there.
    severities: list[Any] = [0.0]
    intervals = [values.get((system.name, CLEAN))]
    for attack in curve.attacks:
        severities.append(attack.severity)
        intervals.append(values.get((system.name, attack.name)))
    value, ends = error_bars(intervals)
    look: dict[str, Any] = {
        "color": system.colour,
        "marker": system.marker,
        "linestyle": system.line,
        "elinewidth": 1.1,
    }
    return axes.errorbar(severities, value, ends, **look)
