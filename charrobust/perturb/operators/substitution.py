"""Substitution: any other letter instead of the one that was meant, wherever its key may be."""

from __future__ import annotations

import functools
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from charrobust.errors import RecipeError
from charrobust.perturb.clusters import composed
from charrobust.perturb.operators.exchange import Exchange

if TYPE_CHECKING:
    from charrobust.perturb.languages import Language

_FIRST_BEYOND_ASCII, _LAST_LATIN = 0xC0, 0x24F  # to the end of Latin Extended-B


@dataclass(frozen=True, kw_only=True)
class Substitute(Exchange):
    """Write another letter: ``letter`` becomes ``lekter``. A capital becomes a capital.

    Attributes:
        letters: The letters to draw from, lower-case. The default is a to z. Letters that are neither of these nor
            Latin stay.
    """

    name = "substitute"
    source = "Damerau: A technique for computer detection and correction of spelling errors, CACM 7(3), 1964"
    letters: str = string.ascii_lowercase

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(set(composed(self.letters))) < 2 or not all(map(str.isalpha, composed(self.letters))):
            raise RecipeError(f"operator 'substitute': letters must be two letters or more, got {self.letters!r}")

    def in_language(self, language: Language) -> Self:
        """See the base class: the letters are those of the alphabet, unless others are named."""
        return self if self.letters != string.ascii_lowercase else replace(self, letters=language.alphabet)

    @functools.cached_property
    def forms(self) -> Mapping[str, Sequence[str]]:
        """See the base class."""
        lower = composed(self.letters)
        capitals = "".join(letter.upper() if len(letter.upper()) == 1 else letter for letter in lower)
        latin = filter(str.isalpha, map(chr, range(_FIRST_BEYOND_ASCII, _LAST_LATIN + 1)))
        forms: dict[str, Sequence[str]] = {}
        for letter in (*string.ascii_letters, *latin, *lower, *capitals):
            known = capitals if letter.isupper() else lower
            forms[letter] = [other for other in known if other != letter]
        return forms
