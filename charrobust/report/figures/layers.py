"""How far words move inside models, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from charrobust.report.figures.axes import canvas, legend, legend_lines
from charrobust.report.style import PAPER, QUIET, Series, series
from charrobust.scoring.intervals import Interval
from charrobust.scoring.sensitivity.results import ModelSensitivity, Sensitivity

MOVED = "(1 − cosine) / 2"
_KINDS: Any = (("noised words", "-", QUIET), ("untouched words", "--", PAPER))


def layers_figure(sensitivity: Sensitivity) -> Figure:
    """Draw a panel for each channel and in it two lines for each model: noised words, and untouched ones."""
    models = sensitivity.models
    systems = series([model.model for model in models])
    channels = list(dict.fromkeys(channel for model in models for channel in model.channels))
    figure = canvas(2.6 * len(channels) + 0.3, legend_lines(systems))
    panels = figure.subplots(len(channels), squeeze=False, sharex=True)[:, 0]
    handles: list[Any] = []
    for axes, channel in zip(panels, channels, strict=True):
        drawn = [_lines(axes, model, channel, system) for model, system in zip(models, systems, strict=True)]
        handles = handles or drawn
        axes.set_title(f"{channel} channel")
        axes.set_ylabel(MOVED)
        axes.set_ylim(bottom=0)
        axes.grid(axis="y")
    panels[0].legend(handles=_key(), loc="best")
    panels[-1].set_xlabel(f"layer, {sensitivity.confidence:.0%} interval")
    panels[-1].xaxis.get_major_locator().set_params(integer=True)
    legend(figure, systems, handles)
    return figure


def _lines(axes: Axes, model: ModelSensitivity, channel: str, system: Series) -> Any:
    """Draw both lines of a model; one without the channel has none, but a place in the legend."""
    layers = [layer for layer in model.layers if layer.channel == channel]
    numbers = [layer.layer for layer in layers]
    look = {"color": system.colour, "marker": system.marker, "elinewidth": 1.1}
    _line(axes, numbers, [layer.untouched for layer in layers], **look, linestyle="--", markerfacecolor=PAPER)
    return _line(axes, numbers, [layer.noised for layer in layers], **look, linestyle="-")


def _line(axes: Axes, numbers: Sequence[int], intervals: Sequence[Interval | None], **look: Any) -> Any:
    ends = [(each.value, each.low, each.high) if each else (np.nan,) * 3 for each in intervals]
    value, low, high = np.asarray(ends, float).reshape(-1, 3).T
    return axes.errorbar(numbers, value, yerr=np.fmax(0, np.stack([value - low, high - value])), **look)


def _key() -> list[Line2D]:
    """Return what tells noised words from untouched ones."""
    return [
        Line2D([], [], color=QUIET, linestyle=line, marker="o", markerfacecolor=fill, label=label)
        for label, line, fill in _KINDS
    ]
