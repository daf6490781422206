"""Scores on words that a system's tokenizer splits, and on those that it leaves whole."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from charrobust.report.figures.axes import canvas, points, row_height, rows
from charrobust.report.selection import GROUPS, split_scores, split_versions, system_names
from charrobust.report.style import PAPER, Series, series, shown
from charrobust.scoring.evaluation.results import Results


def splits_figure(results: Results) -> Figure:
    """Draw a panel for each system, a row for each version, and in it a point for each kind of words."""
    measured = {system for system, _, _ in split_scores(results)}
    systems = [system for system in series(system_names(results)) if system.name in measured]
    height = 0.35 + len(split_versions(results)) * row_height(len(GROUPS))
    figure = canvas(0.4 + len(systems) * height, 1)
    panels = figure.subplots(len(systems), squeeze=False, sharex=True)[:, 0]
    for axes, system in zip(panels, systems, strict=True):
        _panel(axes, system, results)
        axes.set_title(system.label)
    panels[-1].set_xlabel(f"{shown(results.metrics[0], 24)} × 100, {results.confidence:.0%} interval")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper left", ncols=2, borderpad=0.1)
    return figure


def _panel(axes: Axes, system: Series, results: Results) -> None:
    """Draw the points of a system."""
    drawn, found = split_versions(results), split_scores(results)
    heights = rows(axes, drawn, len(GROUPS))
    for place, group in enumerate(GROUPS):
        scores = [found.get((system.name, version.name, group)) for version in drawn]
        value, ends = points([score.value if score else None for score in scores])
        fill = system.colour if group == "whole" else PAPER
        look: dict[str, Any] = {
            "fmt": system.marker,
            "color": system.colour,
            "elinewidth": 1.4,
            "markerfacecolor": fill,
        }
        axes.errorbar(value, heights[:, place], xerr=ends, label=f"{group} words", **look)
