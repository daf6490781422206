"""The figures of results and of sensitivity, and writing them to files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from charrobust.datasets.formats.base import replacing
from charrobust.errors import UserError
from charrobust.report.figures.heat import heat_figure
from charrobust.report.figures.layers import layers_figure
from charrobust.report.figures.operators import operators_figure
from charrobust.report.figures.scores import scores_figure
from charrobust.report.figures.severity import severity_figure
from charrobust.report.figures.splits import splits_figure
from charrobust.report.selection import highest, operator_versions, severity_curves, split_versions, word_maps
from charrobust.report.style import drawing
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.sensitivity.results import Sensitivity

# for each kind of file, what would make it differ from run to run
_SUFFIXES = {".png": {"Software": None}, ".svg": {"Date": None, "Creator": None}}


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
    metric = results.metrics[0][:1].upper() + results.metrics[0][1:]
    yield Plot(
        "scores",
        f"{metric} on each version of the data",
        "Further to the right is better. Lines are intervals.",
        scores_figure(results),
    )
    if severity_curves(results):
        yield Plot(
            "severity",
            f"{metric} as the attack grows",
            "Severity 0 is clean text. The flatter a line, the less a model minds.",
            severity_figure(results),
        )
    if operator_versions(results):
        yield Plot(
            "operators",
            f"{metric} lost to each operator alone",
            "Shorter bars are better. Lines are intervals.",
            operators_figure(results),
        )
    if split_versions(results):
        yield Plot(
            "splits",
            f"{metric} by what the tokenizer does to words",
            "Filled: words that the tokenizer leaves whole. Hollow: words that it splits.",
            splits_figure(results),
        )


def layer_plot(sensitivity: Sensitivity) -> Plot:
    """Draw the layer curves; to be used within :func:`.style.drawing`."""
    return Plot(
        "layers",
        "How far words move inside, layer by layer",
        f"Noise: {sensitivity.attack}. Solid: noised words. Dashed: their untouched neighbours. 0: nothing moves.",
        layers_figure(sensitivity),
    )


def heat_plots(sensitivity: Sensitivity) -> Iterator[Plot]:
    """Draw a heat map for each sentence; to be used within :func:`.style.drawing`."""
    found = word_maps(sensitivity)
    for maps in found:
        number = maps[0].found.sentence
        figure = heat_figure(maps, highest(found))
        yield Plot(f"heat-map-{number}", f"Sentence {number}, word by word", "Noised words are bold.", figure)


def write_plots(results: Results, folder: Path, sensitivity: Sensitivity | None = None) -> list[Path]:
    """Write every figure that there is data for, as PNG and SVG.

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
        files = _write(result_plots(results), folder, "scores", "severity", "operators", "splits")
    return files + (plot_sensitivity(sensitivity, folder) if sensitivity else [])


def plot_sensitivity(sensitivity: Sensitivity, folder: Path) -> list[Path]:
    """Write layer curves and heat maps, as PNG and SVG.

    Args:
        sensitivity: What noise does inside the models.
        folder: Where to write; made if there is none.

    Returns:
        The files.

    Raises:
        UserError: A file cannot be written.
    """
    with drawing():
        return _write([layer_plot(sensitivity), *heat_plots(sensitivity)], folder, "layers", "heat-map-*")


def _write(plots: Iterable[Plot], folder: Path, *names: str) -> list[Path]:
    """Write figures; those of these names that an earlier run left go."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write {folder}: {error.strerror}; give a folder that can be written") from error
    for old in (path for name in names for suffix in _SUFFIXES for path in folder.glob(f"{name}{suffix}")):
        old.unlink()
    files = []
    for plot in plots:
        for suffix, metadata in _SUFFIXES.items():
            path = folder / f"{plot.name}{suffix}"
            with replacing(path) as temporary:
                plot.figure.savefig(temporary, format=suffix[1:], dpi=200, metadata=metadata)
            files.append(path)
    return files
