"""How far each word of a sentence moves in each layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from charrobust.report.figures.layers import DISPLACEMENT
from charrobust.report.selection import WordMap
from charrobust.report.style import INK, QUIET, WIDTH, shortened

_CELL = 0.34  # inches


def heat_figure(maps: Sequence[WordMap], highest: float) -> Figure:
    """Draw a panel for each model and channel: a column for each word, a row for each layer.

    Args:
        maps: Maps of one sentence.
        highest: The value of the darkest colour.

    Returns:
        The figure.
    """
    layers = [len(word_map.sentence_map.layers) for word_map in maps]
    words = max(len(word_map.sentence_map.clean) for word_map in maps)
    # Inches: a column a word beside the colour bar, a row a layer, and two rows' room for the title of each panel.
    width = max(WIDTH, _CELL * words + 1.6)
    height = 0.22 * (sum(layers) + 2 * len(maps)) + 1.4
    figure = Figure((width, height), layout="constrained")
    # Heights by numbers of layers: rows of all panels are of one height.
    panels = figure.subplots(len(maps), squeeze=False, sharex=True, height_ratios=layers)[:, 0]
    for axes, word_map in zip(panels, maps, strict=True):
        image = _panel(axes, word_map, highest)
    # One colour bar for all panels: they share a scale, so that any of their images will do.
    figure.colorbar(image, ax=list(panels), label=DISPLACEMENT, shrink=0.8)
    _name_words(panels[-1], maps[-1])
    return figure


def _panel(axes: Axes, word_map: WordMap, highest: float) -> Any:
    """Draw the map of one model and channel; return what the colour bar belongs to."""
    sentence_map = word_map.sentence_map
    axes.set_title(shortened(word_map.title, 60))
    # A cell spans from one whole number to the next: its middle is where its label belongs.
    axes.set_yticks(np.arange(len(sentence_map.layers)) + 0.5, list(map(str, sentence_map.layers)))
    axes.set_ylabel("layer")
    axes.tick_params(length=0)
    # Edges in the colour of their face: some viewers of SVG show white lines between cells without them.
    return axes.pcolormesh(np.array(sentence_map.values), cmap="Blues", vmin=0, vmax=highest, edgecolors="face")


def _name_words(axes: Axes, word_map: WordMap) -> None:
    """Name the words below the map: noised ones as they were read, in bold."""
    sentence_map = word_map.sentence_map
    names = [shortened(word, 18) for word in sentence_map.noised]
    axes.set_xticks(np.arange(len(names)) + 0.5, names)
    axes.tick_params(axis="x", rotation=60)
    for label, operator in zip(axes.get_xticklabels(), sentence_map.operators, strict=True):
        # Slanted labels end below their column; by default their middle would stand there.
        label.set(ha="right", rotation_mode="anchor", color=QUIET)
        if operator is not None:
            label.set(color=INK, fontweight="bold")
