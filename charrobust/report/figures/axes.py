"""Pieces that several figures share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from charrobust.report.selection import VersionLabel
from charrobust.report.style import BAND, QUIET, WIDTH, Series, shortened
from charrobust.report.wording import POINTS
from charrobust.scoring.intervals import Interval

_LEGEND_LINE = 0.2  # inches a line of the legend takes
_HALF_LINE = 0.085  # inches by which both lines of a title lie above and below the middle of a row


def canvas(height: float, legend_lines: int = 0, *, width: float = WIDTH) -> Figure:
    """Return an empty figure.

    Args:
        height: Inches of what is drawn.
        legend_lines: Lines of the legend above it.
        width: Inches.

    Returns:
        The figure, without axes.
    """
    return Figure((width, height + _LEGEND_LINE * legend_lines), layout="constrained")


def legend(figure: Figure, systems: Sequence[Series], handles: Sequence[Any]) -> None:
    """Name the systems above the figure, one a line; a single one needs no legend."""
    if len(systems) > 1:
        figure.legend(handles, [system.label for system in systems], loc="outside upper left", borderpad=0.1)


def legend_lines(systems: Sequence[Series]) -> int:
    """Return how many lines :func:`legend` writes."""
    if len(systems) == 1:
        return 0
    return len(systems)


def row_height(systems: int) -> float:
    """Return how many inches a row takes that some systems share."""
    # Two lines of text need 0.4 inches whatever stands beside them.
    return max(0.4, 0.14 + 0.14 * systems)


def rows(axes: Axes, versions: Sequence[VersionLabel], systems: int) -> NDArray[np.floating]:
    """Lay out horizontal rows on bands, the first on top, with the title of a version at the left.

    Args:
        axes: Where.
        versions: The version of each row.
        systems: Number of systems that share a row.

    Returns:
        The heights at which each system is drawn, shape (rows, systems).
    """
    axes.set_ylim(len(versions) - 0.5, -0.5)  # downwards: row 0 is the first that is read
    axes.set_yticks(range(len(versions)), [])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    for row, version in enumerate(versions):
        if row % 2 == 0:
            axes.axhspan(row - 0.5, row + 0.5, facecolor=BAND, edgecolor="none", zorder=0)
        # Inches as a part of the row's height, which is 1 on this axis.
        _name_row(axes, row, version, offset=_HALF_LINE / row_height(systems))
    # Systems are spread evenly about the middle of their row.
    offsets = (np.arange(systems) - (systems - 1) / 2) * spacing(systems)
    return np.arange(len(versions))[:, None] + offsets


def _name_row(axes: Axes, row: int, version: VersionLabel, *, offset: float) -> None:
    """Write beside a row which version it is, and below that how much of it, and how edits were found."""
    # This transform takes heights in rows, and positions to the side in parts of the drawing's width: text to the left
    # of it keeps its distance whatever the scores are.
    place: dict[str, Any] = {"ha": "right", "va": "center", "transform": axes.get_yaxis_transform()}
    below = ": ".join(filter(None, (version.mark, version.rest)))
    name = shortened(version.main, 30)
    if not below:
        axes.text(-0.025, row, name, **place)
        return
    axes.text(-0.025, row - offset, name, **place)
    axes.text(-0.025, row + offset, shortened(below, 40), color=QUIET, fontsize=8, **place)


def spacing(systems: int) -> float:
    """Return how far systems lie apart in a row of height 1."""
    # All systems of a row take 0.8 of it at most, so that rows stay apart; a few stand no further apart than 0.3.
    return min(0.3, 0.8 / systems)


def error_bars(
    intervals: Sequence[Interval | None], *, factor: float = POINTS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return values with their distances to both ends, as matplotlib takes error bars; missing ones are NaN.

    Args:
        intervals: The intervals.
        factor: What they are multiplied by; shares become points without it.

    Returns:
        Values, shape (intervals,), and distances, shape (2, intervals).
    """
    # NaN values are not drawn, but keep the place of their row.
    ends = np.full((len(intervals), 3), np.nan)
    for row, interval in enumerate(intervals):
        if interval is not None:
            ends[row] = interval.value, interval.low, interval.high
    value, low, high = factor * ends.T
    # A bootstrap interval need not hold the estimate, and matplotlib refuses negative lengths.
    # `fmax` also turns distances of NaN into 0.
    return value, np.fmax(0, np.stack([value - low, high - value]))
