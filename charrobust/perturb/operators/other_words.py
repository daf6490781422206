"""One word for another of a set: homophones, words that are confused, other forms of the word, other spellings."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from charrobust.perturb.operators.base import WordOperator
from charrobust.perturb.picking import generator, pick
from charrobust.perturb.word_sets import Others, in_case_of, load_word_sets
from charrobust.resources import is_path

_CURLY, _STRAIGHT = "’", "'"


@dataclass(frozen=True, kw_only=True)
class OtherWord(WordOperator):
    """Write another word of a set that the word is in; the base of the operators that differ in their sets.

    Case is kept, and so is the kind of apostrophe. A word that is in several sets may become any word of them.

    Attributes:
        sets: A shipped list, or the path of one of your own: a line for each set, ``their there they're``.
    """

    enumerable = True
    sets: str

    @property
    def lists_are_of(self) -> str:
        """See the base class; the name of a list that ships ends in a language."""
        return "" if is_path(self.sets) else self.sets.rpartition("-")[2]

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self._others  # a list that does not serve is refused with the recipe

    def rewrite(self, word: str, bits: int) -> str:
        """See the base class."""
        return self.exchanged(word, generator(bits))

    def exchanged(self, word: str, random: Random) -> str:
        """Return another word of a set that a word is in; the word itself where it is in none, or of mixed case.

        Args:
            word: The word.
            random: Draws the other.

        Returns:
            The word to write.
        """
        others = self._others.get(word.replace(_CURLY, _STRAIGHT).lower())
        return word if others is None else _written_as(pick(others, random), word)

    def rewrites(self, word: str) -> Sequence[str]:
        """See the base class: the others of the sets that the word is in."""
        others = self._others.get(word.replace(_CURLY, _STRAIGHT).lower(), ())
        return [_written_as(other, word) for other in others]

    def __getstate__(self) -> dict[str, Any]:
        """Keep what the list says: a file of the user's may not lie where the attack is sent."""
        return {**super().__getstate__(), "_others": self._others}

    @functools.cached_property
    def _others(self) -> Others:
        return load_word_sets(self.sets)


def _written_as(other: str, word: str) -> str:
    """Return another word in the case and with the apostrophes of a word; the word itself if it is of mixed case."""
    in_case = in_case_of(other, word)
    if in_case is None:
        return word
    return in_case.replace(_STRAIGHT, _CURLY) if _CURLY in word else in_case


@dataclass(frozen=True, kw_only=True)
class Homophones(OtherWord):
    """Write a word that sounds the same, as recognisers of speech do: ``weather`` becomes ``whether``."""

    name = "homophones"
    level = "machines"
    effect = "other-word"
    source = "Pronunciations of the CMU Pronouncing Dictionary (Carnegie Mellon University)"
    sets: str = "homophones-en"


@dataclass(frozen=True, kw_only=True)
class ConfusionSets(OtherWord):
    """Write a word that is often confused with the right one: ``its`` becomes ``it's``."""

    name = "confusion-sets"
    level = "words"
    effect = "other-word"
    source = "Golding, Roth: A Winnow-based approach to context-sensitive spelling correction, Machine Learning 1999"
    sets: str = "confusions-en"


@dataclass(frozen=True, kw_only=True)
class Inflections(OtherWord):
    """Write another form of the word: ``walks`` becomes ``walked``."""

    name = "inflections"
    level = "words"
    effect = "other-word"
    source = "Tan, Joty, Kan, Socher: It's morphin' time! (MORPHEUS), ACL 2020; forms of LemmInflect 0.2.3"
    sets: str = "inflections-en"


@dataclass(frozen=True, kw_only=True)
class Dialect(OtherWord):
    """Write the British spelling for the American one, and the other way: ``colour`` becomes ``color``."""

    name = "dialect"
    level = "words"
    source = "British and American spellings of breame 0.1.2"
    sets: str = "dialect-en"
