"""Any character or word augmenter of the nlpaug library as an operator.

Words are handed over one at a time, so nlpaug's tokenisation never touches spacing. Its randomness comes from
the global generators of Python and NumPy: they are seeded for each word from the engine's own numbers, and
restored afterwards.
"""

from __future__ import annotations

import functools
import importlib
import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from charrobust.errors import RecipeError, hint
from charrobust.packages import is_installed, needed_for
from charrobust.perturb.operators.base import WordOperator

if TYPE_CHECKING:
    from charrobust.perturb.languages import Language

_MODULES = ("nlpaug.augmenter.char", "nlpaug.augmenter.word")
# Actions of RandomWordAug that need more than the one word that an operator is given, and what does the same.
_ACROSS_WORDS = {"delete": "drop-word", "crop": "drop-word", "swap": "swap-words"}
# Augmenters that run a neural model; all others work without torch, and so never import it.
_NEURAL = {"BackTranslationAug", "ContextualWordEmbsAug", "WordEmbsAug"}
# Augmenters that write other letters of a word are of the level of letters, but for these.
_LEVELS = {"OcrAug": "machines", "SpellingAug": "misspellings"}
_OF_WORDS = _NEURAL | {"AntonymAug", "RandomWordAug", "ReservedAug", "SynonymAug", "TfIdfAug"}


@dataclass(frozen=True, kw_only=True)
class Nlpaug(WordOperator):
    """Let an nlpaug augmenter rewrite the word.

    Attributes:
        augmenter: Class name in ``nlpaug.augmenter.char`` or ``nlpaug.augmenter.word``, such as ``OcrAug``.
        options: Keyword arguments of that class. Word and character shares should be set so that a single
            word is always augmented, for example ``aug_word_p = 1.0``.
    """

    name = "nlpaug"
    package = "nlpaug"
    augmenter: str = "OcrAug"
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        action = self.options.get("action", "delete")
        if self.augmenter == "RandomWordAug" and action in _ACROSS_WORDS:
            raise RecipeError(
                f"operator 'nlpaug': RandomWordAug is given one word at a time, in which action = {action!r} has "
                f"nothing to change; use the operator {_ACROSS_WORDS[action]!r}, or action = 'substitute'"
            )
        # A recipe can be read, listed and shown without the library; an attack asks for it.
        if not is_installed(self.package):
            return
        known = _augmenter_names()
        if self.augmenter not in known:
            raise RecipeError(f"operator 'nlpaug': unknown augmenter {self.augmenter!r}; {hint(self.augmenter, known)}")

    @property
    def label(self) -> str:
        """The name in logs: ``nlpaug:OcrAug``."""
        return f"nlpaug:{self.augmenter}"

    @property
    def level(self) -> str:  # type: ignore[override]
        """The level of what the augmenter does; most of the library's work on letters."""
        return _LEVELS.get(self.augmenter, "words" if self.augmenter in _OF_WORDS else "letters")

    @property
    def effect(self) -> str:  # type: ignore[override]
        """What the augmenter may do to what a text says."""
        return "other-word" if self.augmenter in _OF_WORDS else "spelling"

    def in_language(self, language: Language) -> Self:
        """See the base class; misspellings of English words would make nonsense of texts in another language.

        Args:
            language: The language.

        Returns:
            The operator.

        Raises:
            RecipeError: It is a dictionary of English, and the language another one.
        """
        if self.augmenter == "SpellingAug" and "dict_path" not in self.options and language.code != "en":
            raise RecipeError(
                f"operator {self.label!r}: its dictionary holds English words alone, and the language is "
                f"{language.code!r}; name one of that language as options.dict_path in a recipe of your own"
            )
        return self

    def rewrite(self, word: str, bits: int) -> str:
        """See the base class."""
        augmenter = self._instance
        try:
            with _seeded(bits):
                result = augmenter.augment(word)
        except Exception as error:  # the library raises errors of any kind
            raise RecipeError(f"operator 'nlpaug': {self.augmenter} failed on {word!r}: {error!r}") from error
        changed = result[0] if isinstance(result, list) and result else result
        if not isinstance(changed, str):
            return word
        # A word of several tokens to nlpaug (don't, U.S.) comes back with blanks between them.
        return _without_new_blanks(word, changed)

    @functools.cached_property
    def _instance(self) -> Any:
        augmenter = _augmenter_class(self.augmenter)
        try:
            instance = augmenter(**self.options)
        except ImportError as error:
            raise RecipeError(f"operator 'nlpaug': {self.augmenter} needs another package: {error}") from error
        except OSError as error:
            raise RecipeError(f"operator 'nlpaug': {self.augmenter} does not find its data: {error}") from error
        except (TypeError, ValueError, LookupError) as error:
            raise RecipeError(f"operator 'nlpaug': {self.augmenter} does not take these options: {error}") from error
        if self.augmenter == "SpellingAug":  # the library keeps the first dictionary loaded for all instances
            instance.model = instance.get_model(force_reload=True)
        _sort_choices(instance)
        return instance


def _augmenter_names() -> list[str]:
    names = set()
    for module in _MODULES:
        for name, value in vars(_light_import(module)).items():
            if name.endswith("Aug") and isinstance(value, type):
                names.add(name)
    return sorted(names)


def _augmenter_class(name: str) -> Any:
    modules = list(map(_light_import, _MODULES))
    if name in _NEURAL:
        # Imported while torch was hidden, the modules of nlpaug would go on without it: they are imported anew.
        for module in list(sys.modules):
            if module.split(".")[0] == "nlpaug":
                del sys.modules[module]
        modules = list(map(importlib.import_module, _MODULES))
    return next(getattr(module, name) for module in modules if hasattr(module, name))


def _light_import(module: str) -> Any:
    """Import an nlpaug module without the neural libraries that it loads whether they are used or not."""
    if module in sys.modules:
        return sys.modules[module]
    # A module that is None in this table cannot be imported; nlpaug takes that as not installed, and goes on.
    hidden = [name for name in ("torch", "transformers") if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        with needed_for("the operator 'nlpaug'"):
            return importlib.import_module(module)
    finally:
        for name in hidden:
            del sys.modules[name]


def _sort_choices(instance: Any) -> None:
    """Sort the dictionary of a spelling model, whose lists were made from sets and so vary between processes."""
    dictionary = getattr(getattr(instance, "model", None), "dict", None)
    if isinstance(dictionary, dict):
        for choices in dictionary.values():
            if isinstance(choices, list):
                choices.sort()


@contextmanager
def _seeded(bits: int) -> Iterator[None]:
    """Seed the global generators that nlpaug draws from, and restore them."""
    # The caller's own random numbers must not hang on how many words were edited in between.
    python_state, numpy_state = random.getstate(), np.random.get_state()
    random.seed(bits)
    np.random.seed(bits & 0xFFFFFFFF)  # takes no more than 32 bits
    try:
        yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)


def _without_new_blanks(word: str, changed: str) -> str:
    """Remove the blanks that nlpaug's detokeniser puts around marks inside a word."""
    if all(map(str.isalnum, word)):
        return changed
    return changed.replace(" ", "")
