"""Numbers as tables and sentences show them."""

from __future__ import annotations

import math
import re

from charrobust.scoring.intervals import Interval

NONE = "–"
POINTS = 100  # scores are shares; figures and tables show them in points
_SMALLEST_P = 0.001  # smaller p-values are not told apart


def number(value: float | None, digits: int = 1) -> str:
    """Return a number with a real minus sign; a dash for none."""
    if value is None or math.isnan(value):
        return NONE
    # Rounded before its sign is looked at: -0.04 reads "-0.0".
    text = f"{value:.{digits}f}"
    if float(text) == 0:  # what rounds to nothing has no sign
        # "-0.0" becomes "0.0".
        return text.lstrip("-")
    return text.replace("-", "−")


def sentence_start(name: str) -> str:
    """Return a name as a sentence begins with it: ``Macro F1``, but ``nDCG@10`` as it is."""
    first_word = name.partition(" ")[0]
    if not first_word.islower():
        return name
    return name[:1].upper() + name[1:]


def points(value: float | None) -> str:
    """Return a share in points, such as ``86.0``."""
    if value is None:
        return NONE
    return number(POINTS * value)


def ends(interval: Interval, digits: int = 1, factor: float = POINTS) -> str:
    """Return an interval's ends, such as ``84.1 to 87.9``."""
    if math.isnan(interval.low) or math.isnan(interval.high):
        return "no interval"
    return f"{number(factor * interval.low, digits)} to {number(factor * interval.high, digits)}"


def negated(interval: Interval | None) -> Interval | None:
    """Return what was lost as a change, which has the other sign; None for none."""
    if interval is None:
        return None
    return Interval(-interval.value, -interval.high, -interval.low)


def signed(value: float | None) -> str:
    """Return a change in points with its sign, such as ``−19.2`` or ``+0.5``; a change of nothing has none."""
    text = points(value)
    if value is None or value <= 0 or float(text) == 0:
        return text
    return f"+{text}"


def percent(value: float | None) -> str:
    """Return a share in per cent, such as ``34 %``."""
    if value is None or math.isnan(value):
        return NONE
    return f"{number(POINTS * value, 0)} %"


def p_value(p: float) -> str:
    """Return a p-value, such as ``0.012`` or ``< 0.001``."""
    if p < _SMALLEST_P:
        return f"< {_SMALLEST_P}"
    return number(p, 3)


def counted(number: int, noun: str) -> str:
    """Return a number with what it counts: ``1 edit``, ``2 edits``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun}s"


def listed(names: list[str]) -> str:
    """Return names as a sentence lists them: ``a``, ``a and b``, ``a, b and c``."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def in_options(note: str) -> str:
    """Return a note that names an option where it named a field in backticks, as all of a page does."""
    return re.sub(r"`(\w+)`", lambda named: f"--{named[1].replace('_', '-')}", note)
