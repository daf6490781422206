"""Names in the tables of a terminal: long ones continue on further lines, cut where their parts end."""

from __future__ import annotations

import re

WIDTH = 22  # of a name beside five columns of numbers, on 80 columns
_PART = re.compile(r"[^-_/.@+:,\s]*[-_/.@+:,\s]*")  # a part with the signs behind it


def stacked_name(name: str, width: int = WIDTH, *, indent: str = "") -> str:
    """Return a name on lines of a width, each of which ends with a part of it; a part that is longer is cut.

    Args:
        name: The name.
        width: Letters of a line at most.
        indent: What stands before each line.

    Returns:
        The name for a cell, in which no letter is markup.
    """
    from rich.markup import escape

    lines = [""]
    for part in filter(None, _PART.findall(name)):
        for start in range(0, len(part), width):
            piece = part[start : start + width]
            if len((lines[-1] + piece).rstrip()) > width:
                lines.append("")
            lines[-1] += piece
    return escape("\n".join(indent + line.strip() for line in lines))
