"""Optical character recognition: glyphs taken for others that look alike.

That several letters are read as one and one as several is what tells it from typing: Kukich, "Techniques for
automatically correcting words in text", ACM Computing Surveys 1992, section 2; Nguyen et al., "Survey of post-OCR
processing approaches", ACM Computing Surveys 2021, section 2.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from charrobust.errors import RecipeError
from charrobust.perturb.glyphs import load_glyphs
from charrobust.perturb.operators.base import WordOperator
from charrobust.perturb.picking import generator, pick


@dataclass(frozen=True, kw_only=True)
class OcrGlyphs(WordOperator):
    """Read glyphs as others: ``corner`` becomes ``comer``.

    A word is misread at one place at least, drawn from all places at which the table knows a confusion, and at each of
    the others with the chance ``rate``. Confusions do not overlap, and each of a place is as likely as the others.

    Attributes:
        glyphs: A shipped table, or the path of one of your own: a line for each confusion, ``rn m``.
        rate: The chance that a place is misread in a word that is, 0 to 1.
    """

    name = "ocr-glyphs"
    level = "machines"
    source = "Confusions of Tesseract's eng.unicharambigs (Smith, ICDAR 2007) and of nlpaug's OCR model (Ma 2019)"
    enumerable = True
    glyphs: str = "latin"
    rate: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.rate <= 1:
            raise RecipeError(f"operator 'ocr-glyphs': rate must be between 0 and 1, got {self.rate!r}")
        _ = self._by_first  # a table that does not serve is refused with the recipe

    def rewrite(self, word: str, bits: int) -> str:
        """See the base class."""
        places = [start for start in range(len(word)) if self._misreadings(word, start, len(word))]
        if not places:
            return word
        random = generator(bits)
        certain = pick(places, random)
        pieces: list[str] = []
        done = 0
        for start in places:
            if start < done or (start != certain and random.random() >= self.rate):
                continue
            # What is misread before the certain place ends in front of it.
            misreadings = self._misreadings(word, start, certain if start < certain else len(word))
            if misreadings:
                printed, read = pick(misreadings, random)
                pieces += [word[done:start], read]
                done = start + len(printed)
        return "".join([*pieces, word[done:]])

    def rewrites(self, word: str) -> Sequence[str]:
        """See the base class: misread at one place."""
        forms = []
        for start in range(len(word)):
            for printed, read in self._misreadings(word, start, len(word)):
                forms.append(word[:start] + read + word[start + len(printed) :])
        return forms

    def _misreadings(self, word: str, start: int, end: int) -> list[tuple[str, str]]:
        """Return the confusions, printed and read, of what stands at a place of a word and ends at ``end`` at last."""
        return [pair for pair in self._by_first.get(word[start], ()) if word.startswith(pair[0], start, end)]

    def __getstate__(self) -> dict[str, Any]:
        """Keep what the table says: a file of the user's may not lie where the attack is sent."""
        return {**super().__getstate__(), "_by_first": self._by_first}

    @functools.cached_property
    def _by_first(self) -> dict[str, list[tuple[str, str]]]:
        """The confusions, printed and read, by the first letter of what is printed."""
        by_first: dict[str, list[tuple[str, str]]] = {}
        for printed, read in load_glyphs(self.glyphs):
            by_first.setdefault(printed[0], []).append((printed, read))
        return by_first
