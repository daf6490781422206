"""Classes of words: stop words, digits, numbers."""

from __future__ import annotations

import functools
import unicodedata
from dataclasses import dataclass

import numpy as np

from charrobust import resources
from charrobust.perturb.clusters import composed
from charrobust.perturb.code_points import COMPLEX, DIGIT, LETTER, CodePointBuffer, ranges
from charrobust.perturb.listed import entries
from charrobust.perturb.words import Index, Mask, Words

NO_LETTER = "no letter or digit"
_DOTLESS_I = "ı"
_ACUTE = "\u0301"


@dataclass(frozen=True)
class WordClasses:
    """Tells the classes of words, looking at no more words than asked for.

    Attributes:
        buffer: The buffer.
        words: Its words.
        stop_words: The stop words, lower-case.
    """

    buffer: CodePointBuffer
    words: Words
    stop_words: frozenset[str]

    def has(self, word_class: str, words: Index) -> Mask:
        """Tell which of some words are of a class.

        Args:
            word_class: ``stop-words``, ``digits``, ``numbers`` or ``NO_LETTER``.
            words: Numbers of words.

        Returns:
            Shape as ``words``.
        """
        if word_class == "stop-words":
            return StopWords(self.buffer, self.words, self.stop_words).among(words)
        return self._digit_classes[word_class][words]

    @functools.cached_property
    def _digit_classes(self) -> dict[str, Mask]:
        digits, numbers, no_letter = digit_classes(self.buffer, self.words)
        return {"digits": digits, "numbers": numbers, NO_LETTER: no_letter}


@functools.cache
def stop_words(name: str) -> frozenset[str]:
    """Read a list of stop words: a shipped language such as ``en``, or a path to a ``.txt`` file.

    One word a line, lower case; blank lines and lines that start with ``#`` are skipped.

    Args:
        name: The language, or the path.

    Returns:
        The words.

    Raises:
        RecipeError: There is no such list, or it cannot be read.
    """
    path = resources.find(name, "attacks/stopwords", "stop-word list", suffix=".txt")
    return frozenset(line.strip().lower() for _, line in entries(path))


@dataclass(frozen=True)
class StopWords:
    """Stop words of a buffer, by signature first and compared as strings where that fits.

    A signature is a hash of a word's length and three of its letters, which arrays compute without making strings.
    Few of the other words share one with a stop word, so few strings are made.

    Attributes:
        buffer: The buffer.
        words: Its words.
        known: The stop words, lower-case.
    """

    buffer: CodePointBuffer
    words: Words
    known: frozenset[str]

    def among(self, numbers: Index) -> Mask:
        """Tell which of some words are stop words, in lower case, capitals or capitalised.

        Args:
            numbers: Numbers of words.

        Returns:
            Shape as ``numbers``.
        """
        start = self.words.at(self.words.start[numbers])
        end = self.words.at(self.words.end[numbers])
        length = end - start
        signatures = _signature(
            length,
            first=self._letters_at(start),
            middle=self._letters_at(start + length // 2),
            last=self._letters_at(end - 1),
        )
        mask = _signatures(self.known)[signatures]
        candidates = np.flatnonzero(mask)
        spans = zip(start[candidates].tolist(), end[candidates].tolist(), strict=True)
        joined, forms = self.buffer.joined, _forms(self.known)
        mask[candidates] = [joined[first:last] in forms for first, last in spans]
        return mask

    def _letters_at(self, positions: Index) -> Index:
        # Widened, as the signature's products would not fit into the buffer's 8 bits.
        return self.buffer.code_points[positions].astype(np.int64)


def _signature(length: Index, *, first: Index, middle: Index, last: Index) -> Index:
    """Hash words to 12 bits; the factors are arbitrary odd numbers."""
    # Some hundred stop words leave most of 4,096 places unmarked, and a table of that size stays in the cache.
    return (length * 1021 + first * 31 + middle * 421 + last * 7) & 4095


@functools.cache
def _signatures(known: frozenset[str]) -> Mask:
    """Mark the signatures of some words in all their forms; shape (4096,)."""
    forms = sorted(_forms(known))
    # Of each form its length and the three letters that StopWords looks at.
    features = [(len(form), ord(form[0]), ord(form[len(form) // 2]), ord(form[-1])) for form in forms]
    # The reshaping is for an empty list of stop words, which has no columns.
    length, first, middle, last = np.array(features, np.int64).reshape(-1, 4).T
    marked = np.zeros(4096, bool)
    marked[_signature(length, first=first, middle=middle, last=last)] = True
    return marked


@functools.cache
def _forms(known: frozenset[str]) -> frozenset[str]:
    """Return words as they are, capitalised and in capitals."""
    forms = set(known)
    # A list with a dotless i is of a language, as Turkish, in which the capital of the other i has a dot.
    is_turkic = any(_DOTLESS_I in word for word in known)
    for word in known:
        forms |= {word.upper(), word.capitalize(), _without_accents(word.upper())}
        if is_turkic:
            forms |= {_dotted(word).upper(), _dotted(word[:1]).upper() + word[1:]}
    return frozenset(forms - {""})


def _dotted(word: str) -> str:
    return word.replace("i", "İ")


def _without_accents(word: str) -> str:
    """Return a Greek word without its accents, as it is written in capitals; other words stay."""
    if not any("\u0370" <= letter <= "\u03ff" for letter in word):
        return word
    return composed(unicodedata.normalize("NFD", word).replace(_ACUTE, ""))


def digit_classes(buffer: CodePointBuffer, words: Words) -> tuple[Mask, Mask, Mask]:
    """Tell words apart by their letters and digits.

    Args:
        buffer: The buffer.
        words: Its words.

    Returns:
        Masks, shape (words,): only digits; digits and no letter; neither letter nor digit.
    """
    start, end = words.at(words.start), words.at(words.end)
    only_digits, numeric, neither = np.zeros(len(start), bool), np.zeros(len(start), bool), np.zeros(len(start), bool)
    # A word that starts with a letter is of none of these classes, so few are looked at whole. (The minimum is for
    # an empty token at the end of the buffer, which has no first code point.)
    first = buffer.classes[np.minimum(start, len(buffer.classes) - 1)]
    candidates = np.flatnonzero((first & LETTER == 0) & (start < end))
    if not len(candidates):
        return only_digits, numeric, neither
    lengths = end[candidates] - start[candidates]
    classes = buffer.classes[ranges(start[candidates], lengths)]
    offsets = np.cumsum(lengths) - lengths
    # Class bits or-ed over a word are those that any of its code points has, and-ed those that all have.
    # (reduceat gives an empty stretch the value behind it, but empty words are no candidates.)
    any_has, all_have = np.bitwise_or.reduceat(classes, offsets), np.bitwise_and.reduceat(classes, offsets)
    # COMPLEX code points are letters of other scripts, or marks that go with letters.
    no_letter = any_has & (LETTER | COMPLEX) == 0
    only_digits[candidates] = no_letter & (all_have & DIGIT != 0)
    numeric[candidates] = no_letter & (any_has & DIGIT != 0)
    neither[candidates] = no_letter & (any_has & DIGIT == 0)
    return only_digits, numeric, neither
