"""Robust encodings as a defence before any model: words that typos turn into each other are read as one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from charrobust.errors import UserError
from charrobust.json_text import parse_json
from charrobust.perturb import Recipe, load_recipe
from charrobust.perturb.recipe_files import recipe_names
from charrobust.systems.word_owners import WordOwners

FILE = "encodings.json"
_KEPT = 2**16  # words whose reading is kept at hand
_FORM = "expected what charrobust train-encodings wrote; train the encodings again, or copy their folder whole"


class Encodings:
    """Writes one word, the most frequent, for all words of a cluster and for their misspellings.

    A word of the vocabulary is read as its cluster, another one as that of the word it is a misspelling of, both in
    lower case. Where that is none, it stays, or a neutral word takes its place. Words with a digit, or without a
    letter, stay.
    Source: Jones, Jia, Raghunathan and Liang, Robust encodings: a framework for combating adversarial typos, ACL 2020.

    Attributes:
        read_as: For each word of the vocabulary, the most frequent first, the word that is read for it.
        neutral: What takes the place of other words; None where they stay.
    """

    name = "robust encodings"

    def __init__(self, recipe: str, read_as: Mapping[str, str], neutral: str | None = None) -> None:
        """Take encodings into use.

        Args:
            recipe: Name of the recipe whose misspellings they are made for.
            read_as: For each word of the vocabulary in lower case, the most frequent first, the word that is read.
            neutral: What takes the place of words that are no misspelling of any; None where they stay.

        Raises:
            RecipeError: There is no such recipe.
        """
        self.recipe, self.read_as, self.neutral = load_recipe(recipe), dict(read_as), neutral
        self._encodings = list(self.read_as.values())
        self._owners = WordOwners(self.recipe, list(self.read_as))
        self._read = lru_cache(_KEPT)(self._looked_up)  # words repeat

    @classmethod
    def load(cls, folder: Path) -> Encodings:
        """Read a folder that ``charrobust train-encodings`` wrote.

        Args:
            folder: The folder.

        Returns:
            The encodings.

        Raises:
            UserError: Its file is damaged, or its recipe is another one by now.
        """
        path = folder / FILE
        try:
            content = parse_json(path.read_bytes())
            recipe, read_as, neutral = content["recipe"], content["read_as"], content["neutral"]
            words = [*read_as, *read_as.values(), *([] if neutral is None else [neutral])]
            is_whole = isinstance(recipe, str) and all(isinstance(word, str) and word for word in words)
            digest = content["recipe_digest"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(f"{path} is damaged: {_FORM}") from error
        if not is_whole or not set(read_as.values()) <= read_as.keys():
            raise UserError(f"{path} is damaged: {_FORM}")
        if recipe not in recipe_names():
            raise UserError(f"{path} was made for a recipe that does not ship, {recipe!r}; train the encodings again")
        encodings = cls(recipe, read_as, neutral)
        if _digest(encodings.recipe) != digest:
            raise UserError(f"{path} was made for another version of the recipe {recipe}; train the encodings again")
        return encodings

    def save(self, folder: Path) -> None:
        """Write the encodings."""
        content: dict[str, Any] = {
            "recipe": self.recipe.name,
            "recipe_digest": _digest(self.recipe),
            "neutral": self.neutral,
            "read_as": self.read_as,
        }
        text = json.dumps(content, ensure_ascii=False, indent=0)
        (folder / FILE).write_text(text + "\n", encoding="utf-8")

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that words are read by."""
        # A list, for the order of words decides whose misspelling a form is.
        parts = [_digest(self.recipe), list(self.read_as.items()), self.neutral]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def words(self, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        """Return a word for each word of sentences, each read by itself.

        Args:
            sentences: The words of each text.

        Returns:
            The words that are read, as many for each text.
        """
        return [list(map(self._encoded, sentence)) for sentence in sentences]

    def _encoded(self, word: str) -> str:
        """Return what is read for a word."""
        known = word.lower()
        read = self._read(known)
        # In lower case: a typo in a capital would else be read otherwise.
        return word if read == known and known not in self.read_as else read

    def _looked_up(self, word: str) -> str:
        """Return what is read for a word in lower case."""
        owner = self._owners.owner(word)
        if owner is not None:
            return self._encodings[owner]
        is_word = any(map(str.isalpha, word)) and not any(map(str.isdigit, word))
        return self.neutral if is_word and self.neutral is not None else word


def holds_encodings(folder: Path) -> bool:
    """Tell whether a folder holds encodings."""
    return (folder / FILE).is_file()


def _digest(recipe: Recipe) -> str:
    """Return a digest of what a recipe does to a word, by which another version is noticed."""
    return hashlib.sha256(recipe.fingerprint.encode()).hexdigest()
