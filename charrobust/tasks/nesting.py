"""Values that are nested too deep: code that follows them would exhaust the stack."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

# Far more than any data set has, and far fewer than Python can follow, whoever calls.
MOST_LEVELS = 100


def is_too_deep(value: object, text: str) -> bool:
    """Tell whether a value is nested in more levels than can be followed.

    Args:
        value: The value.
        text: What it was read from: where that has few brackets, the value need not be looked at.

    Returns:
        Whether it is.
    """
    if sum(map(text.count, "[{(")) <= MOST_LEVELS:
        return False
    # Level by level, not by a function that calls itself: that would end as the code that is to be spared does.
    level = [value]
    for _ in range(MOST_LEVELS):
        level = list(chain.from_iterable(map(_inner, level)))
        if not level:
            return False
    return True


def _inner(value: object) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list | tuple) else ()
