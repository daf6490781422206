"""Whose misspelling a form is: the most frequent word of a vocabulary that a recipe makes it of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from charrobust.perturb import Attack, Recipe

_KEPT = 2**12  # words whose forms are kept at hand


class WordOwners:
    """Finds the word that a form is a misspelling of.

    Attributes:
        recipe: What misspells.
        vocabulary: The words in lower case, the most frequent first.
    """

    def __init__(self, recipe: Recipe, vocabulary: Sequence[str]) -> None:
        """Take a vocabulary.

        Args:
            recipe: What misspells: one edit of one letter, whose outcomes can be enumerated.
            vocabulary: The words in lower case, the most frequent first.
        """
        self.recipe, self.vocabulary = recipe, vocabulary
        self._attack = Attack(recipe, 0)
        self._numbers = {word: number for number, word in enumerate(vocabulary)}
        self._near: dict[str, list[int]] = {}
        for number, word in enumerate(vocabulary):
            for key in stumps(word):
                self._near.setdefault(key, []).append(number)
        self._forms = lru_cache(_KEPT)(self._listed)  # a word has hundreds, so that not those of all are kept

    def owner(self, form: str) -> int | None:
        """Return the number of the word that a form is a misspelling of.

        Args:
            form: The form, in lower case.

        Returns:
            The number: of the form itself where it is a word, else of the most frequent word that the recipe makes it
            of; None where it makes it of none.
        """
        if form in self._numbers:
            return self._numbers[form]
        near: set[int] = set()
        for key in stumps(form):
            near.update(self._near.get(key, ()))
        for number in sorted(near):
            if form in self._forms(number):
                return number
        return None

    def _listed(self, number: int) -> frozenset[str]:
        """Return what the recipe makes of a word, in lower case."""
        word = self.vocabulary[number]
        return frozenset(form.lower() for form in self._attack.candidates(word).texts([word]))


def stumps(word: str) -> Iterator[str]:
    """Yield a word, and what is left of it without each of its letters.

    Two words share one of these where they are one inserted, deleted, replaced or swapped letter apart, as in the
    look-up by symmetric deletes of SymSpell (Garbe, 2012).

    Args:
        word: The word.

    Yields:
        The strings.
    """
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
