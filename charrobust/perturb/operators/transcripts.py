"""What transcripts of speech lack, within words: capitals, apostrophes and hyphens."""

from __future__ import annotations

import re
from dataclasses import dataclass

from charrobust.perturb.operators.base import WordOperator

_MARKS = re.compile(r"['’ʼ‐‑-]")  # apostrophes and hyphens
_SOURCE = "Transcripts without case and punctuation: Peskov et al., Mitigating noisy inputs for QA, Interspeech 2019"


@dataclass(frozen=True, kw_only=True)
class LostCase(WordOperator):
    """Write a word in small letters: ``Paris`` becomes ``paris``."""

    name = "lost-case"
    level = "machines"
    effect = "punctuation"
    source = _SOURCE

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

    def rewrite(self, word: str, bits: int) -> str:
        """See the base class."""
        # The first and last letter stay: a token may be a mark and little more, as 's is.
        return word[:1] + _MARKS.sub("", word[1:-1]) + word[-1:] if len(word) > 1 else word
