"""Pieces of words, as a tokenizer of the ``tokenizers`` library cuts them, read from its ``tokenizer.json``."""

from __future__ import annotations

import functools
import importlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from charrobust import resources
from charrobust.errors import RecipeError
from charrobust.packages import needed_for
from charrobust.perturb.word_sets import in_case_of

Kind = tuple[str, str]  # what stands before and behind the letters of a vocabulary's entry

FILE = "tokenizer.json"
# What stands before a word that is cut, as tokenizers cut words inside a text otherwise than at its start.
_BEFORE = "x "
_WORD_STARTS = ("▁", "Ġ")  # how SentencePiece and byte-level vocabularies write the blank before a word
_SHORTEST_NEAR = 3  # letters: shorter pieces have too many others at one edit
_HALVES = re.compile("[\ud800-\udfff]")  # of surrogate pairs, which tokenizers refuse


@dataclass(frozen=True)
class Piece:
    """A piece of a word.

    Attributes:
        text: Its characters, as they stand in the word.
        token: Its entry in the vocabulary.
    """

    text: str
    token: str


def tokenizer_file(name: str) -> Path:
    """Find a tokenizer: a shipped one by its name, or one of the user's by the path of its file or directory.

    Args:
        name: Such as ``en-wordpiece``, ``my/tokenizer.json``, or ``models/sst2``.

    Returns:
        The path of its file.

    Raises:
        RecipeError: There is none.
    """
    directory = Path(name)
    if "/" in name and directory.is_dir():
        if not (directory / FILE).is_file():
            raise RecipeError(f"{name} holds no {FILE}; save the fast tokenizer of the model there (save_pretrained)")
        return directory / FILE
    return resources.find(name, "attacks/tokenizers", "tokenizer", suffix=".json")


def read_tokenizer(name: str) -> str:
    """Return the content of a tokenizer's file.

    Args:
        name: See :func:`tokenizer_file`.

    Returns:
        Its text.

    Raises:
        RecipeError: There is none, or it cannot be read.
    """
    path = tokenizer_file(name)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"cannot read the tokenizer {path}: {error}") from error


class SubwordTokenizer:
    """Cuts words into pieces, and knows which pieces are near each other."""

    def __init__(self, content: str, name: str) -> None:
        """Make a tokenizer.

        Args:
            content: What its file holds.
            name: What it is called in messages.

        Raises:
            RecipeError: It is no tokenizer.
        """
        with needed_for("a tokenizer of pieces"):
            library = importlib.import_module("tokenizers")
        try:
            self._tokenizer = library.Tokenizer.from_str(content)
            settings = json.loads(content)
        except Exception as error:  # the library raises nothing narrower
            raise RecipeError(
                f"tokenizer {name!r} is none of the tokenizers library: {error}; give its {FILE}, or the directory"
            ) from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        # Vocabularies of bytes write all others by signs that stand for bytes.
        self._ascii_alone = '"ByteLevel"' in json.dumps([settings.get("pre_tokenizer"), settings.get("decoder")])
        self._continuing = settings["model"].get("continuing_subword_prefix") or ""
        self._ending = settings["model"].get("end_of_word_suffix") or ""
        # Words come again and again; a cache of the object's own goes with it.
        self._near = functools.lru_cache(maxsize=1 << 16)(self._find_near)

    def cut(self, word: str) -> list[Piece]:
        """Cut a word as it is cut inside a text.

        Args:
            word: The word.

        Returns:
            Its pieces, which joined are the word; none where some are parts of characters, or hold what stands
            before the word.
        """
        if _HALVES.search(word):
            return []
        encoded = self._tokenizer.encode(_BEFORE + word, add_special_tokens=False)
        pieces: list[Piece] = []
        done = 0
        for token, (first, last) in zip(encoded.tokens, encoded.offsets, strict=True):
            # A piece may begin with the blank before the word, but with no more.
            start, end = first - len(_BEFORE), last - len(_BEFORE)
            if end <= 0:
                continue
            if max(start, 0) != done or start < -1 or end <= done:
                return []
            pieces.append(Piece(word[done:end], token))
            done = end
        return pieces if done == len(word) else []

    def near(self, piece: Piece) -> tuple[str, ...]:
        """Return the letters of other pieces that are one edit away: a letter left out, added, or another one.

        Both pieces have three letters or more and nothing else, and both begin a word, go on with it or end it.

        Args:
            piece: A piece of a word.

        Returns:
            The letters, sorted, in the case of the piece.
        """
        kind, letters = self._taken_apart(piece.token)
        if letters == piece.text:
            return self._near(kind, letters)
        if letters != piece.text.lower():  # without its accents, or of bytes
            return ()
        in_case = [in_case_of(other, piece.text) for other in self._near(kind, letters)]
        return tuple(filter(None, in_case))

    def _find_near(self, kind: Kind, letters: str) -> tuple[str, ...]:
        known = self._by_kind.get(kind, set())
        if letters not in known:
            return ()
        alphabet = "".join(sorted(set().union(*known)))
        return tuple(sorted(known.intersection(_one_edit_away(letters, alphabet))))

    def _taken_apart(self, token: str) -> tuple[Kind, str]:
        """Return what stands before and behind the letters of a token, and the letters."""
        prefixes = filter(token.startswith, filter(None, (self._continuing, *_WORD_STARTS)))
        prefix = next(prefixes, "")
        suffix = self._ending if self._ending and token.endswith(self._ending) else ""
        return (prefix, suffix), token[len(prefix) : len(token) - len(suffix)]

    @functools.cached_property
    def _by_kind(self) -> dict[Kind, set[str]]:
        """The letters of all pieces that have enough of them, by what stands before and behind."""
        by_kind: dict[Kind, set[str]] = {}
        for token in self._tokenizer.get_vocab(with_added_tokens=False):
            kind, letters = self._taken_apart(token)
            readable = letters.isascii() or not self._ascii_alone
            if len(letters) >= _SHORTEST_NEAR and letters.isalpha() and readable:
                by_kind.setdefault(kind, set()).add(letters)
        return by_kind


def _one_edit_away(letters: str, alphabet: str) -> Iterator[str]:
    """Go through all strings that are one edit from another, but for the string itself."""
    for place in range(len(letters) + 1):
        before, behind = letters[:place], letters[place:]
        if behind:
            yield before + behind[1:]
        for letter in alphabet:
            yield before + letter + behind
            if behind and letter != behind[0]:
                yield before + letter + behind[1:]
