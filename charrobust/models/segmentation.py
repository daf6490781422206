"""Other cuts of the same words: a tokenizer that passes over pieces at random, and so reads words in smaller ones.

No character changes, so that this is no attack on texts but a question to a model: how far does its answer hang on the
one way in which its tokenizer cuts words? The cuts are those by which models are trained to mind less:

- WordPiece: of the pieces of the vocabulary that match, longest first, each is passed over at a rate, but the last
  (MaxMatch-Dropout: Hiraoka, COLING 2022);
- BPE: at each step, each merge that is possible is passed over at a rate (BPE-dropout: Provilkov et al., ACL 2020);
- Unigram: each piece of several characters is passed over at a rate, and the best cut into the others taken, in the
  spirit of subword regularisation (Kudo, ACL 2018), which draws from all cuts by their probability instead.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from charrobust.errors import UserError
from charrobust.perturb.counter_random import text_key
from charrobust.perturb.picking import generator

# Whether a piece is passed over, drawn anew at each call.
PassesOver = Callable[[], bool]
# From a word to its pieces; None where the tokenizer itself is to cut it.
Cut = Callable[[str, PassesOver], list[str] | None]


@dataclass(frozen=True)
class Segmentation:
    """How words are cut otherwise than the tokenizer would cut them.

    The cut of a word depends on the seed, the word, and how often it stood in the text before. Where texts are lists of
    words, each of these is a text of its own.

    Attributes:
        rate: The chance that a piece, or a merge, is passed over; above 0 and below 1.
        seed: The seed; other seeds cut otherwise.
    """

    rate: float
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the rate."""
        if not 0 < self.rate < 1:
            raise UserError(f"a segmentation dropout must be above 0 and below 1, got {self.rate!r}")

    def of(self, tokenizer: Any) -> Any:
        """Return a tokenizer that cuts words so.

        Args:
            tokenizer: A fast tokenizer of the transformers library, which is left as it is.

        Returns:
            A copy of it; one that cannot be saved.

        Raises:
            UserError: It is of no kind whose pieces can be passed over, or does not cut texts into words first.
        """
        from tokenizers.pre_tokenizers import PreTokenizer, Sequence

        if getattr(tokenizer, "backend_tokenizer", None) is None:
            raise UserError("segmentation dropout needs a fast tokenizer (tokenizer.json); save the model with one")
        changed = copy.deepcopy(tokenizer)
        backend = changed.backend_tokenizer
        if backend.pre_tokenizer is None:
            raise UserError(
                "segmentation dropout needs a tokenizer that cuts texts into words, which this one does not"
            )
        cutting = _Cutting(self, backend)
        backend.pre_tokenizer = Sequence([backend.pre_tokenizer, PreTokenizer.custom(cutting)])
        return changed


class _Cutting:
    """Cuts words into tokens where a tokenizer would only find the words; it leaves what has tokens already."""

    def __init__(self, segmentation: Segmentation, backend: Any) -> None:
        from tokenizers import Token

        model = json.loads(backend.to_str())["model"]
        self._segmentation, self._cut = segmentation, _cut_of(model)
        self._model, self._token = backend.model, Token
        self._vocabulary: dict[str, int] = backend.get_vocab(with_added_tokens=False)
        # How the vocabulary writes pieces that do not begin a word.
        self._continuing = model.get("continuing_subword_prefix") or ""

    def pre_tokenize(self, text: Any) -> None:
        """Cut the words of a text; the library calls this."""
        occurrences: Counter[str] = Counter()

        def tokens(word: str) -> list[Any]:
            occurrences[word] += 1
            return self._tokens(word, occurrences[word])

        text.tokenize(tokens)

    def _tokens(self, word: str, occurrence: int) -> list[Any]:
        """Return the tokens of a word, with their places in its UTF-8 form, as the library counts."""
        random = generator(text_key(str(self._segmentation.seed), word, str(occurrence)))
        pieces = self._cut(word, lambda: random.random() < self._segmentation.rate)
        if pieces is None:
            own: list[Any] = self._model.tokenize(word)
            return own
        tokens = []
        done = 0
        for piece in pieces:
            entry = self._continuing + piece if done else piece
            place = (done, done + len(piece.encode()))
            tokens.append(self._token(self._vocabulary[entry], entry, place))
            done = place[1]
        return tokens


def _cut_of(model: Mapping[str, Any]) -> Cut:
    """Return what cuts words by the vocabulary of a tokenizer.

    Raises:
        UserError: It is of another kind.
    """
    kind = model.get("type")
    if kind == "WordPiece":
        return _WordPiece(model["vocab"], model["continuing_subword_prefix"], model["max_input_chars_per_word"])
    if kind == "BPE" and not model.get("continuing_subword_prefix") and not model.get("end_of_word_suffix"):
        return _Merging(model["vocab"], model["merges"], whole=bool(model.get("ignore_merges")))
    if kind == "Unigram":
        return _Unigram(model["vocab"])
    raise UserError(
        f"segmentation dropout knows WordPiece, BPE without marks of its own, and Unigram; the tokenizer is {kind}"
    )


class _WordPiece:
    """Greedy cuts, longest piece first."""

    def __init__(self, vocabulary: Mapping[str, int], continuing: str, longest: int) -> None:
        self._vocabulary, self._continuing, self._longest = vocabulary, continuing, longest

    def __call__(self, word: str, passes_over: PassesOver) -> list[str] | None:
        if len(word) > self._longest:
            return None
        pieces: list[str] = []
        start = 0
        while start < len(word):
            mark = self._continuing if start else ""
            ends = range(len(word), start, -1)
            matching = [end for end in ends if mark + word[start:end] in self._vocabulary]
            if not matching:
                return None  # the tokenizer itself may have a way
            end = next((end for end in matching[:-1] if not passes_over()), matching[-1])
            pieces.append(word[start:end])
            start = end
        return pieces


class _Merging:
    """Merges of neighbours, first learnt first."""

    def __init__(self, vocabulary: Mapping[str, int], merges: list[Any], *, whole: bool) -> None:
        pairs = [tuple(merge.split(" ")) if isinstance(merge, str) else tuple(merge) for merge in merges]
        self._ranks = {pair: rank for rank, pair in enumerate(pairs)}
        # Some take a word that is in the vocabulary whole, whatever the merges.
        self._vocabulary, self._whole = vocabulary, whole

    def __call__(self, word: str, passes_over: PassesOver) -> list[str] | None:
        if self._whole and word in self._vocabulary and not passes_over():
            return [word]
        pieces = list(word)
        if any(piece not in self._vocabulary for piece in pieces):
            return None
        while True:
            pairs = enumerate(pairwise(pieces))
            possible = sorted((self._ranks[pair], place) for place, pair in pairs if pair in self._ranks)
            # Whether a merge is passed over need not be drawn for those behind the one that is taken.
            place = next((place for _, place in possible if not passes_over()), None)
            if place is None:
                return pieces
            pieces[place : place + 2] = [pieces[place] + pieces[place + 1]]


class _Unigram:
    """The most probable cut."""

    def __init__(self, vocabulary: list[tuple[str, float]]) -> None:
        self._scores = dict(vocabulary)
        self._longest = max(map(len, self._scores))

    def __call__(self, word: str, passes_over: PassesOver) -> list[str] | None:
        # best[end] is the score of the best cut of what stands before, and where its last piece starts.
        best: list[tuple[float, int] | None] = [(0.0, 0)]
        for end in range(1, len(word) + 1):
            found: list[tuple[float, int]] = []
            for start in range(max(0, end - self._longest), end):
                before, score = best[start], self._scores.get(word[start:end])
                if before is None or score is None or (end - start > 1 and passes_over()):
                    continue
                found.append((before[0] + score, start))
            best.append(max(found, default=None))
        return self._pieces(word, best)

    @staticmethod
    def _pieces(word: str, best: list[tuple[float, int] | None]) -> list[str] | None:
        pieces: list[str] = []
        end = len(word)
        while end:
            entry = best[end]
            if entry is None:
                return None
            pieces.append(word[entry[1] : end])
            end = entry[1]
        return pieces[::-1]
