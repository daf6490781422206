"""Languages: what noise in a language takes from it; a file each (``attacks/languages/*.toml``).

::

    name = "German"
    layouts = ["de-qwertz"]                         # the first is the usual one
    alphabet = "abcdefghijklmnopqrstuvwxyzäöüß"     # what slips insert; without it, the letters of the first layout
    vowels = "aeiouäöü"                             # what is exchanged for one another
    stop_words = "de"
    direction = "left-to-right"
    letters_a_cluster = 1                           # more where a written letter is a syllable

    [sources]                                       # where each of these facts is from
    alphabet = "letters of the main exemplar characters, Unicode CLDR 48"
"""

from __future__ import annotations

import functools
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from charrobust import resources
from charrobust.errors import RecipeError, UserError
from charrobust.perturb.clusters import composed
from charrobust.perturb.keyboards import Layout, load_layout
from charrobust.perturb.word_classes import stop_words
from charrobust.settings import Checked, read, setting

FOLDER = "attacks/languages"
DIRECTIONS = ("left-to-right", "right-to-left")


@dataclass(frozen=True, kw_only=True)
class Language(Checked):
    """A language, as noise knows it.

    Attributes:
        code: What it is named by: ``de``; of a file of the user's, the file's name.
        name: Its name in English.
        layouts: Keyboard layouts that it is written with, the usual one first.
        alphabet: The letters that are inserted by slips, lower-case: those that have a key of their own. Empty for all
            of the first layout.
        vowels: The letters that stand for vowels, lower-case; with none, recipes that exchange vowels are refused.
        stop_words: Its list of stop words.
        direction: Where its lines run.
        letters_a_cluster: How many letters of an alphabet one of its letters (grapheme clusters) stands for: 2 where
            it is a consonant with its vowel. What recipes say of the length of words is divided by it.
        sources: Where each of these facts is from, by the name of the field.
    """

    code: str
    name: str
    layouts: tuple[str, ...]
    stop_words: str
    alphabet: str = ""
    vowels: str = ""
    direction: str = setting("left-to-right", choices=DIRECTIONS)
    letters_a_cluster: int = setting(1, low=1)
    sources: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check all values, and that the files that it names are there.

        Raises:
            RecipeError: One is not.
        """
        super().__post_init__()
        if not self.layouts:
            raise RecipeError("layouts must name at least one keyboard layout, got none")
        for layout in self.layouts:
            load_layout(layout)
        stop_words(self.stop_words)
        # Through the class, as the dataclass is frozen.
        object.__setattr__(self, "alphabet", composed(self.alphabet) or letters_of(self.layout))
        if problem := _problem_of(self.alphabet):
            raise RecipeError(f"alphabet must hold the letters of the language, each once, got {problem}")

    @property
    def layout(self) -> Layout:
        """The usual keyboard layout."""
        return load_layout(self.layouts[0])

    def length(self, letters: int) -> int:
        """Return how long a word is, in letters of the language, that has some letters in an alphabet."""
        return math.ceil(letters / self.letters_a_cluster)


def letters_of(layout: Layout) -> str:
    """Return the letters that a layout writes, with or without shift; without its marks, which do not stand alone."""
    keys = {key for key, _, _ in layout.places}
    return "".join(sorted(filter(_is_letter, keys.union(layout.uppercase.values()))))


def _is_letter(character: str) -> bool:
    """Tell whether a character is a lower-case letter, or one without a case; º, which is an o for numbers, is none."""
    return character.isalpha() and not character.isupper() and unicodedata.is_normalized("NFKC", character)


def _problem_of(alphabet: str) -> str:
    """Say what of an alphabet is no letter, a capital, or there twice; nothing where all is well."""
    if not alphabet:
        return "no letter"
    for number, letter in enumerate(alphabet):
        if not _is_letter(letter):
            return f"{letter!r}, which is no lower-case letter"
        if letter in alphabet[:number]:
            return f"{letter!r} twice"
    return ""


def language_codes() -> list[str]:
    """Return the codes of the languages that ship."""
    return resources.names(FOLDER)


def load_language(code: str | Path) -> Language:
    """Load a language.

    Args:
        code: A code that ships, such as ``de``, or the path of a TOML file.

    Returns:
        The language.

    Raises:
        RecipeError: There is none, or its file has unknown keys or bad values.
    """
    return _loaded(str(code))


@functools.cache
def _loaded(code: str) -> Language:
    path = resources.find(code, FOLDER, "language")
    content = _beside(path, resources.read_toml(path))
    try:
        return read(Language, {**content, "code": path.name.removesuffix(".toml")})
    except UserError as error:
        raise RecipeError(f"{path}: {error}") from error


def _beside(path: Path, content: dict[str, Any]) -> dict[str, Any]:
    """Let files that a language names by relative paths be looked for beside it."""

    def found(name: Any) -> Any:
        return str(path.parent / name) if isinstance(name, str) and (path.parent / name).is_file() else name

    layouts, words = content.get("layouts"), content.get("stop_words")
    if isinstance(layouts, list):
        content["layouts"] = list(map(found, layouts))
    return {**content, "stop_words": found(words)} if words is not None else content
