"""How words are written that wordfreq holds without ß and final ς."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

_OFTEN = 3  # occurrences that settle how a word is written; else words with the same letters around ß or ss do
_SHARP = re.compile(r"(?=(.{3}(?:ß|ss).))")


class Spelling:
    """Writes words as they are written."""

    def __init__(self, texts: Counter[str]) -> None:
        """Learn where German has ß.

        Args:
            texts: How often texts of today hold words, in lower case.
        """
        self._words = texts
        self._parts: Counter[str] = Counter()
        for word, count in texts.items():
            for part in _SHARP.findall(_framed(word)):
                self._parts[part] += count

    def written(self, word: str, language: str) -> str:
        """Return a word as it is written.

        Args:
            word: The word, without ß and ς.
            language: Its language.

        Returns:
            The word, in lower case.
        """
        if language == "el" and word.endswith("σ"):
            return f"{word[:-1]}ς"
        if language != "de":
            return word
        forms = {form: self._words[form] for form in (word, *_with_sharp_s(word))}
        if sum(forms.values()) < _OFTEN:
            forms = {form: self._parts[part] for form, part in zip(forms, _parts(word), strict=True)}
        return max(forms, key=forms.__getitem__)


def _framed(word: str) -> str:
    """Return a word with signs around it, so that letters at its ends have neighbours."""
    return f"^^{word}$"


def _places(word: str) -> list[int]:
    return [place for place in range(1, len(word) - 1) if word[place : place + 2] == "ss"]


def _with_sharp_s(word: str) -> Iterator[str]:
    """Yield a word with ß in the place of each ss."""
    for place in _places(word):
        yield f"{word[:place]}ß{word[place + 2 :]}"


def _parts(word: str) -> list[str]:
    """Return the letters around the first ss, and around each ß in its place."""
    framed = _framed(word)
    around = [(framed[place - 1 : place + 2], framed[place + 4]) for place in _places(word)]
    first = [f"{before}ss{behind}" for before, behind in around[:1]] or [""]
    return [*first, *(f"{before}ß{behind}" for before, behind in around)]
