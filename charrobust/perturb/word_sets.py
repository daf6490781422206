"""Sets of words of which one may stand for another: homophones, confused words, forms of a word, spellings.

A list (``attacks/word-sets/*.txt``) holds one set a line, in lower case::

    their there they're
"""

from __future__ import annotations

import functools

from charrobust import resources
from charrobust.errors import RecipeError
from charrobust.perturb.clusters import composed
from charrobust.perturb.listed import entries

Others = dict[str, tuple[str, ...]]


@functools.cache
def load_word_sets(name: str) -> Others:
    """Load a shipped list by name, or a user's by the path of its ``.txt`` file.

    Args:
        name: Such as ``homophones-en``, or a path.

    Returns:
        For each word the others of its sets, in the order of the file.

    Raises:
        RecipeError: No such list, a line that is no set of words, or none at all.
    """
    path = resources.find(name, "attacks/word-sets", "list of word sets", suffix=".txt")
    others: dict[str, dict[str, None]] = {}
    for where, line in entries(path):
        words = _words(where, line)
        for word in words:
            others.setdefault(word, {}).update(dict.fromkeys(words))
    if not others:
        raise RecipeError(f"{path}: the list is empty; write a line for each set, such as 'their there'")
    for word, found in others.items():
        del found[word]
    return {word: tuple(found) for word, found in others.items()}


def _words(where: str, line: str) -> list[str]:
    """Return the words of a line.

    Raises:
        RecipeError: It is no set of words.
    """
    words = composed(line).split()
    if len(words) < 2:
        raise RecipeError(f"{where}: expected a set of two words or more, such as 'their there'; got {line!r}")
    for word in words:
        if words.count(word) > 1:
            raise RecipeError(f"{where}: {word!r} stands in the set twice; remove one")
        if word != word.lower():
            raise RecipeError(f"{where}: {word!r} has a capital; write {word.lower()!r}: texts keep the case they have")
    return words


def in_case_of(new: str, old: str) -> str | None:
    """Write a word in the case of another: small letters, capitals, or a capital at the start.

    Args:
        new: The word, in small letters.
        old: The other, whatever its letters.

    Returns:
        The word; None where the other is in none of these cases, as ``iPhone`` is.
    """
    if old == old.lower():
        return new
    if old == old[0] + old[1:].lower():
        return new[0].upper() + new[1:]
    return new.upper() if old == old.upper() else None
