"""Tables of glyphs that optical character recognition takes for others.

A table (``attacks/glyphs/*.txt``) holds one confusion a line: what is printed, a blank, and what is read instead::

    rn m
    cl d
"""

from __future__ import annotations

import functools

from charrobust import resources
from charrobust.errors import RecipeError
from charrobust.perturb.clusters import composed
from charrobust.perturb.listed import entries


@functools.cache
def load_glyphs(name: str) -> tuple[tuple[str, str], ...]:
    """Load a shipped table by name, or a user's by the path of its ``.txt`` file.

    Args:
        name: Such as ``latin``, or a path.

    Returns:
        The confusions: what is printed, and what is read instead.

    Raises:
        RecipeError: No such table, a line that is no confusion, one that stands twice, or none at all.
    """
    path = resources.find(name, "attacks/glyphs", "table of glyphs", suffix=".txt")
    confusions: dict[tuple[str, str], str] = {}
    for where, line in entries(path):
        confusion = _confusion(where, line)
        if confusion in confusions:
            raise RecipeError(f"{where}: this confusion stands already in {confusions[confusion]}; remove one")
        confusions[confusion] = where
    if not confusions:
        raise RecipeError(f"{path}: the table is empty; write a line for each confusion, such as 'rn m'")
    return tuple(confusions)


def _confusion(where: str, line: str) -> tuple[str, str]:
    """Take a line apart.

    Raises:
        RecipeError: It is no confusion.
    """
    columns = composed(line).split()
    if len(columns) != 2:
        raise RecipeError(
            f"{where}: expected what is printed, a blank, and what is read instead, such as 'rn m'; got {line!r}"
        )
    printed, read = columns
    if printed == read:
        raise RecipeError(f"{where}: {printed!r} is read as itself; remove the line")
    return printed, read
