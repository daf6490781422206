"""What an edited word may become: no word at all, or another word, by a dictionary.

The terms are those of Kukich, "Techniques for automatically correcting words in text", ACM Computing Surveys 1992: a
non-word error makes what is in no dictionary, a real-word error another word, which no look at the word alone betrays.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from charrobust import resources
from charrobust.errors import RecipeError
from charrobust.perturb.clusters import composed
from charrobust.perturb.listed import entries
from charrobust.perturb.operators.base import UnitOperator

if TYPE_CHECKING:
    from charrobust.perturb.languages import Language
    from charrobust.perturb.recipe import Recipe

ANY, NON_WORD, REAL_WORD = ERRORS = ("any", "non-word", "real-word")
FOLDER = "attacks/dictionaries"
DEFAULT = "en"
# Between the words of what was one, as where it is split, and of compounds.
_BETWEEN = re.compile(r"[\s-]+")


@dataclass(frozen=True)
class WordLimit:
    """What an edited word may become.

    Attributes:
        errors: ``non-word`` or ``real-word``.
        known: The words of the dictionary, see :func:`load_dictionary`.
    """

    errors: str
    known: frozenset[str]

    @property
    def reason(self) -> str:
        """Why a word stays that may not become what an edit makes of it."""
        return "would be a word" if self.errors == NON_WORD else "would be no other word"

    def allows(self, old: str, new: str) -> bool:
        """Tell whether a word may become another form.

        Args:
            old: The word.
            new: What edits make of it; several words, perhaps, which must then all be known to be words.

        Returns:
            Whether it may.
        """
        written = _plain(new)
        is_word = self._is_word(written)
        # Most are letters alone, and need no look for parts.
        if not is_word and not written.isalpha():
            is_word = all(map(self._is_word, _BETWEEN.split(written)))
        if self.errors == NON_WORD:
            return not is_word
        # In another case it is the same word.
        return is_word and written.casefold() != _plain(old).casefold()

    def _is_word(self, written: str) -> bool:
        """Tell whether a word is in the dictionary, as it is written or in small letters."""
        return written in self.known or written.lower() in self.known


@functools.cache
def load_dictionary(name: str) -> frozenset[str]:
    """Load a shipped dictionary by the code of its language, or a user's list of words by the path of its file.

    Args:
        name: Such as ``en``, or a path.

    Returns:
        The words as they are listed, and those with capitals in capitals throughout, too: ``Paris`` may be written
        ``PARIS``, but not ``paris``.

    Raises:
        RecipeError: No such list, a line that is not one word, or none at all.
    """
    path = resources.find(name, FOLDER, "dictionary", suffix=".txt")
    words = set()
    for where, line in entries(path):
        word = _plain(line.strip())
        if len(word.split()) > 1:
            raise RecipeError(f"{where}: expected one word, got {line.strip()!r:.60}; write each on a line of its own")
        words.add(word)
    if not words:
        raise RecipeError(f"{path}: the dictionary is empty; write a word a line")
    with_capitals = {word.upper() for word in words if word != word.lower()}
    return frozenset(words | with_capitals)


def known_words(recipe: Recipe) -> frozenset[str]:
    """Return the words of a recipe's dictionary; none where no rule asks for them."""
    return frozenset() if recipe.errors == ANY else load_dictionary(recipe.dictionary)


def limit_of(recipe: Recipe, part: Recipe) -> WordLimit | None:
    """Return what words may become that are edited by a part of a recipe.

    Args:
        recipe: The recipe.
        part: A part of its mixture, or the recipe itself.

    Returns:
        The limit of the part, or else that of the mixture; None where neither has one.
    """
    for each in (part, recipe):
        if each.errors != ANY:
            return WordLimit(each.errors, each.known_words)
    return None


def check_errors(recipe: Recipe) -> None:
    """Refuse a limit on words that makes no sense in a recipe.

    Args:
        recipe: The recipe.

    Raises:
        RecipeError: An operator edits across words, a part of the mixture has a limit, too, or a dictionary is named
            that nothing reads.
    """
    where = f"recipe {recipe.name!r}"
    if recipe.errors == ANY:
        if recipe.dictionary != DEFAULT:
            raise RecipeError(
                f"{where}: a dictionary is named, {recipe.dictionary!r}, but errors = 'any' looks at none; set errors "
                "to 'non-word' or 'real-word'"
            )
        return
    across = dict.fromkeys(each.label for each in recipe.operators if isinstance(each, UnitOperator))
    if across:
        raise RecipeError(
            f"{where}: errors = {recipe.errors!r} tells what an edited word may become, but {_listed(across)} edits "
            "across words; take a recipe that edits inside words"
        )
    limited = [part.recipe.name for part in recipe.mixture if part.recipe.errors != ANY]
    if limited:
        raise RecipeError(f"{where}: {_listed(limited)} says itself which errors are made; say it in one of the two")


def check_language(recipe: Recipe, language: Language) -> None:
    """Refuse a language whose words are not those of the recipe's dictionary.

    Args:
        recipe: The recipe.
        language: The language.

    Raises:
        RecipeError: A shipped dictionary is of another language.
    """
    if recipe.errors == ANY or resources.is_path(recipe.dictionary) or recipe.dictionary == language.code:
        return
    raise RecipeError(
        f"recipe {recipe.name!r}: its dictionary is of the language {recipe.dictionary!r}, and the texts of "
        f"{language.code!r}; name a list of that language in a recipe of your own (dictionary = 'mine.txt')"
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names))


def _plain(word: str) -> str:
    """Return a word in normal form C, with straight apostrophes."""
    return word if word.isascii() else composed(word).replace("’", "'")
