"""Diacritics: lost, as on keyboards without them, or added where there are none."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from charrobust.perturb.operators.exchange import Exchange

_ACTIONS = ("lose", "add")
# The block of marks that letters of Latin, Greek and Cyrillic take; those of other scripts may be vowels.
_FIRST_MARK, _LAST_MARK = "\u0300", "\u036f"
# Letters that are decomposed into such marks lie below the ideographs, as do the letters with diacritics of European
# languages (Latin-1 and Latin Extended-A), which are what is written where one is added.
_LAST_DECOMPOSED, _LAST_ADDED = 0x2000, 0x17F


@dataclass(frozen=True, kw_only=True)
class Diacritics(Exchange):
    """Write a letter without its marks, or with one: ``naïve`` becomes ``naive``, or ``letter`` becomes ``lettér``.

    Letters are taken apart as Unicode does (normal form D), so ``ø`` and ``ł``, which it holds to be letters without a
    mark, stay.

    Attributes:
        action: ``lose`` or ``add``.
    """

    name = "diacritics"
    source = (
        "Unicode Standard, section 3.11 (normal form D); Náplava et al.: Understanding model robustness to user-"
        "generated noisy texts, W-NUT 2021 (lost diacritics)"
    )
    action: str = "lose"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_choice("action", self.action, _ACTIONS)

    @functools.cached_property
    def forms(self) -> Mapping[str, Sequence[str]]:
        """See the base class."""
        if self.action == "lose":
            return {letter: (bare,) for letter, bare in _bare_letters().items()}
        marked: dict[str, list[str]] = {}
        for letter, bare in _bare_letters().items():
            if bare.isascii() and ord(letter) <= _LAST_ADDED:
                marked.setdefault(bare, []).append(letter)
        return marked

    def forms_of_cluster(self, cluster: str) -> Sequence[str]:
        """See the base class: marks that stand behind their letter are lost like others."""
        if self.action == "add":
            return ()
        bare = _without_marks(cluster)
        return (bare,) if bare and bare != cluster else ()


@functools.cache
def _bare_letters() -> Mapping[str, str]:
    """Return the letters that hold a mark, each with the letter without it."""
    bare_letters: dict[str, str] = {}
    for letter in map(chr, range(0xC0, _LAST_DECOMPOSED)):
        bare = _without_marks(letter)
        if bare and bare != letter:
            bare_letters[letter] = bare
    return bare_letters


# Letters repeat; the bound keeps the memory small.
@functools.lru_cache(maxsize=1 << 12)
def _without_marks(letter: str) -> str:
    decomposed = unicodedata.normalize("NFD", letter)
    kept = "".join(part for part in decomposed if not _FIRST_MARK <= part <= _LAST_MARK)
    if kept == decomposed:
        return letter
    return unicodedata.normalize("NFC", kept)
