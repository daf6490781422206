"""Scores on words that a system's tokenizer splits, and on those that it leaves whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from charrobust.report.figures.axes import canvas, error_bars, row_height, rows
from charrobust.report.selection import GROUPS, VersionLabel, split_scores, split_versions, system_names
from charrobust.report.style import PAPER, Series, series, shortened
from charrobust.scoring.evaluation.results import Results, SplitScore
from charrobust.scoring.intervals import interval_name


def splits_figure(results: Results) -> Figure:
    """Draw a panel for each system, a row for each version, and in it a point for each kind of words."""
    versions, scores = split_versions(results), split_scores(results)
    measured = {system for system, _, _ in scores}
    # Looks are given out among all systems, so that one keeps its colour from figure to figure.
    systems = [system for system in series(system_names(results)) if system.name in measured]
    height = 0.35 + len(versions) * row_height(len(GROUPS))
    figure = canvas(0.4 + len(systems) * height, 1)
    panels = figure.subplots(len(systems), squeeze=False, sharex=True)[:, 0]
    for axes, system in zip(panels, systems, strict=True):
        _panel(axes, system, versions, scores)
        axes.set_title(system.label)
    panels[-1].set_xlabel(f"{shortened(results.metrics[0], 24)} × 100, {interval_name(results.confidence)}")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper left", ncols=2, borderpad=0.1)
    return figure


def _panel(
    axes: Axes, system: Series, versions: Sequence[VersionLabel], scores: Mapping[tuple[str, str, str], SplitScore]
) -> None:
    """Draw the points of a system."""
    values = {key: score.value for key, score in scores.items()}
    heights = rows(axes, versions, len(GROUPS))
    fills = {"whole": system.colour, "split": PAPER}
    for column, group in enumerate(GROUPS):
        value, ends = error_bars([values.get((system.name, version.name, group)) for version in versions])
        look: dict[str, Any] = {
            "fmt": system.marker,
            "color": system.colour,
            "elinewidth": 1.4,
            "markerfacecolor": fills[group],
        }
        axes.errorbar(value, heights[:, column], xerr=ends, label=f"{group} words", **look)
