"""Real misspellings: a word as people have written it, by lists."""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from charrobust.perturb.misspellings import Misspellings, load_misspellings
from charrobust.perturb.operators.base import WordOperator
from charrobust.resources import is_path


@dataclass(frozen=True, kw_only=True)
class Misspelt(WordOperator):
    """Write a word as somebody did: ``separate`` becomes ``seperate``. Words that the list lacks stay.

    Misspellings that were counted more often are drawn more often. The case of the word stays.

    Attributes:
        pairs: A shipped list, or the path of a file of the user's: lines of ``correct<TAB>misspelt[<TAB>count]``
            (``.tsv``), or JSON Lines with these names (``.jsonl``).
    """

    name = "misspelt"
    level = "misspellings"
    source = "Wikipedia: Lists of common misspellings, For machines"
    enumerable = True
    pairs: str = "en"

    @property
    def lists_are_of(self) -> str:
        """See the base class; the name of a list that ships ends in a language."""
        return "" if is_path(self.pairs) else self.pairs.rpartition("-")[2]

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.known  # refuses a list that does not serve with the recipe, and not in the middle of a run

    def rewrite(self, word: str, bits: int) -> str:
        """See the base class."""
        if word in self.known:
            return _drawn(self.known[word], bits)
        lower = self.known.get(word.lower())
        return word if lower is None else _in_case_of(_drawn(lower, bits), word)

    def rewrites(self, word: str) -> Sequence[str]:
        """See the base class."""
        if word in self.known:
            return self.known[word].forms
        lower = self.known.get(word.lower())
        return () if lower is None else [_in_case_of(form, word) for form in lower.forms]

    @functools.cached_property
    def known(self) -> Mapping[str, Misspellings]:
        """The misspellings of each word."""
        return load_misspellings(self.pairs)

    def __getstate__(self) -> dict[str, Any]:
        """Keep the list: a file of the user's may not lie where the attack is sent."""
        return {**super().__getstate__(), "known": self.known}


def _drawn(misspellings: Misspellings, bits: int) -> str:
    """Draw a misspelling by its share."""
    number = bisect_right(misspellings.borders, bits / 2**64)
    # Rounded, the last border may lie below 1, and a draw above it.
    return misspellings.forms[min(number, len(misspellings.forms) - 1)]


def _in_case_of(misspelling: str, word: str) -> str:
    """Write a misspelling with a capital in front, or in capitals, as the word is."""
    if len(word) > 1 and word.isupper():
        return misspelling.upper()
    if word[:1].isupper():
        return misspelling[:1].upper() + misspelling[1:]
    return misspelling
