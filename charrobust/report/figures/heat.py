"""How far each word of a sentence moves in each layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from charrobust.report.figures.layers import MOVED
from charrobust.report.selection import WordMap
from charrobust.report.style import INK, QUIET, WIDTH, shown

_CELL = 0.34  # inches


def heat_figure(maps: Sequence[WordMap], highest: float) -> Figure:
    """Draw a panel for each model and channel: a column for each word, a row for each layer.

    Args:
        maps: Maps of one sentence.
        highest: The value of the darkest colour.
    """
    words = max(len(each.found.clean) for each in maps)
    layers = sum(len(each.found.layers) + 2 for each in maps)
    width = max(WIDTH, _CELL * words + 1.6)
    figure = Figure((width, 0.22 * layers + 1.4), layout="constrained")
    ratios = [len(each.found.layers) for each in maps]
    panels = figure.subplots(len(maps), squeeze=False, sharex=True, height_ratios=ratios)[:, 0]
    for axes, each in zip(panels, maps, strict=True):
        image = axes.pcolormesh(np.array(each.found.values), cmap="Blues", vmin=0, vmax=highest, edgecolors="face")
        axes.set_title(shown(each.title, 60))
        axes.set_yticks(np.arange(len(each.found.layers)) + 0.5, each.found.layers)
        axes.set_ylabel("layer")
        axes.tick_params(length=0)
    figure.colorbar(image, ax=list(panels), label=MOVED, shrink=0.8)
    _name_words(panels[-1], maps[-1])
    return figure


def _name_words(axes: Axes, each: WordMap) -> None:
    """Name the words below the map: noised ones as they were read, in bold."""
    pairs = list(zip(each.found.noised, each.found.operators, strict=True))
    axes.set_xticks(np.arange(len(pairs)) + 0.5, [shown(word, 18) for word, _ in pairs])
    axes.tick_params(axis="x", rotation=60)
    for label, (_, operator) in zip(axes.get_xticklabels(), pairs, strict=True):
        label.set(ha="right", rotation_mode="anchor", color=INK if operator else QUIET)
        label.set_fontweight("bold" if operator else "normal")
