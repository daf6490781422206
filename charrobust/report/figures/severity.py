"""Scores as an attack grows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from charrobust.attackers.versions import CLEAN
from charrobust.report.figures.axes import canvas, error_bars, legend, legend_lines
from charrobust.report.selection import Curve, main_values, severity_curves, system_names
from charrobust.report.style import Series, series, shortened
from charrobust.report.wording import POINTS
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.intervals import Interval, interval_name

_ROOM = 2.0  # points above the highest interval and below the lowest
Values = Mapping[tuple[str, str], Interval]


def severity_figure(results: Results, curve: Curve) -> Figure:
    """Draw a line with its intervals for each system, from clean text on; all curves of results have one scale."""
    systems, values = series(system_names(results)), main_values(results)
    figure = canvas(2.7, legend_lines(systems))
    axes = figure.add_subplot()
    handles = [_line(axes, curve, system, values=values) for system in systems]
    axes.set_ylabel(f"{shortened(results.metrics[0], 24)} × 100")
    axes.set_xlabel(f"{_share_of(curve)}, {interval_name(results.confidence)}")
    axes.set_ylim(*_scale(results, values))
    axes.grid(axis="y")
    legend(figure, systems, handles)
    return figure


def _share_of(curve: Curve) -> str:
    """Return what the axis of severities counts."""
    attack = curve.attacks[0]
    if attack.by_count:
        return "edited words a text"
    unit = "sentences" if attack.level == "sentences" else "words"
    return f"share of {unit} that are edited"


def _scale(results: Results, values: Values) -> tuple[float | None, float | None]:
    """Return the ends of the axis of scores, which hold the intervals of all curves; None where there are none."""
    names = {CLEAN}
    for curve in severity_curves(results):
        names |= {attack.name for attack in curve.attacks}
    ends: list[float] = []
    for (_, attack), interval in values.items():
        if attack in names:
            ends += [interval.value, interval.low, interval.high]
    finite = [POINTS * end for end in ends if math.isfinite(end)]
    if not finite:
        return None, None
    return min(finite) - _ROOM, max(finite) + _ROOM


def _line(axes: Axes, curve: Curve, system: Series, *, values: Values) -> Any:
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
