"""Pieces that several figures share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from charrobust.report.selection import VersionLabel
from charrobust.report.style import BAND, POINTS, QUIET, WIDTH, Series, shown
from charrobust.scoring.intervals import Interval

_LINE = 0.2  # inches a line of the legend takes


def canvas(height: float, legend_lines: int = 0, *, width: float = WIDTH) -> Figure:
    """Return an empty figure.

    Args:
        height: Inches of what is drawn.
        legend_lines: Lines of the legend above it.
        width: Inches.
    """
    return Figure((width, height + _LINE * legend_lines), layout="constrained")


def legend(figure: Figure, systems: Sequence[Series], handles: Sequence[Any]) -> None:
    """Name the systems above the figure, one a line; a single one needs no legend."""
    if len(systems) > 1:
        figure.legend(handles, [system.label for system in systems], loc="outside upper left", borderpad=0.1)


def legend_lines(systems: Sequence[Series]) -> int:
    """Return how many lines :func:`legend` writes."""
    return len(systems) if len(systems) > 1 else 0


def row_height(systems: int) -> float:
    """Return how many inches a row takes that some systems share."""
    return max(0.4, 0.14 + 0.14 * systems)


def rows(axes: Axes, versions: Sequence[VersionLabel], systems: int) -> NDArray[np.floating]:
    """Lay out horizontal rows on bands, the first on top, with name and case of a version at the left.

    Args:
        axes: Where.
        versions: The version of each row.
        systems: Number of systems that share a row.

    Returns:
        The heights at which each (row, system) is drawn.
    """
    axes.set_ylim(len(versions) - 0.5, -0.5)
    axes.set_yticks(range(len(versions)), [])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    line = 0.085 / row_height(systems)
    for row, version in enumerate(versions):
        if row % 2 == 0:
            axes.axhspan(row - 0.5, row + 0.5, facecolor=BAND, edgecolor="none", zorder=0)
        two = version.name != version.case
        place: dict[str, Any] = {"ha": "right", "va": "center", "transform": axes.get_yaxis_transform()}
        axes.text(-0.025, row - line * two, shown(version.name, 26), **place)
        if two:
            axes.text(-0.025, row + line, version.case, color=QUIET, fontsize=8, **place)
    return np.arange(len(versions))[:, None] + (np.arange(systems) - (systems - 1) / 2) * spacing(systems)


def spacing(systems: int) -> float:
    """Return how far systems lie apart in a row of height 1."""
    return min(0.3, 0.8 / systems)


def points(intervals: Sequence[Interval | None]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (values, distances to both ends) in points; missing ones are NaN."""
    ends = [(each.value, each.low, each.high) if each else (np.nan,) * 3 for each in intervals]
    value, low, high = POINTS * np.asarray(ends, float).reshape(-1, 3).T
    # A bootstrap interval need not hold the estimate.
    return value, np.fmax(0, np.stack([value - low, high - value]))
