"""Other forms of the same letters: full width, and the normal forms of Unicode."""

from __future__ import annotations

import functools
import string
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from charrobust.perturb.operators.exchange import Exchange

NormalFormName = Literal["NFC", "NFD", "NFKC", "NFKD"]
_FORMS = ("NFC", "NFD", "NFKC", "NFKD")
_FULL_WIDTH = 0xFF01 - 0x21  # from a character of ASCII to its form of full width
# Letters that have another normal form lie below the third plane, but for a few ideographs.
_FIRST, _BEHIND = 0xA0, 0x20000


@dataclass(frozen=True, kw_only=True)
class FullWidth(Exchange):
    """Write a letter or a digit as wide as an ideograph: ``letter`` becomes ``ｌetter``."""

    name = "full-width"
    level = "unicode"
    source = "Unicode Standard, section 18.5, Halfwidth and Fullwidth Forms"

    @functools.cached_property
    def forms(self) -> Mapping[str, Sequence[str]]:
        """See the base class."""
        return {letter: chr(ord(letter) + _FULL_WIDTH) for letter in string.ascii_letters + string.digits}


@dataclass(frozen=True, kw_only=True)
class NormalForm(Exchange):
    """Write a letter in another normal form: a letter and a mark for the one that is both, or the other way round.

    Attributes:
        form: ``NFD`` takes letters apart, ``NFC`` puts them together; ``NFKD`` and ``NFKC`` take ligatures and letters
            of special shapes for plain ones as well.
    """

    name = "normal-form"
    level = "unicode"
    source = "Unicode Standard Annex 15, Unicode normalization forms"
    keeps_form = False
    form: str = "NFD"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_choice("form", self.form, _FORMS)

    @functools.cached_property
    def forms(self) -> Mapping[str, Sequence[str]]:
        """See the base class."""
        forms = {}
        for letter in map(chr, range(_FIRST, _BEHIND)):
            # Signs that stand for a blank and a mark would break words.
            if letter.isalpha() and (written := self.forms_of_cluster(letter)):
                forms[letter] = written
        return forms

    def forms_of_cluster(self, cluster: str) -> Sequence[str]:
        """See the base class."""
        written = unicodedata.normalize(cast(NormalFormName, self.form), cluster)
        is_new = written != cluster and not any(map(str.isspace, written))
        return (written,) if is_new else ()
