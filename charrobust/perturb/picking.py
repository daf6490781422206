"""Random numbers of operators that rewrite words one at a time.

Of all methods of a generator, Python promises for ``random`` alone that it gives the same numbers in later versions;
``choice``, for one, has changed before.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def generator(bits: int) -> Random:
    """Return a generator that begins with some bits."""
    return Random(bits)  # noqa: S311 - no secrets hang on it


def pick(choices: Sequence[T], random: Random) -> T:
    """Return one of some choices, each as likely as the others.

    Args:
        choices: What to pick from; at least one.
        random: The generator.

    Returns:
        The choice.
    """
    return choices[int(random.random() * len(choices))]
