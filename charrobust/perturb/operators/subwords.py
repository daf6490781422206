"""Noise on the pieces that a tokenizer cuts words into, rather than on their letters.

An edit that follows the borders of a tokenizer's pieces leaves a model whole pieces in a wrong order or number, where
an edit of a letter makes it read other, smaller ones: Chai et al., "Tokenization falling short", Findings of EMNLP
2024; Wang et al., "Tokenization matters!", 2024.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from charrobust.packages import is_installed
from charrobust.perturb.operators.base import WordOperator
from charrobust.perturb.picking import generator, pick
from charrobust.perturb.subwords import Piece, SubwordTokenizer, read_tokenizer

EDITS = ("drop", "double", "swap", "replace")


@dataclass(frozen=True, kw_only=True)
class Pieces(WordOperator):
    """Drop, double, exchange or replace a piece of a word: ``un|believ|able`` becomes ``un|able``.

    Words of one piece stay, and so do those that are cut inside a character.

    Attributes:
        tokenizer: A shipped one, or the path of a ``tokenizer.json`` or of its directory: that of the model attacked.
        edit: ``drop`` leaves a piece out, ``double`` writes it twice, ``swap`` exchanges it with the next one,
            ``replace`` writes another one of the vocabulary that is one letter away and stands as it does (at the start
            of words, or further on); both have three letters or more.
    """

    name = "pieces"
    level = "subwords"
    source = "Own; why borders of pieces matter: Chai et al., Tokenization falling short, Findings of EMNLP 2024"
    package = "tokenizers"
    enumerable = True
    tokenizer: str = "en-wordpiece"
    edit: str = "drop"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_choice("edit", self.edit, EDITS)
        # Refused with the recipe, where the package is there to tell; without it, an attack asks for the package.
        if is_installed(self.package):
            _ = self._subwords

    @property
    def label(self) -> str:
        """The name in logs: ``pieces:drop``."""
        return f"{self.name}:{self.edit}"

    def rewrite(self, word: str, bits: int) -> str:
        """See the base class."""
        texts, possible = self._edits(word)
        if not possible:
            return word
        random = generator(bits)
        place, count, others = pick(possible, random)
        texts[place : place + count] = [pick(others, random)]
        return "".join(texts)

    def rewrites(self, word: str) -> Sequence[str]:
        """See the base class."""
        texts, possible = self._edits(word)
        forms = []
        for place, count, others in possible:
            before, behind = "".join(texts[:place]), "".join(texts[place + count :])
            forms += [before + other + behind for other in others]
        return forms

    def _edits(self, word: str) -> tuple[list[str], list[tuple[int, int, Sequence[str]]]]:
        """Return the pieces of a word, and the edits of it: where, how many pieces they take, what may be written."""
        pieces = self._subwords.cut(word)
        texts = [piece.text for piece in pieces]
        if len(pieces) < 2:
            return texts, []
        edits = [(place, *self._others(pieces, place)) for place in range(len(pieces))]
        return texts, [edit for edit in edits if edit[2]]

    def _others(self, pieces: list[Piece], place: int) -> tuple[int, Sequence[str]]:
        """Return how many pieces the edit at a place takes, and what may be written instead; nothing for no edit."""
        text = pieces[place].text
        if self.edit == "drop":
            return 1, [""]
        if self.edit == "double":
            return 1, [text + text]
        if self.edit == "replace":
            return 1, self._subwords.near(pieces[place])
        behind = "".join(piece.text for piece in pieces[place + 1 : place + 2])
        swapped = behind + text
        return 2, [swapped] if swapped != text + behind else []

    def __getstate__(self) -> dict[str, Any]:
        """Keep what the tokenizer's file holds: one of the user's may not lie where the attack is sent."""
        return {**super().__getstate__(), "_content": self._content}

    @functools.cached_property
    def _content(self) -> str:
        return read_tokenizer(self.tokenizer)

    @functools.cached_property
    def _subwords(self) -> SubwordTokenizer:
        return _subword_tokenizer(self._content, self.tokenizer)


# Recipes have several operators of one tokenizer, which is large.
@functools.lru_cache(maxsize=4)
def _subword_tokenizer(content: str, name: str) -> SubwordTokenizer:
    return SubwordTokenizer(content, name)
