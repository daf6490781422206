"""Recipes: what an attack does, declared in TOML, validated on loading.

::

    summary = "Random drop, add, swap and keyboard errors"
    source = "Ma et al., COLING 2020"
    seed = 2020

    [words]
    share = 1.0            # of the eligible words; or edited_words = 2 for an exact number a text
    edits_per_word = 1
    min_length = 4

    [[operators]]
    name = "drop"

A word may have a number of edits that is drawn, ``edits_per_word = { 1 = 0.75, 2 = 0.2, 3 = 0.05 }``. A mixture has, in
place of operators, other recipes, each with how often it is drawn; one is drawn for each word, or for each text::

    mix = "word"

    [[mixture]]
    recipe = "typing"
    weight = 3.0
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from charrobust import resources
from charrobust.errors import RecipeError, UserError, hint
from charrobust.lazy import without_cached
from charrobust.perturb.changed_fields import changed_fields
from charrobust.perturb.counter_random import Keys, text_key
from charrobust.perturb.languages import Language, load_language
from charrobust.perturb.mixing import (
    MOST_EDITS,
    check_counts,
    check_mixture,
    check_units,
    drawn_counts,
    mixed_operators,
)
from charrobust.perturb.operators import OPERATORS
from charrobust.perturb.operators.base import MOVING, WORD_CLASSES, Operator
from charrobust.perturb.patterns import check_patterns
from charrobust.perturb.word_classes import stop_words
from charrobust.perturb.word_limit import ANY, DEFAULT, ERRORS, REAL_WORD, check_errors, check_language, known_words
from charrobust.perturb.words import Index
from charrobust.settings import Checked, setting

_MIXES = ("word", "text")


@dataclass(frozen=True)
class Part:
    """A recipe in a mixture.

    Attributes:
        recipe: The recipe; its own share and seed do not count there.
        weight: How often it is drawn, against the other parts.
    """

    recipe: Recipe
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Recipe(Checked):
    """What an attack does to the words of a text.

    Attributes:
        name: Name of the recipe.
        summary: One line on what it does.
        source: Where it comes from.
        seed: The seed used where none is given.
        operators: The operators, one of which is drawn by weight for each edit; those of all parts of a mixture.
        mixture: The recipes of a mixture, in place of operators of its own.
        mix: Whether a part of the mixture is drawn for each ``word``, or for each ``text``.
        share: Share of the eligible words that are edited. The words edited at a lower share are among those
            edited at a higher one.
        edited_words: Exact number of words edited in each text, instead of a share.
        edits_per_word: Edits of each edited word, at places that do not touch, 20 at most; or how likely each number
            of edits is, as ``{"1": 0.75, "2": 0.25}``. The parts of a mixture have their own.
        redraw: Whether another operator is drawn, of those not tried yet, where one finds no place in a word. Otherwise
            the word stays.
        min_length: Words with fewer letters (grapheme clusters) stay.
        skip: Classes of words that stay: ``stop-words``, ``digits`` (nothing else), ``numbers`` (digits and signs).
        only: Classes of words that alone are edited.
        stop_words: A shipped list such as ``en``, or the path of a ``.txt`` file.
        errors: What an edited word may become: ``non-word`` nothing that is in the dictionary, ``real-word`` another
            word of it, ``any`` either.
        dictionary: The code of a language whose dictionary ships, or the path of a ``.txt`` file, a word a line.
        protect: Regular expressions; words that overlap a match stay.
        language: Code of the language that it was set to; empty for none. See :meth:`in_language`.
    """

    name: str
    summary: str
    source: str
    seed: int
    operators: tuple[Operator, ...] = ()
    mixture: tuple[Part, ...] = ()
    mix: str = setting("word", choices=_MIXES)
    share: float = setting(1.0, low=0, high=1)
    edited_words: int | None = setting(None, low=1)
    edits_per_word: int | Mapping[str, float] = setting(1, low=1, high=MOST_EDITS)
    redraw: bool = False
    min_length: int = setting(1, low=1)
    skip: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    stop_words: str = "en"
    errors: str = setting(ANY, choices=ERRORS)
    dictionary: str = DEFAULT
    protect: tuple[str, ...] = ()
    language: str = ""

    def __post_init__(self) -> None:
        """Check all values, each by itself and against each other."""
        try:
            super().__post_init__()
        except UserError as error:
            raise RecipeError(f"recipe {self.name!r}: {error}") from error
        if self.mixture:
            check_mixture(self)
            object.__setattr__(self, "operators", mixed_operators(self.mixture))
        if not self.operators:
            raise RecipeError(f"recipe {self.name!r} has no [[operators]]; {hint('', OPERATORS.names())}")
        for rule in ("skip", "only"):
            self._check_classes(rule, getattr(self, rule))
        check_units(self)
        check_counts(self)
        check_errors(self)
        _ = self.known_stop_words, self.known_words  # refuses lists that are not there, before anything runs
        check_patterns(self.protect, "protect")

    def _check_classes(self, rule: str, classes: tuple[str, ...]) -> None:
        """Refuse a rule that names a class of words that is not known."""
        for word_class in classes:
            if word_class not in WORD_CLASSES:
                closest = hint(word_class, WORD_CLASSES)
                raise RecipeError(f"recipe {self.name!r}: unknown kind of word {word_class!r} in {rule}; {closest}")

    @functools.cached_property
    def known_stop_words(self) -> frozenset[str]:
        """The stop words, lower-case; none where no rule asks for them."""
        asked_for = {*self.skip, *self.only}.union(*(operator.skip for operator in self.operators))
        return stop_words(self.stop_words) if "stop-words" in asked_for else frozenset()

    @functools.cached_property
    def known_words(self) -> frozenset[str]:
        """The words of the dictionary; none where no limit on errors asks for them."""
        return known_words(self)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The recipes that edits are drawn by: those of a mixture, or this one alone."""
        return self.mixture or (Part(self),)

    @property
    def protected_patterns(self) -> tuple[str, ...]:
        """The regular expressions whose matches stay: its own, and those of the parts of a mixture."""
        patterns = dict.fromkeys(self.protect)
        for part in self.mixture:
            patterns |= dict.fromkeys(part.recipe.protect)
        return tuple(patterns)

    @property
    def unit(self) -> str:
        """What is edited, ``word``, ``sentence`` or ``text``; of a mixture, that of its first part."""
        return self.operators[0].unit

    @property
    def level(self) -> str:
        """The level that it is listed under: that of its first operator."""
        return self.operators[0].level

    @property
    def breaks_tokens(self) -> bool:
        """Whether an edit may make another number of tokens."""
        return any(operator.breaks_tokens for operator in self.operators)

    @property
    def effects(self) -> tuple[str, ...]:
        """What its edits may do to what a text says, each once."""
        effects = dict.fromkeys(operator.effect for operator in self.operators)
        limited = [self, *(part.recipe for part in self.mixture)]
        if any(each.errors == REAL_WORD for each in limited):
            effects["other-word"] = None
        return tuple(effects)

    @property
    def moves_words(self) -> bool:
        """Whether words may go, or stand elsewhere: what is labelled must then be protected."""
        return not MOVING.isdisjoint(self.effects)

    @property
    def most_edits(self) -> int:
        """The largest number of edits that a word may have."""
        counts = self.edits_per_word
        return counts if isinstance(counts, int) else max(map(int, counts))

    def edit_counts(self, streams: Keys) -> Index | None:
        """Draw the number of edits of words.

        Args:
            streams: The random streams of the words, shape (words,).

        Returns:
            Shape (words,); None where it is the same for all.
        """
        if isinstance(self.edits_per_word, int):
            return None
        return drawn_counts(self.edits_per_word, streams)

    def __getstate__(self) -> dict[str, Any]:
        """Keep what files of the user's say, which may not lie where it is sent; the same before and after use."""
        # Sorted, as sets have another order in each process.
        kept = {"fingerprint": self.fingerprint, "known_stop_words": sorted(self.known_stop_words)}
        # A dictionary that ships is everywhere, and long.
        if resources.is_path(self.dictionary):
            kept["known_words"] = sorted(self.known_words)
        return {**without_cached(self), **kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up what :meth:`__getstate__` kept."""
        sets = {"known_stop_words", "known_words"} & state.keys()
        self.__dict__.update({**state, **{name: frozenset(state[name]) for name in sets}})

    @property
    def severity(self) -> str:
        """How much is edited, in the notation that :meth:`at` reads."""
        amount = f"{self.share:g}" if self.edited_words is None else str(self.edited_words)
        # A number of edits that is drawn belongs to the recipe, as its operators do, and not to the severity.
        if self.edits_per_word == 1 or not isinstance(self.edits_per_word, int):
            return amount
        return f"{amount}x{self.edits_per_word}"

    def at(self, severity: str | float) -> Recipe:
        """Return the recipe at another severity.

        Args:
            severity: ``0.3`` edits 30 % of the eligible words, ``0.3x2`` each of them twice. For a recipe
                with an exact number of words a text, that number: ``2`` or ``2x2``.

        Returns:
            The recipe with that severity, and otherwise the same.

        Raises:
            RecipeError: The severity cannot be read or is out of range.
        """
        try:
            changes = self._severity_fields(str(severity))
        except ValueError as error:
            expected, example = "a share such as 0.3", "0.3x2"
            if self.edited_words is not None:
                expected, example = "a number of words a text such as 2", "2x2"
            raise RecipeError(
                f"severity {severity!r} does not fit recipe {self.name!r}: expected {expected}, "
                f"with x and the edits of each word behind it if wanted ({example})"
            ) from error
        try:
            return replace(self, **changes)
        except RecipeError as error:
            raise RecipeError(f"severity {severity!r}: {error}") from error

    def in_language(self, language: str | Path | Language) -> Recipe:
        """Return the recipe for texts of a language: its keyboard layout, alphabet, stop words and lengths of words.

        Layouts and stop words of files of the user's stay, as do letters that the recipe names. What a recipe does
        to English does not change with ``en``.

        Args:
            language: A code that ships, such as ``de``, the path of a TOML file, or a language.

        Returns:
            The recipe in that language, with a name that says so (``charbert:de``).

        Raises:
            RecipeError: There is no such language, the recipe is in another one already, or an operator or the
                dictionary knows another one alone.
        """
        told = language if isinstance(language, Language) else load_language(language)
        if self.language:
            raise RecipeError(
                f"recipe {self.name!r} is in the language {self.language!r} already, and cannot be put into "
                f"{told.code!r}; name one of them"
            )
        check_language(self, told)
        parts = [replace(part, recipe=part.recipe.in_language(told)) for part in self.mixture]
        return replace(
            self,
            name=f"{self.name}:{told.code}",
            operators=tuple(_in_language(operator, told) for operator in self.operators),
            mixture=tuple(parts),
            min_length=told.length(self.min_length),
            stop_words=self.stop_words if resources.is_path(self.stop_words) else told.stop_words,
            language=told.code,
        )

    def _severity_fields(self, severity: str) -> dict[str, Any]:
        """Read a severity into the fields it sets; raises ValueError where it is no number."""
        amount, _, edits = severity.partition("x")
        values: dict[str, Any] = {}
        if edits:
            values["edits_per_word"] = int(edits)
            values["mixture"] = tuple(
                replace(part, recipe=replace(part.recipe, edits_per_word=int(edits))) for part in self.mixture
            )
        if self.edited_words is None:
            values["share"] = float(amount)
        else:
            values["edited_words"] = int(amount)
        return values

    @functools.cached_property
    def fingerprint(self) -> str:
        """What, with the seed, random numbers depend on: everything but the name, the texts and the severity."""
        # Without the severity in it, the same words come first at every severity. The seed is added by the attack.
        left_out = {"name", "summary", "source", "seed", "operators", "share", "edited_words", "edits_per_word"}
        # What a language sets is in the options; that it was named changes no draw. Nor does drawing again, or a limit
        # on errors: words whose first edit is made are edited the same without.
        left_out |= {"language", "redraw", "errors", "dictionary"}
        content = changed_fields(self)
        if self.mixture:
            content["mixture"] = [[part.weight, part.recipe.fingerprint] for part in self.mixture]
        for name in left_out:
            content.pop(name, None)
        # An operator's name belongs to its class and is no field, so it is put beside the fields.
        content["operators"] = [[operator.name, changed_fields(operator)] for operator in self.operators]
        return json.dumps(content, sort_keys=True)

    @property
    def digest(self) -> str:
        """A digest of all that edits of words depend on, beside texts, seeds, and how many words are edited."""
        own = [self.edits_per_word, self.redraw, self.errors, sorted(self.known_words)]
        parts = [part.recipe.digest for part in self.mixture]
        return f"{text_key(self.fingerprint, json.dumps([own, parts], sort_keys=True)):016x}"


def _in_language(operator: Operator, language: Language) -> Operator:
    """Return an operator in a language, with the shortest words that it edits."""
    return replace(operator.in_language(language), min_length=language.length(operator.min_length))
