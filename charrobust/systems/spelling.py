"""A spelling corrector as a defence before any model: SymSpell (Garbe), as the package symspellpy has it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from functools import cache, cached_property
from importlib.metadata import version
from importlib.resources import as_file, files
from typing import Any

from charrobust.packages import needed_for
from charrobust.systems.words import in_case_of

Place = tuple[int, int]  # numbers of a text and of a word in it
_DICTIONARY = "frequency_dictionary_en_82_765.txt"  # English, shipped with the package
_DISTANCE = 2  # edits at most
_APOSTROPHES = "'’"
_RARER = 150  # times that a slip of one edit more is less likely: about e to the 5, set by hand


@cache
def _shipped() -> Any:
    """Return a checker with the dictionary of its package, which takes seconds to load."""
    with needed_for("the spelling corrector"):
        from symspellpy import SymSpell

    checker = SymSpell(max_dictionary_edit_distance=_DISTANCE)
    # A package may be imported from a zip file, but the checker reads files: `as_file` unpacks where need be.
    with as_file(files("symspellpy") / _DICTIONARY) as path:
        checker.load_dictionary(str(path), term_index=0, count_index=1)
    return checker


class Spelling:
    """Replaces each word that a frequency dictionary lacks by the closest one, of several the most frequent.

    Words stay that the dictionary has, that are one letter long, that hold a digit or no letter, and those to which no
    word is close. What follows an apostrophe stays where the dictionary has what is before it (``actor's``).
    """

    name = "spelling"

    def __init__(self, checker: Any, dictionary: str) -> None:
        """Take a checker.

        Args:
            checker: A ``symspellpy.SymSpell`` with its dictionary.
            dictionary: What tells the dictionary and the package from others.
        """
        self._checker, self._dictionary = checker, dictionary
        self._known: dict[str, str] = {}
        self._margins: dict[str, float] = {}

    @classmethod
    def load(cls) -> Spelling:
        """Load the checker with the English dictionary of its package.

        Returns:
            The checker.

        Raises:
            UserError: The package is not installed.
        """
        return cls(_shipped(), f"{version('symspellpy')} {_DICTIONARY} {_DISTANCE}")

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that words are corrected by."""
        return hashlib.sha256(f"{self.name} {self._dictionary}".encode()).hexdigest()

    def words(self, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        """Return a word for each word of sentences, each corrected by itself.

        Args:
            sentences: The words of each text.

        Returns:
            The corrected words, as many for each text.
        """
        return [list(map(self._restored, sentence)) for sentence in sentences]

    def margins(
        self, sentences: Sequence[Sequence[str]], places: Collection[tuple[int, int]]
    ) -> dict[tuple[int, int], float]:
        """Say how many times likelier the corrections of some words are than the next best.

        A word is as likely as it is frequent, and 150 times less with each edit. That a word is right, though no
        dictionary has it, is taken to be as likely as two edits.

        Args:
            sentences: The words of each text.
            places: Numbers of a text and of a word in it, of words that are corrected.

        Returns:
            The margin of each.
        """
        return {(number, rank): self._margin(sentences[number][rank].lower()) for number, rank in places}

    def _margin(self, word: str) -> float:
        """Return the margin of a word in lower case."""
        if word not in self._margins:
            self._margins[word] = self._weighed(word)
        return self._margins[word]

    def _weighed(self, word: str) -> float:
        from symspellpy import Verbosity

        found = self._checker.lookup(word, Verbosity.ALL, max_edit_distance=_DISTANCE)
        if not found:
            return 0.0
        # The first is the one that is written: the closest, of several the most frequent.
        chosen, *others = [_likelihood(suggestion.count, suggestion.distance) for suggestion in found]
        margins = [chosen / other for other in others]
        unchanged: float = _RARER ** (_DISTANCE - found[0].distance)
        return min([unchanged, *margins])

    def _restored(self, word: str) -> str:
        """Return the correction of a word, in its case."""
        return in_case_of(self._corrected(word.lower()), word)

    def _corrected(self, word: str) -> str:
        """Return the correction of a word in lower case."""
        # Words repeat, and a look-up tries out all deletions of two letters.
        if word not in self._known:
            self._known[word] = self._looked_up(word)
        return self._known[word]

    def _looked_up(self, word: str) -> str:
        if len(word) < 2 or any(map(str.isdigit, word)) or not any(map(str.isalpha, word)):
            return word
        stem = word
        for apostrophe in _APOSTROPHES:
            # An apostrophe in front is a quotation mark.
            place = stem.find(apostrophe)
            if place > 0:
                stem = stem[:place]
        if len(stem) < 2 or stem in self._checker.words:
            return word
        return self._closest(word)

    def _closest(self, word: str) -> str:
        from symspellpy import Verbosity

        suggestions = self._checker.lookup(word, Verbosity.TOP, max_edit_distance=_DISTANCE)
        if not suggestions:
            return word
        return str(suggestions[0].term)


def _likelihood(count: int, distance: int) -> float:
    """Return how likely a word is that is so frequent, and so many edits away."""
    return count / float(_RARER) ** distance
