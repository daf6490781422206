"""How far words move inside models, layer by layer."""

from __future__ import annotations

from itertools import chain
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from charrobust.report.figures.axes import canvas, error_bars, legend, legend_lines
from charrobust.report.style import PAPER, QUIET, Series, series
from charrobust.scoring.intervals import interval_name
from charrobust.scoring.sensitivity.results import ModelSensitivity, Sensitivity

DISPLACEMENT = "(1 − cosine) / 2"
_KEYS: Any = (("noised words", "-", QUIET), ("untouched words", "--", PAPER))  # label, line, what fills its markers


def layers_figure(sensitivity: Sensitivity) -> Figure:
    """Draw a panel for each channel and in it two lines for each model: noised words, and untouched ones."""
    models = sensitivity.models
    systems = series([model.model for model in models])
    channels = list(dict.fromkeys(chain.from_iterable(model.channels for model in models)))
    figure = canvas(2.6 * len(channels) + 0.3, legend_lines(systems))
    # `squeeze=False` keeps two axes, also for one panel; there is one column.
    panels = figure.subplots(len(channels), squeeze=False, sharex=True)[:, 0]
    handles: list[Any] = []
    for axes, channel in zip(panels, channels, strict=True):
        drawn = []
        for model, system in zip(models, systems, strict=True):
            drawn.append(_lines(axes, model, system, channel=channel))
        handles = handles or drawn  # models look alike in all panels: the legend takes the first
        axes.set_title(f"{channel} channel")
        axes.set_ylabel(DISPLACEMENT)
        axes.set_ylim(bottom=0)
        axes.grid(axis="y")
    panels[0].legend(handles=_keys(), loc="best")
    panels[-1].set_xlabel(f"layer, {interval_name(sensitivity.confidence)}")
    panels[-1].xaxis.get_major_locator().set_params(integer=True)
    legend(figure, systems, handles)
    return figure


def _lines(axes: Axes, model: ModelSensitivity, system: Series, *, channel: str) -> Any:
    """Draw both lines of a model; one without the channel has none, but a place in the legend."""
    numbers, noised, untouched = [], [], []
    for layer in model.layers:
        if layer.channel == channel:
            numbers.append(layer.layer)
            noised.append(layer.noised)
            untouched.append(layer.untouched)
    look: dict[str, Any] = {"color": system.colour, "marker": system.marker, "elinewidth": 1.1}
    value, ends = error_bars(untouched, factor=1)
    axes.errorbar(numbers, value, ends, **look, linestyle="--", markerfacecolor=PAPER)
    value, ends = error_bars(noised, factor=1)
    return axes.errorbar(numbers, value, ends, **look, linestyle="-")


def _keys() -> list[Line2D]:
    """Return what tells noised words from untouched ones."""
    look: dict[str, Any] = {"color": QUIET, "marker": "o"}
    keys = []
    for label, line, fill in _KEYS:
        # A line of no points: it is drawn in the legend alone.
        keys.append(Line2D([], [], linestyle=line, markerfacecolor=fill, label=label, **look))
    return keys
