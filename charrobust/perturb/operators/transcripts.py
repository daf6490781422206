"""Transcripts of speech: what they lack within words (capitals, apostrophes, hyphens), and words that are misheard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from charrobust.errors import RecipeError
from charrobust.perturb.operators.base import WordOperator
from charrobust.perturb.operators.other_words import OtherWord
from charrobust.perturb.picking import generator

_MARKS = re.compile(r"['’ʼ‐‑-]")  # apostrophes and hyphens
_SOURCE = "Transcripts without case and punctuation: Peskov et al., Mitigating noisy inputs for QA, Interspeech 2019"


@dataclass(frozen=True, kw_only=True)
class LostCase(WordOperator):
    """Write a word in small letters: ``Paris`` becomes ``paris``."""

    name = "lost-case"
    level = "machines"
    effect = "punctuation"
    source = _SOURCE
    enumerable = True

    def rewrite(self, word: str, bits: int) -> str:
        """See the base class."""
        return word.lower()


@dataclass(frozen=True, kw_only=True)
class LostMarks(WordOperator):
    """Leave out the apostrophes and hyphens inside a word: ``don't`` becomes ``dont``.

    Hyphens stand inside a word where words are tokens; in running text they stand between two words.
    """

    name = "lost-marks"
    level = "machines"
    effect = "punctuation"
    source = _SOURCE
    enumerable = True

    def rewrite(self, word: str, bits: int) -> str:
        """See the base class."""
        return _without_marks(word)


@dataclass(frozen=True, kw_only=True)
class Transcript(OtherWord):
    """Write a word as a recogniser of speech would: without capitals and marks, and at times as another that sounds so.

    Attributes:
        misheard: The chance that a word which has homophones becomes one of them, 0 to 1.
    """

    name = "transcript"
    level = "machines"
    effect = "other-word"
    source = _SOURCE
    sets: str = "homophones-en"
    misheard: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.misheard <= 1:
            raise RecipeError(f"operator 'transcript': misheard must be between 0 and 1, got {self.misheard!r}")

    def rewrite(self, word: str, bits: int) -> str:
        """See the base class."""
        random = generator(bits)
        heard = self.exchanged(word, random) if random.random() < self.misheard else word
        return _without_marks(heard).lower()

    def rewrites(self, word: str) -> Sequence[str]:
        """See the base class: as it is, and misheard."""
        as_it_is = (word,) if self.misheard < 1 else ()
        misheard = super().rewrites(word) if self.misheard > 0 else ()
        # A word without homophones is heard as it is.
        heard = (*as_it_is, *misheard) or (word,)
        return [_without_marks(form).lower() for form in heard]


def _without_marks(word: str) -> str:
    """Return a word without its inner apostrophes and hyphens."""
    # The first and last letter stay: a token may be a mark and little more, as 's is.
    return word[:1] + _MARKS.sub("", word[1:-1]) + word[-1:] if len(word) > 1 else word
