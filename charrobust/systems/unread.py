"""Texts in scripts that a character channel has no characters for: it reads nothing of them, which is to be said."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from charrobust.logs import logger

_logger = logger(__name__)
_LEAST = 0.05  # share of letters from which on it is said
_SHOWN = 3


def warn_of_unread(name: str, config: Any, texts: Iterable[str]) -> None:
    """Say which share of the letters of texts the character channel of a model cannot read, where it is not small.

    Args:
        name: What the model is called.
        config: Its configuration; nothing is said of a model without a channel.
        texts: The texts.
    """
    characters = getattr(config, "character_vocabulary", None)
    if not characters:
        return
    letters = Counter(filter(str.isalpha, "".join(texts)))
    unread = _unread(letters, characters)
    share = unread.total() / max(1, letters.total())
    if share >= _LEAST:
        shown = " ".join(letter for letter, _ in unread.most_common(_SHOWN))
        _logger.warning(
            "%s: its character channel has no characters for %.0f %% of the letters of these texts (such as %s); words "
            "of such letters are read by their tokens alone",
            name or "model",
            100 * share,
            shown,
        )


def _unread(letters: Counter[str], characters: Sequence[str]) -> Counter[str]:
    """Return the letters that are none of some characters, as they are or small without marks, as tokenizers read."""
    known = set(characters)
    unread: Counter[str] = Counter()
    for letter, count in letters.items():
        small = unicodedata.normalize("NFD", letter.lower())[:1]
        if known.isdisjoint((letter, letter.lower(), small)):
            unread[letter] = count
    return unread
