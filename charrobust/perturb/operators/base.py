"""What an operator is: the parts that the engine asks of it.

The engine owns everything random and everything about words (which ones, how many, protected or not). An
operator only says where in a word it could act, whether it would change anything there, and what it writes.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from charrobust.errors import RecipeError, hint
from charrobust.lazy import without_cached
from charrobust.packages import is_installed, missing_package
from charrobust.perturb.counter_random import Keys, low_bits
from charrobust.perturb.operators.views import Letters, Places, Replacements, Units, written
from charrobust.perturb.words import Index, Mask

if TYPE_CHECKING:
    from charrobust.perturb.languages import Language

__all__ = [
    "EFFECTS",
    "LEVELS",
    "MOVING",
    "POSITIONS",
    "WORD_CLASSES",
    "LetterOperator",
    "Letters",
    "Operator",
    "Places",
    "Replacements",
    "UnitOperator",
    "Units",
    "WordOperator",
    "labels",
    "written",
]

# What noise acts on; recipes are listed and reported by it.
LEVELS = ("letters", "unicode", "misspellings", "machines", "spacing", "subwords", "words", "sentences")
# What an edit may do to what a text says; a task tells of each how safe its labels are under it (``Task.safety``).
#   spelling: a word is written otherwise, and no other word is meant
#   other-word: another word of the language may stand there
#   spacing: one word becomes two, or two become one
#   word-loss, word-order, repetition: words are missing, stand elsewhere, or stand twice
#   punctuation: marks or capitals are missing
#   sentence-loss, sentence-order: sentences are missing or stand elsewhere
#   addition: a sentence that says nothing of the matter is put beside the text
EFFECTS = (
    "spelling",
    "other-word",
    "spacing",
    "word-loss",
    "word-order",
    "repetition",
    "punctuation",
    "sentence-loss",
    "sentence-order",
    "addition",
)
# Effects by which what is labelled, or its last mark, may go or stand elsewhere in its text.
MOVING = frozenset({"word-loss", "word-order", "punctuation", "sentence-loss", "sentence-order"})
POSITIONS = ("inner", "all", "first", "last")
WORD_CLASSES = ("stop-words", "digits", "numbers")


@dataclass(frozen=True, kw_only=True)
class Operator(ABC):
    """One way to edit a word; its fields are what a recipe may set.

    Attributes:
        level: What it acts on, one of ``LEVELS``.
        effect: What it may do to what a text says, one of ``EFFECTS``.
        source: Where the kind of noise is described, or was measured.
        unit: What is edited: a ``word``, a ``sentence`` or a ``text``.
        breaks_tokens: Whether an edit may make another number of tokens.
        package: The package that it needs, by the name that is imported; empty for none.
        keeps_form: Whether its edits must leave letters apart, and a text in normal form C in it. Where they need not,
            they may write marks and joiners; the letters of the original are whole all the same.
        enumerable: Whether it tells all that it may write at a place, so that attackers can search.
        weight: How often it is drawn, against the recipe's other operators.
        min_length: Words with fewer letters stay.
        skip: Classes of words that stay: ``stop-words``, ``digits`` (nothing else) and ``numbers`` (digits and
            signs, no letter).
    """

    name: ClassVar[str]
    level: ClassVar[str] = "letters"
    effect: ClassVar[str] = "spelling"
    source: ClassVar[str] = ""
    unit: ClassVar[str] = "word"
    breaks_tokens: ClassVar[bool] = False
    package: ClassVar[str] = ""
    keeps_form: ClassVar[bool] = True
    enumerable: ClassVar[bool] = False
    weight: float = 1.0
    min_length: int = 1
    skip: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the options; a subclass with options of its own extends this."""
        # Written as what must hold, so that NaN, for which no comparison holds, is refused too.
        if not 0 < self.weight < math.inf:
            raise RecipeError(f"operator {self.name!r}: weight must be above 0 and finite, got {self.weight!r}")
        if self.min_length < 1:
            raise RecipeError(f"operator {self.name!r}: min_length must be at least 1, got {self.min_length!r}")
        for word_class in self.skip:
            self.check_choice("skip", word_class, WORD_CLASSES)

    def __getstate__(self) -> dict[str, Any]:
        """Leave behind what was made on first use, which each process makes for itself."""
        return without_cached(self)

    def check_choice(self, option: str, value: str, known: tuple[str, ...]) -> None:
        """Refuse a value that is not one of the known ones.

        Args:
            option: Name of the option.
            value: Its value.
            known: The values that it may have.

        Raises:
            RecipeError: With the operator, the option, the value and the closest known one.
        """
        if value not in known:
            raise RecipeError(f"operator {self.name!r}: {option} = {value!r} is not known; {hint(value, known)}")

    def check_installed(self) -> None:
        """Refuse to run without the package that the operator needs.

        Raises:
            UserError: With the package, and how to install it.
        """  # noqa: DOC501 - missing_package makes a UserError
        if self.package and not is_installed(self.package):
            raise missing_package(self.package, f"the operator {self.label!r}")

    @property
    def lists_are_of(self) -> str:
        """Code of the language of which its words are; empty where it holds none, or those of a user."""
        return ""

    def in_language(self, language: Language) -> Self:
        """Return the operator for texts of a language; by default as it is.

        Args:
            language: The language.

        Returns:
            The operator with the options that the language sets, and otherwise the same.

        Raises:
            RecipeError: Its words are of another language.
        """
        if self.lists_are_of not in ("", language.code):
            raise RecipeError(
                f"operator {self.label!r}: its words are of the language {self.lists_are_of!r}, and the texts of "
                f"{language.code!r}; name a list of that language in a recipe of your own"
            )
        return self

    @classmethod
    def option_names(cls) -> list[str]:
        """Return the options that a recipe may set."""
        return [field.name for field in fields(cls)]

    @property
    def label(self) -> str:
        """The name that stands in edit logs and tables."""
        return self.name


def labels(operators: Sequence[Operator]) -> tuple[str, ...]:
    """Return the labels of some operators."""
    return tuple(operator.label for operator in operators)


@dataclass(frozen=True, kw_only=True)
class LetterOperator(Operator):
    """An operator that changes one or two letters (grapheme clusters) at a place in a word.

    Attributes:
        width: How many letters an edit takes up; 0 for an insertion, whose place i is the gap before letter i.
        positions: ``inner`` leaves the first and last letter as they are; ``all`` may change them; ``first`` and
            ``last`` act at that end of a word alone.
    """

    width: ClassVar[int] = 1
    positions: str = "inner"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_choice("positions", self.positions, POSITIONS)

    @property
    def inner(self) -> bool:
        """Whether the first and last letters stay."""
        return self.positions == "inner"

    def window(self, length: Index) -> tuple[int | Index, Index]:
        """Return the first place in a word at which it could act, and how many places there are.

        Args:
            length: Number of letters of each word, shape (words,).

        Returns:
            The first place, counted from the word's start (one for all words, or of shape (words,)), and the number
            of places of each word (0 or less for none).
        """
        # Where an edit is as wide as the word there is one place for it, and one more for each letter more.
        places = length - self.width + 1
        if self.inner:
            return 1, places - 2
        if self.positions == "all":
            return 0, places
        one = np.minimum(places, 1)
        return (0 if self.positions == "first" else places - 1), one

    def applies(self, letters: Letters, place: Index) -> Mask:
        """Tell at which places the edit would change something; by default everywhere.

        Args:
            letters: The letters of the batch.
            place: Cluster numbers, shape (edits,).

        Returns:
            Shape (edits,).
        """
        return np.ones(len(place), bool)

    def outcomes(self, letters: Letters, places: Places) -> Index:
        """Tell, of an operator that is ``enumerable``, how many equal parts the low 32 bits of a place fall into.

        Within a part :meth:`replace` writes the same whatever the bits; by default there is one part, all bits.

        Args:
            letters: The letters of the batch.
            places: Where, each a place at which ``applies`` holds; with bits that mean nothing.

        Returns:
            The number of parts, shape (edits,).
        """
        return np.ones(len(places.at), np.int64)

    @abstractmethod
    def replace(self, letters: Letters, places: Places) -> Replacements:
        """Write the edits.

        Args:
            letters: The letters of the batch.
            places: Where, each a place at which ``applies`` holds.

        Returns:
            What stands where afterwards, an entry for each place.
        """


@dataclass(frozen=True, kw_only=True)
class WordOperator(Operator):
    """An operator that rewrites a word as a whole, one word at a time; edits are found by alignment."""

    @abstractmethod
    def rewrite(self, word: str, bits: int) -> str:
        """Return the new form of a word, or the word itself where nothing applies.

        Args:
            word: The word.
            bits: 64 random bits; the result must depend on them and the word alone.

        Returns:
            The new form.
        """

    def rewrites(self, word: str) -> Sequence[str]:
        """Return, of an operator that is ``enumerable``, all forms that :meth:`rewrite` may make of a word.

        Of an operator that may change several places of a word at once, those with one changed place. By default there
        is one form, whatever the bits.

        Args:
            word: The word.

        Returns:
            The forms, the word itself perhaps among them.
        """
        return (self.rewrite(word, 0),)


@dataclass(frozen=True, kw_only=True)
class UnitOperator(Operator):
    """An operator on whole words, sentences or texts, which may change what stands beside them, too."""

    breaks_tokens = True

    @abstractmethod
    def applies(self, units: Units) -> Mask:
        """Tell which units can be edited.

        Args:
            units: The units.

        Returns:
            Shape (units,).
        """

    def outcomes(self, units: Units) -> Index:
        """Tell, of an operator that is ``enumerable``, how many things it may write at each unit; by default one.

        Args:
            units: Units for which ``applies`` holds; with bits that mean nothing.

        Returns:
            The numbers, shape (units,).
        """
        return np.ones(len(units.start), np.int64)

    def bits_of(self, outcomes: Index, counts: Index) -> Keys:
        """Return random bits that lead to each of the :meth:`outcomes`.

        Args:
            outcomes: The number of each, from 0, shape (edits,).
            counts: How many there are at its unit, shape (edits,).

        Returns:
            Shape (edits,).
        """
        return low_bits(outcomes, counts)

    @abstractmethod
    def replace(self, units: Units) -> Replacements:
        """Write the edits.

        Args:
            units: Units for which ``applies`` holds.

        Returns:
            What stands where afterwards, an entry for each.
        """
