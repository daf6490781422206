"""The figures of results and of sensitivity, and writing them to files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from charrobust.files import made, replacing
from charrobust.report.figures.heat import heat_figure
from charrobust.report.figures.layers import layers_figure
from charrobust.report.figures.operators import operators_figure
from charrobust.report.figures.scores import scores_figure
from charrobust.report.figures.searches import search_figure
from charrobust.report.figures.severity import severity_figure
from charrobust.report.figures.splits import splits_figure
from charrobust.report.selection import (
    Curve,
    highest,
    operator_versions,
    searched_attacks,
    severity_curves,
    split_versions,
    word_maps,
)
from charrobust.report.style import drawing, shortened
from charrobust.report.wording import sentence_start
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.sensitivity.results import Sensitivity

# For each suffix the metadata to leave out: dates and versions of programs would make equal figures differ as files.
_SUFFIXES: dict[str, dict[str, None]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
_NOT_IN_FILES = re.compile(r"[^A-Za-z0-9@.-]+")


@dataclass(frozen=True)
class Plot:
    """A figure with what it shows.

    Attributes:
        name: Its file's name, without suffix.
        title: What it shows, in a few words.
        text: How to read it.
        figure: The figure.
    """

    name: str
    title: str
    text: str
    figure: Figure


def result_plots(results: Results) -> Iterator[Plot]:
    """Draw the figures that results have data for; to be used within :func:`.style.drawing`."""
    name = results.metrics[0]
    metric = sentence_start(name)
    yield Plot(
        name="scores",
        title=f"{metric} on clean and on attacked text",
        text="Further to the right is better. Lines are intervals.",
        figure=scores_figure(results),
    )
    for curve, file in zip(curves := severity_curves(results), curve_files(curves), strict=True):
        yield Plot(
            name=file,
            title=f"{metric} as {curve.title} grows",
            text="0 is clean text. The flatter a line, the less a model minds.",
            figure=severity_figure(results, curve),
        )
    if operator_versions(results):
        yield Plot(
            name="operators",
            title=f"What each operator alone does to {name}",
            text="Minus is a loss: shorter bars are better. Lines are intervals.",
            figure=operators_figure(results),
        )
    if searched_attacks(results, "edits"):
        yield Plot(
            name="search-edits",
            title="Records left right as a search edits more",
            text="Worst case: what a search found. No edits are clean text. The flatter a line, the better.",
            figure=search_figure(results, over="edits"),
        )
    if searched_attacks(results, "queries"):
        yield Plot(
            name="search-queries",
            title="Records left right as a search asks more",
            text="Worst case: what a search found. A line that still falls at its end has not found all.",
            figure=search_figure(results, over="queries"),
        )
    if split_versions(results):
        yield Plot(
            name="splits",
            title=f"{metric} by what the tokenizer does to words",
            text="Filled: words that the tokenizer leaves whole. Hollow: words that it splits.",
            figure=splits_figure(results),
        )


def curve_files(curves: Sequence[Curve]) -> list[str]:
    """Return the names of the files of curves, in their order.

    Args:
        curves: The curves.

    Returns:
        The names, without suffix; the first is ``severity``.
    """
    names = ["severity"]
    for curve in curves[1:]:
        wanted = f"severity-{_NOT_IN_FILES.sub('-', curve.title.removeprefix('attack '))}"
        # Names may differ in letters that no file should have.
        names.append(f"{wanted}-{len(names)}" if wanted in names else wanted)
    return names[: len(curves)]


def layer_plot(sensitivity: Sensitivity) -> Plot:
    """Draw the layer curves; to be used within :func:`.style.drawing`."""
    return Plot(
        name="layers",
        title="How far words move inside, layer by layer",
        text=f"Noise: {sensitivity.attack}. Solid: noised words. Dashed: their untouched neighbours. 0: nothing moves.",
        figure=layers_figure(sensitivity),
    )


def heat_plots(sensitivity: Sensitivity) -> Iterator[Plot]:
    """Draw a heat map for each sentence; to be used within :func:`.style.drawing`."""
    by_sentence = word_maps(sensitivity)
    top = highest(by_sentence)  # one scale for all of them, so that colours can be compared
    for maps in by_sentence:
        number = maps[0].sentence_map.sentence
        yield Plot(
            name=f"heat-map-{number}",
            title=f"Sentence {number}, word by word",
            text="Noised words are bold.",
            figure=heat_figure(maps, top),
        )


def write_plots(results: Results, folder: str | Path, sensitivity: Sensitivity | None = None) -> list[Path]:
    """Write every figure that there is data for, as PNG, SVG and PDF, each with its title.

    Args:
        results: What an evaluation found.
        folder: Where to write; made if there is none.
        sensitivity: What noise does inside the models, if it was measured.

    Returns:
        The files.

    Raises:
        UserError: A file cannot be written.
    """
    with drawing():
        files = _write(result_plots(results), Path(folder), ("scores", "severity*", "operators", "search-*", "splits"))
    if sensitivity:
        files += plot_sensitivity(sensitivity, folder)
    return files


def plot_sensitivity(sensitivity: Sensitivity, folder: str | Path) -> list[Path]:
    """Write layer curves and heat maps, as PNG, SVG and PDF, each with its title.

    Args:
        sensitivity: What noise does inside the models.
        folder: Where to write; made if there is none.

    Returns:
        The files.

    Raises:
        UserError: A file cannot be written.
    """
    with drawing():
        return _write([layer_plot(sensitivity), *heat_plots(sensitivity)], Path(folder), ("layers", "heat-map-*"))


def _write(plots: Iterable[Plot], folder: Path, patterns: Sequence[str]) -> list[Path]:
    """Write figures as files of every suffix.

    Args:
        plots: The figures.
        folder: Where to write; made if there is none.
        patterns: Names of files without suffix; those that an earlier run left go first, so that no figure stays of
            data that are no longer there.

    Returns:
        The files.

    Raises:
        UserError: The folder cannot be made.
    """
    with made(folder):
        return _written(plots, folder, patterns)


def _written(plots: Iterable[Plot], folder: Path, patterns: Sequence[str]) -> list[Path]:
    """Write figures to a folder that is there; return the files."""
    for pattern, suffix in product(patterns, _SUFFIXES):
        for old_file in folder.glob(f"{pattern}{suffix}"):
            old_file.unlink()
    files = []
    for plot in plots:
        # The page has titles beside its figures; files stand alone.
        _give_title(plot.figure, shortened(plot.title, 64))
        for suffix, metadata in _SUFFIXES.items():
            path = folder / f"{plot.name}{suffix}"
            with replacing(path) as temporary:
                plot.figure.savefig(temporary, format=suffix[1:], dpi=200, metadata=metadata)
            files.append(path)
    return files


def _give_title(figure: Figure, title: str) -> None:
    """Write a title above a figure: above its legend where it has one, as the layout keeps no room for both."""
    if not figure.legends:
        figure.suptitle(title, x=0.01, ha="left", fontsize=10, fontweight="bold")
        return
    legend = figure.legends[0]
    legend.set_title(title, prop=FontProperties(size=10, weight="bold"))
    legend.set_alignment("left")
