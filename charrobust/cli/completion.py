"""Names that a shell completes. As it waits, nothing is imported for them: they are those of files."""

from __future__ import annotations

from charrobust import resources

_RECIPES, _LANGUAGES, _CARDS = "attacks", "attacks/languages", "data"  # folders


def recipes(incomplete: str) -> list[str]:
    """Return the names of the recipes that ship and begin as a word does."""
    return _beginning(incomplete, _RECIPES)


def languages(incomplete: str) -> list[str]:
    """Return the codes of the languages that ship and begin as a word does."""
    return _beginning(incomplete, _LANGUAGES)


def data_sets(incomplete: str) -> list[str]:
    """Return the names of the data set cards that ship and begin as a word does."""
    return _beginning(incomplete, _CARDS)


def _beginning(incomplete: str, folder: str) -> list[str]:
    return [name for name in resources.names(folder) if name.startswith(incomplete)]
