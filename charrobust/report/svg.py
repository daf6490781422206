"""Figures as SVG inside a page: its fonts, its colours in light and dark, a title and a description."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from xml.etree import ElementTree

import matplotlib
from markupsafe import Markup

from charrobust.report.plots import Plot
from charrobust.report.style import BAND, INK, PAPER, QUIET, RULE, SHADES
from charrobust.visible import visible

_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_LINK = "{http://www.w3.org/1999/xlink}href"
# Attributes that the page decides on: fonts by its own style sheet, and the size of the whole by its layout.
_LEFT_TO_PAGE = ("id", "font-family", "font", "width", "height")
_SIZED = ("pattern", "rect")  # but hatches and boxes have a size of their own
_VARIABLES = {
    INK: "var(--ink)",
    QUIET: "var(--quiet)",
    RULE: "var(--rule)",
    BAND: "var(--band)",
    PAPER: "var(--paper)",
}
_VARIABLES |= {light: f"var(--series-{number})" for number, (light, _) in enumerate(SHADES)}


def inline(plot: Plot) -> Markup:
    """Return a figure as an ``<svg>`` element for an HTML page; to be used within :func:`.style.drawing`.

    Style attributes become plain ones, so that the page can forbid inline styles; colours become the page's
    variables; numbers are rounded; identifiers that nothing refers to are left out, the others made the figure's own.
    """
    root = _drawn(plot)
    _drop_unneeded(root)
    # Before anything is renamed: references are looked for by the identifiers of matplotlib.
    used = set(_references(root))
    for element in root.iter():
        _clean(element, plot.name, used)
    _describe(root, plot)
    text = ElementTree.tostring(root, encoding="unicode")
    return Markup(text)  # noqa: S704  # serialised from a tree: all text in it is escaped


def _drawn(plot: Plot) -> ElementTree.Element:
    """Return the figure as matplotlib writes it, with text as text."""
    buffer = io.StringIO()
    # Text that stays text can be read aloud, searched and copied, takes less room, and follows the page's font.
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        plot.figure.savefig(buffer, format="svg", transparent=True)
    return ElementTree.fromstring(buffer.getvalue())  # noqa: S314  # matplotlib wrote it, a moment ago


def _drop_unneeded(root: ElementTree.Element) -> None:
    """Remove metadata, and style sheets, which would hold for the whole page."""
    for parent in list(root.iter()):  # lists, since elements go while they are looked through
        for child in list(parent):
            if _local(child.tag) in ("metadata", "style"):
                parent.remove(child)


def _local(name: str) -> str:
    """Return a tag's or an attribute's name without its namespace."""
    return name.rpartition("}")[2]


def _references(root: ElementTree.Element) -> Iterator[str]:
    """Go through the identifiers that something refers to."""
    for element in root.iter():
        for key, value in element.items():
            if key == _LINK:
                yield value.removeprefix("#")
            yield from re.findall(r"url\(#([^)]+)\)", value)


def _clean(element: ElementTree.Element, name: str, used: set[str]) -> None:
    """Rewrite the attributes of an element.

    Args:
        element: The element.
        name: Name of the figure, which its identifiers begin with: all figures of a page share one space of them.
        used: The identifiers that something refers to.
    """
    # An HTML parser knows elements by their bare names; with a prefix they would be nothing to it.
    element.tag = _local(element.tag)
    attributes = dict(element.items())
    element.attrib.clear()
    # Joined with `|=`, a declaration wins over a plain attribute of its name, as it does in a browser.
    attributes |= dict(_declarations(attributes.pop("style", "")))
    for key, value in attributes.items():
        if key == "id" and value in used:
            element.set("id", f"{name}-{value}")
        elif key == _LINK:
            # SVG 2 has a plain href, which needs no namespace declared.
            element.set("href", f"#{name}-{value[1:]}")
        elif key not in _LEFT_TO_PAGE or element.tag in _SIZED:
            element.set(_local(key), _value(value, name))


def _declarations(style: str) -> Iterator[tuple[str, str]]:
    """Go through the declarations of a style attribute."""
    for declaration in style.split(";"):
        key, _, value = declaration.partition(":")
        if value:
            yield key.strip(), value.strip()


def _value(value: str, name: str) -> str:
    """Return an attribute's value with the page's colours, rounded, with the figure's own identifiers."""
    value = _VARIABLES.get(value.lower(), value)
    value = value.replace("url(#", f"url(#{name}-")
    # Hundredths of a point cannot be seen; further digits would only make the page larger.
    return _NUMBER.sub(lambda number: f"{float(number[0]):.2f}", value)


def _describe(root: ElementTree.Element, plot: Plot) -> None:
    """Say what the figure shows, for those who cannot see it."""
    root.set("role", "img")
    root.set("aria-labelledby", f"{plot.name}-title {plot.name}-text")
    title = ElementTree.Element("title", {"id": f"{plot.name}-title"})
    title.text = visible(plot.title)
    description = ElementTree.Element("desc", {"id": f"{plot.name}-text"})
    description.text = visible(plot.text)
    root[:0] = [title, description]  # a title names its parent only as the first child
