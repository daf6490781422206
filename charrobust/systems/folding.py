"""Folding as a defence before any model: look-alikes, invisible and control characters and full width are undone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property

from charrobust.perturb.clusters import composed
from charrobust.systems.displayed import displayed
from charrobust.systems.look_alikes import without_look_alikes

_VERSION = 1  # grows when what is folded changes
# From letters and digits of full width to those of ASCII. Signs of full width belong to Chinese and Japanese.
_WIDE_RANGES = ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
_NARROW = {wide: wide - 0xFEE0 for first, last in _WIDE_RANGES for wide in range(first, last + 1)}


def fold(text: str) -> str:
    """Undo what an attack by characters of Unicode may have done to a text.

    The text as it is displayed (:func:`charrobust.systems.displayed.displayed`), in normal form C, letters and digits
    of full width narrow, look-alikes of another script in the script of their word
    (:func:`charrobust.systems.look_alikes.without_look_alikes`). A text of any language without such characters stays.

    Args:
        text: The text.

    Returns:
        The text, folded.
    """
    return fold_passage([text])[0]


def fold_passage(strings: Sequence[str]) -> list[str]:
    """Fold strings that are read together, see :func:`fold`.

    Args:
        strings: One text, or the tokens of a sentence; what would be left empty stays as it is.

    Returns:
        The strings, folded, as many.
    """
    plain = [composed(displayed(string).translate(_NARROW)) or string for string in strings]
    return without_look_alikes(plain)


class Fold:
    """Folds texts: a :class:`charrobust.systems.restoration.TextRestorer`."""

    name = "fold"

    @cached_property
    def fingerprint(self) -> str:
        """See the protocol."""
        return hashlib.sha256(f"{self.name} {_VERSION}".encode()).hexdigest()

    def passages(self, passages: Sequence[Sequence[str]]) -> list[list[str]]:
        """See the protocol."""
        return list(map(fold_passage, passages))
