"""Grapheme clusters: what a reader takes for one letter, however many code points it is made of (UAX 29)."""

from __future__ import annotations

import unicodedata
from itertools import accumulate

import regex

_EXTENDING = r"[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]"
# \X is a cluster. In a row of flags the library looks at all code points before each, which takes the square of the
# row's length: the two of a flag without marks are taken first, as a cluster that it would find, too.
_CLUSTER = regex.compile(rf"\p{{GCB=Regional_Indicator}}{{2}}(?!{_EXTENDING})|\X")


def clusters(text: str) -> list[str]:
    """Return the grapheme clusters of a text, which joined are the text."""
    found: list[str] = _CLUSTER.findall(text)
    return found


def cluster_borders(text: str) -> list[int]:
    """Return where the clusters of a text begin, and behind them where the last one ends."""
    return [0, *accumulate(map(len, clusters(text)))]


def stays_apart(before: str, text: str, after: str) -> bool:
    """Tell whether a text between two others joins neither of them, and they not each other where it is empty.

    A border of clusters depends on the two clusters beside it alone, so that these are enough to tell.

    Args:
        before: What stands before the text: one or more whole clusters.
        text: The text.
        after: What stands behind it: one or more whole clusters.

    Returns:
        Whether its start and its end are borders of clusters.
    """
    borders = cluster_borders(before + text + after)
    return len(before) in borders and len(before) + len(text) in borders


def is_composed(text: str) -> bool:
    """Tell whether a text is in Unicode's normal form C."""
    return unicodedata.is_normalized("NFC", text)


def composed(text: str) -> str:
    """Return a text in Unicode's normal form C."""
    return unicodedata.normalize("NFC", text)
