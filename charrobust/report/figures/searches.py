"""What searches leave of a score, over what they may edit and what they may ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from charrobust.report.figures.axes import canvas, error_bars, legend, legend_lines
from charrobust.report.selection import labels_by_attack, searched_attacks, system_names
from charrobust.report.style import Series, series, shortened
from charrobust.scoring.evaluation.results import CurvePoint, Results
from charrobust.scoring.intervals import interval_name


def search_figure(results: Results, *, over: str) -> Figure:
    """Draw a panel for each search and in it a line with its intervals for each system, from clean text on.

    Args:
        results: The results.
        over: ``edits`` or ``queries``.

    Returns:
        The figure.
    """
    attacks, labels = searched_attacks(results, over), labels_by_attack(results)
    # Looks are given out among all systems, so that one keeps its colour from figure to figure.
    looks = {system.name: system for system in series(system_names(results))}
    figure = canvas(2.7 * len(attacks), legend_lines(list(looks.values())))
    panels = figure.subplots(len(attacks), squeeze=False)[:, 0]
    for axes, attack in zip(panels, attacks, strict=True):
        curves = {
            search.system: getattr(search, f"by_{over}") for search in results.searches if search.attack == attack
        }
        handles = [_line(axes, curves.get(name, ()), look) for name, look in looks.items()]
        axes.set_title(shortened(labels[attack].title, 52))
        axes.set_ylabel("robust records × 100")
        axes.set_ylim(bottom=0)
        axes.grid(axis="y")
        _scale(axes, over, interval_name(results.confidence))
    legend(figure, list(looks.values()), handles)
    return figure


def _scale(axes: Axes, over: str, level: str) -> None:
    """Set the axis of costs: edits one by one, queries by powers of ten."""
    if over == "edits":
        axes.set_xlabel(f"edits of a text, at most; {level}")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        return
    # None is a number of queries, which a logarithmic axis has no place for: it is linear up to 1.
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_formatter(ScalarFormatter())  # powers would be formulas, which style.py does not set
    axes.set_xlabel(f"queries about a record, at most; {level}")


def _line(axes: Axes, curve: Sequence[CurvePoint], system: Series) -> Any:
    """Draw the line of a system; one that was not searched against has none, but a place in the legend."""
    value, ends = error_bars([point.robust for point in curve])
    look: dict[str, Any] = {
        "color": system.colour,
        "marker": system.marker,
        "linestyle": system.line,
        "elinewidth": 1.1,
    }
    return axes.errorbar([point.most for point in curve], value, ends, **look)
