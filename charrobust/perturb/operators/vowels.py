"""Vowels exchanged, as those write who do not hear which of them is meant: ``seperate``."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from charrobust.errors import RecipeError
from charrobust.perturb.clusters import composed
from charrobust.perturb.operators.exchange import Exchange

if TYPE_CHECKING:
    from charrobust.perturb.languages import Language

_ENGLISH = "aeiou"


@dataclass(frozen=True, kw_only=True)
class Vowels(Exchange):
    """Write another vowel for one: ``separate`` becomes ``seperate``. The case stays.

    Attributes:
        vowels: The letters that are exchanged for one another, lower-case.
    """

    name = "vowels"
    source = "Mitton: Spelling checkers, spelling correctors and the misspellings of poor spellers, IP&M 23(5), 1987"
    vowels: str = _ENGLISH

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(set(composed(self.vowels))) < 2 or not all(map(str.isalpha, composed(self.vowels))):
            raise RecipeError(f"operator 'vowels': vowels must be two letters or more, got {self.vowels!r}")

    def in_language(self, language: Language) -> Self:
        """See the base class: the vowels are those of the language, unless others are named."""
        return self if self.vowels != _ENGLISH else replace(self, vowels=language.vowels)

    @functools.cached_property
    def forms(self) -> Mapping[str, Sequence[str]]:
        """See the base class."""
        forms: dict[str, Sequence[str]] = {}
        for known in (composed(self.vowels).upper(), composed(self.vowels)):
            for vowel in known:
                forms[vowel] = [other for other in known if other != vowel]
        return forms
