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
from numpy.typing import NDArray

from charrobust.errors import RecipeError, hint
from charrobust.lazy import without_cached
from charrobust.packages import is_installed, missing_package
from charrobust.perturb.code_points import CodePoints
from charrobust.perturb.counter_random import Keys
from charrobust.perturb.words import Index, Mask, Words

if TYPE_CHECKING:
    from charrobust.perturb.languages import Language

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
POSITIONS = ("inner", "all")
WORD_CLASSES = ("stop-words", "digits", "numbers")


@dataclass(frozen=True)
class Letters:
    """The letters of a batch, as operators see them.

    Attributes:
        code_points: Code points of the whole buffer.
        words: Gives the place of each grapheme cluster in it.
    """

    code_points: CodePoints
    words: Words

    def span(self, first: Index, last: Index) -> tuple[Index, Index]:
        """Return the buffer span of clusters ``first`` to ``last`` (exclusive)."""
        return self.words.at(first), self.words.at(last)

    def single(self, clusters: Index) -> tuple[CodePoints, Mask]:
        """Return the first code point of clusters, and whether it is their only one."""
        start, end = self.span(clusters, clusters + 1)
        return self.code_points[start], end - start == 1


@dataclass(frozen=True)
class Places:
    """Where an operator is to act; all of shape (edits,).

    Attributes:
        at: Cluster numbers, as given by ``window``.
        word_start: First cluster of the word around each.
        word_end: One past its last.
        bits: 64 random bits, of which the low 32 are free to use.
    """

    at: Index
    word_start: Index
    word_end: Index
    bits: Keys


@dataclass(frozen=True)
class Replacements:
    """Edits of one operator: buffer span ``start[i]:end[i]`` becomes ``lengths[i]`` code points of ``new``."""

    start: Index
    end: Index
    new: NDArray[np.uint32] | NDArray[np.uint8]
    lengths: Index


@dataclass(frozen=True, kw_only=True)
class Operator(ABC):
    """One way to edit a word; its fields are what a recipe may set.

    Attributes:
        level: What it acts on, one of ``LEVELS``.
        effect: What it may do to what a text says, one of ``EFFECTS``.
        source: Where the kind of noise is described, or was measured.
        package: The package that it needs, by the name that is imported; empty for none.
        weight: How often it is drawn, against the recipe's other operators.
        min_length: Words with fewer letters stay.
        skip: Classes of words that stay: ``stop-words``, ``digits`` (nothing else) and ``numbers`` (digits and
            signs, no letter).
    """

    name: ClassVar[str]
    level: ClassVar[str] = "letters"
    effect: ClassVar[str] = "spelling"
    source: ClassVar[str] = ""
    package: ClassVar[str] = ""
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

    def in_language(self, language: Language) -> Self:
        """Return the operator for texts of a language; by default as it is.

        Args:
            language: The language.

        Returns:
            The operator with the options that the language sets, and otherwise the same.
        """
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
        positions: ``inner`` leaves the first and last letter as they are; ``all`` may change them.
    """

    positions: str = "inner"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_choice("positions", self.positions, POSITIONS)

    @property
    def inner(self) -> bool:
        """Whether the first and last letters stay."""
        return self.positions == "inner"

    @abstractmethod
    def window(self, length: Index) -> tuple[int, Index]:
        """Return the first place in a word at which it could act, and how many places there are.

        Args:
            length: Number of letters of each word, shape (words,).

        Returns:
            The first place, counted from the word's start, and the number of places of each word (0 or less
            for none).
        """

    def applies(self, letters: Letters, place: Index) -> Mask:
        """Tell at which places the edit would change something; by default everywhere.

        Args:
            letters: The letters of the batch.
            place: Cluster numbers, shape (edits,).

        Returns:
            Shape (edits,).
        """
        return np.ones(len(place), bool)

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
