"""Classes of words: stop words, digits, numbers."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from charrobust import resources
from charrobust.perturb.code_points import COMPLEX, DIGIT, LETTER, CodePointBuffer, ranges
from charrobust.perturb.words import Index, Mask, Words

NO_LETTER = "no letter or digit"


@dataclass(frozen=True)
class WordClasses:
    """Tells the classes of words, looking at no more words than asked for.

    Attributes:
        buffer: The buffer.
        words: Its words.
        stop_words: Name of the list of stop words.
    """

    buffer: CodePointBuffer
    words: Words
    stop_words: str

    def has(self, kind: str, words: Index) -> Mask:
        """Tell which of some words are of a kind."""
        if kind == "stop-words":
            return StopWords(self.buffer, self.words, stop_words(self.stop_words)).among(words)
        return self._digits[kind][words]

    @functools.cached_property
    def _digits(self) -> dict[str, Mask]:
        return dict(zip(("digits", "numbers", NO_LETTER), digit_classes(self.buffer, self.words), strict=True))


@functools.cache
def stop_words(name: str) -> frozenset[str]:
    """Read a list of stop words: a shipped language such as ``en``, or a path to a ``.txt`` file.

    One word a line, lower case; blank lines and lines that start with ``#`` are skipped.
    """
    path = resources.find(name, "attacks/stopwords", "stop-word list", suffix=".txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip().lower() for line in lines if line.strip() and not line.startswith("#"))


def _signature(length: Index, first: Index, middle: Index, last: Index) -> Index:
    return (length * 1021 + first * 31 + middle * 421 + last * 7) & 4095


@functools.cache
def _forms(known: frozenset[str]) -> frozenset[str]:
    """Return words as they are, capitalised and in capitals."""
    return frozenset(form for word in known for form in (word, word.upper(), word.capitalize()) if form)


@functools.cache
def _signatures(known: frozenset[str]) -> Mask:
    """Mark the signatures of some words in all their forms; shape (4096,)."""
    forms = sorted(_forms(known))
    letters = [np.array([ord(form[place * len(form) // 2 - place // 2]) for form in forms]) for place in (0, 1, 2)]
    marked = np.zeros(4096, bool)
    marked[_signature(np.array([len(form) for form in forms]), *letters)] = True
    return marked


@dataclass(frozen=True)
class StopWords:
    """Stop words of a buffer, found by a signature first and compared as strings where that fits.

    Attributes:
        buffer: The buffer.
        words: Its words.
        known: The stop words, lower-case.
    """

    buffer: CodePointBuffer
    words: Words
    known: frozenset[str]

    def among(self, numbers: Index) -> Mask:
        """Tell which of some words are stop words, in lower case, capitals or capitalised."""
        start = self.words.at(self.words.start[numbers])
        end = self.words.at(self.words.end[numbers])
        length = end - start
        letters = [self.buffer.code_points[place].astype(np.int64) for place in (start, start + length // 2, end - 1)]
        mask = _signatures(self.known)[_signature(length, *letters)]
        few = np.flatnonzero(mask)
        places = zip(start[few].tolist(), end[few].tolist(), strict=True)
        joined, forms = self.buffer.joined, _forms(self.known)
        mask[few] = [joined[a:b] in forms for a, b in places]
        return mask


def digit_classes(buffer: CodePointBuffer, words: Words) -> tuple[Mask, Mask, Mask]:
    """Tell words apart by their letters and digits.

    Returns:
        Masks, shape (words,): only digits; digits and no letter; neither letter nor digit.
    """
    start, end = words.at(words.start), words.at(words.end)
    pure, numeric, other = (np.zeros(len(start), bool) for _ in range(3))
    # A word that starts with a letter is of none of these classes, so few are looked at whole.
    first = buffer.classes[np.minimum(start, len(buffer.classes) - 1)]
    few = np.flatnonzero((first & LETTER == 0) & (start < end))
    if not len(few):
        return pure, numeric, other
    lengths = end[few] - start[few]
    classes = buffer.classes[ranges(start[few], lengths)]
    offsets = np.cumsum(lengths) - lengths
    some, every = np.bitwise_or.reduceat(classes, offsets), np.bitwise_and.reduceat(classes, offsets)
    no_letter = some & (LETTER | COMPLEX) == 0
    pure[few] = no_letter & (every & DIGIT != 0)
    numeric[few] = no_letter & (some & DIGIT != 0)
    other[few] = no_letter & (some & DIGIT == 0)
    return pure, numeric, other
