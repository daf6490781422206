"""How figures look: colours that colour-blind readers can tell apart, and a marker, a line and a hatch beside each."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from charrobust.packages import is_installed
from charrobust.report.names import system_title
from charrobust.visible import visible

# Light and dark backgrounds take different shades; the page swaps one for the other (see page.css).
SHADES = (
    ("#0b6bb0", "#62b5ee"),
    ("#c04d0a", "#f59a62"),
    ("#007f5f", "#46c9a0"),
    ("#96488a", "#e3a1d3"),
    ("#7d6400", "#e2c04e"),
    ("#3d5a80", "#a9c1e6"),
    ("#8c2f39", "#f08d97"),
)
INK, QUIET, RULE, BAND, PAPER = "#1c1e22", "#5d636d", "#d5d8dd", "#f4f5f7", "#ffffff"
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
_HATCHES = ("", "///", "..", "xx", "\\\\\\", "++", "--")
_SETTINGS: Any = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.5,
    "text.parse_math": False,  # a dollar sign in a text is one, and begins no formula
    "text.color": INK,
    "axes.edgecolor": RULE,
    "axes.facecolor": "none",
    "axes.labelcolor": QUIET,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.axisbelow": True,
    "figure.facecolor": PAPER,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.7,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "lines.markersize": 5.5,
    "savefig.facecolor": PAPER,
    "svg.hashsalt": "charrobust",  # in place of random identifiers: equal figures are equal files
    "xtick.color": RULE,
    "xtick.labelcolor": QUIET,
    "ytick.color": RULE,
    "ytick.labelcolor": INK,
}
WIDTH = 4.8


@dataclass(frozen=True)
class Series:
    """How one system is drawn.

    Attributes:
        name: Its name.
        label: The name as figures show it.
        colour: Its colour.
        marker: Its marker.
        line: Its line style.
        hatch: Its hatch.
    """

    name: str
    label: str
    colour: str
    marker: str
    line: Any
    hatch: str


def series(names: Sequence[str]) -> list[Series]:
    """Return how each of some systems is drawn."""
    return [_series(number, name) for number, name in enumerate(names)]


def shortened(text: str, length: int = 30) -> str:
    """Return a text as figures can show it: on one line, control characters as escapes, cut in its middle if long."""
    line = " ".join(visible(text).split())
    if len(line) <= length:
        return line
    # The end is kept too: names of files and models often differ there alone.
    return f"{line[: length - length // 3 - 1]}…{line[-(length // 3) :]}"


def can_draw() -> bool:
    """Tell whether figures can be drawn; a page can do without."""
    return is_installed("matplotlib")


@contextmanager
def drawing() -> Iterator[None]:
    """Draw in this package's style; letters that the font lacks are shown as boxes, without a warning."""
    import matplotlib

    with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def _series(number: int, name: str) -> Series:
    colour = number % len(SHADES)
    # From the eighth system on, colours come again with other markers, lines and hatches.
    look = (number + number // len(SHADES)) % len(SHADES)
    return Series(
        name=name,
        label=shortened(system_title(name), 58),
        colour=SHADES[colour][0],
        marker=_MARKERS[look],
        line=_LINES[look],
        hatch=_HATCHES[look],
    )
