"""Batches for noisy-LM pre-training, made from packed blocks while training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from operator import ne
from typing import Any, Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from charrobust.perturb import Recipe
from charrobust.perturb.code_points import ranges
from charrobust.training.pretraining.noise import (
    IGNORED,
    MASKINGS,
    STAYS,
    Counts,
    Mask,
    Share,
    Tokens,
    block_generator,
    draw_masked,
    draw_noised,
    hide,
    noised_forms,
)
from charrobust.training.pretraining.packing import PackedCorpus
from charrobust.training.pretraining.vocabulary import WordVocabulary
from charrobust.training.pretraining.words import WordCodec

T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, eq=False)
class _Words:
    """The words of a batch, block by block.

    Attributes:
        number: Number of the distinct word, shape (words,).
        row: The block of the batch that holds it, same shape.
        rank: Its place in the block, same shape.
        rows: Number of blocks.
    """

    number: NDArray[np.int32]
    row: Counts
    rank: Counts
    rows: int

    @classmethod
    def of(cls, blocks: Sequence[NDArray[np.int32]]) -> Self:
        # Flat arrays, and not a padded matrix: blocks differ in words, and every step below is one operation of NumPy.
        row = np.repeat(np.arange(len(blocks)), list(map(len, blocks)))
        rank = np.concatenate([np.arange(len(block)) for block in blocks])
        return cls(np.concatenate(blocks), row, rank, rows=len(blocks))

    def __getitem__(self, kept: Mask) -> _Words:
        return _Words(self.number[kept], self.row[kept], self.rank[kept], rows=self.rows)

    @cached_property
    def first(self) -> Counts:
        """Number of each block's first word, shape (rows,)."""
        # Rows ascend, so that the first place at which a row could be put in is that of its first word; a block
        # without words begins where the next one does.
        return np.searchsorted(self.row, np.arange(self.rows))

    def split(self, values: NDArray[T]) -> list[NDArray[T]]:
        """Return one value a word, shape (words,), block by block."""
        # `split` wants the places between blocks, hence not the first block's.
        return np.split(values, self.first[1:])


@dataclass(frozen=True, eq=False)
class _Pieces:
    """The tokens of words, as stretches of one array.

    Attributes:
        ids: Token ids, shape (tokens,).
        start: Place of each word's first token in them, shape (words,).
        length: Number of its tokens, same shape.
    """

    ids: Tokens
    start: Counts
    length: Counts

    @classmethod
    def of(cls, ids: NDArray[Any], length: Counts) -> Self:
        return cls(ids.astype(np.int64), np.cumsum(length) - length, length)

    def __getitem__(self, kept: Mask) -> _Pieces:
        # Words are dropped, and their tokens stay in `ids`, where nothing points at them any more.
        return _Pieces(self.ids, self.start[kept], self.length[kept])

    def replaced(self, words: Counts, others: _Pieces) -> _Pieces:
        """Put others in the place of some words."""
        # The new tokens are put behind the old ones, and the words point there: no token is moved.
        start, length = self.start.copy(), self.length.copy()
        start[words], length[words] = others.start + len(self.ids), others.length
        return _Pieces(np.concatenate([self.ids, others.ids]), start, length)

    def joined(self) -> Tokens:
        """Return the tokens of all words, one behind the other."""
        return self.ids[ranges(self.start, self.length)]

    def behind(self, words: _Words) -> Counts:
        """Return how many tokens a block holds up to the end of each word, shape (words,)."""
        # A running sum over the whole batch, less what had come up before each block.
        total: Counts = np.concatenate([[0], np.cumsum(self.length)])
        before: Counts = total[words.first]
        # `total` has one place more than words: total[1:] counts up to each word's end, total[first] up to its block.
        return total[1:] - before[words.row]


@dataclass(frozen=True, eq=False)
class _Frame:
    """The special tokens around a text, and the padding behind it."""

    prefix: Tokens
    suffix: Tokens
    padding: int

    @classmethod
    def of(cls, tokenizer: Any) -> Self:
        # A text with and without special tokens: what is more in the one stands around the other.
        plain = tokenizer("a", add_special_tokens=False)["input_ids"]
        framed = tokenizer("a")["input_ids"]
        starts = range(len(framed) - len(plain) + 1)
        start = next(start for start in starts if framed[start : start + len(plain)] == plain)
        prefix, suffix = framed[:start], framed[start + len(plain) :]
        return cls(np.array(prefix, np.int64), np.array(suffix, np.int64), tokenizer.pad_token_id)

    def __len__(self) -> int:
        return len(self.prefix) + len(self.suffix)


@dataclass(frozen=True, eq=False)
class _Layout:
    """Where the tokens of a batch stand: row by row, special tokens around, padding on the right.

    Attributes:
        frame: What stands around the tokens.
        words: The words of the batch.
        pieces: Their tokens.
    """

    frame: _Frame
    words: _Words
    pieces: _Pieces

    @cached_property
    def row(self) -> Counts:
        """The block of each token, shape (tokens,)."""
        return np.repeat(self.words.row, self.pieces.length)

    @cached_property
    def widths(self) -> Counts:
        """Number of tokens of each block, special ones left out, shape (rows,)."""
        # With a minimum, or blocks at the end that hold no word would have no row.
        return np.bincount(self.row, minlength=self.words.rows)

    def spread(self, values: NDArray[T], fill: int | bool) -> NDArray[T]:
        """Lay out one value a token, with another at special tokens and padding; shape (rows, length)."""
        spread = np.full((self.words.rows, len(self.frame) + int(self.widths.max())), fill, values.dtype)
        first = np.cumsum(self.widths) - self.widths
        # The column of a token is its place in the batch, less the tokens of earlier blocks, behind the prefix.
        column = np.arange(len(self.row)) - first[self.row] + len(self.frame.prefix)
        spread[self.row, column] = values
        return spread

    def spread_words(self, values: NDArray[T], fill: int | bool) -> NDArray[T]:
        """Lay out one value a word, at all of its tokens; as :meth:`spread`."""
        return self.spread(np.repeat(values, self.pieces.length), fill)

    def split(self, values: NDArray[T]) -> list[NDArray[T]]:
        """Return one value a token, shape (tokens,), block by block."""
        # Without the last border, which is the end of all: `split` would put an empty part behind it.
        return np.split(values, np.cumsum(self.widths)[:-1])

    def framed(self, tokens: Tokens, prefix: str = "") -> dict[str, NDArray[Any]]:
        """Return what a model reads, with names that begin with a prefix."""
        ids = self.spread(tokens, self.frame.padding)
        # Rows are of different widths: the suffix stands in other columns of each, shape (rows, special tokens).
        ends = self.widths[:, None] + len(self.frame.prefix) + np.arange(len(self.frame.suffix))
        ids[:, : len(self.frame.prefix)] = self.frame.prefix
        np.put_along_axis(ids, ends, np.broadcast_to(self.frame.suffix, ends.shape), 1)
        # Special tokens and text stand in front: all columns up to a row's width are tokens, shape (rows, length).
        is_token = np.arange(ids.shape[1]) < (self.widths + len(self.frame))[:, None]
        return {
            f"{prefix}input_ids": ids,
            f"{prefix}attention_mask": is_token.astype(np.int64),
            f"{prefix}words": self.spread_words(self.words.rank, -1),
        }


@dataclass(frozen=True, eq=False)
class NoisyCollator:
    """Noises and masks packed blocks, and lays them out as a batch.

    What happens to a block depends on the seed, the epoch and the block alone: not on the batch that it is in,
    nor on worker processes. Ma et al., COLING 2020, section 3.3.

    Attributes:
        corpus: The packed blocks.
        tokenizer: The tokenizer that they were packed with.
        recipe: What noise does to words.
        vocabulary: The words that the noisy LM predicts; None for a batch without word labels.
        every_word: Whether words that stay as they are have a label, too.
        share: Share of the words of a block that are noised, or ``uniform``; see :func:`draw_noised`.
        masking: What is masked together: ``whole-word``, ``token`` or ``span``; see :func:`draw_masked`.
        mask_share: Share of the tokens that are masked; noised words never are.
        seed: The seed.
        clean: Whether a batch holds the untouched blocks as well.

    Raises:
        ValueError: A share or the masking is unknown or out of range, or the tokenizer lacks a special token.
    """

    corpus: PackedCorpus
    tokenizer: Any
    recipe: Recipe
    vocabulary: WordVocabulary | None = None
    every_word: bool = False
    share: Share = 0.15
    masking: str = "whole-word"
    mask_share: float = 0.1
    seed: int = 0
    clean: bool = False

    def __post_init__(self) -> None:
        """Check the options, and that the tokenizer can serve them."""
        if self.share != "uniform" and not (isinstance(self.share, float | int) and 0 <= self.share <= 1):
            raise ValueError(f"share must be between 0 and 1, or 'uniform'; got {self.share!r}")
        if not 0 <= self.mask_share <= 1:
            raise ValueError(f"mask_share must be between 0 and 1, got {self.mask_share!r}")
        if self.masking not in MASKINGS:
            raise ValueError(f"unknown masking {self.masking!r}; expected one of {', '.join(MASKINGS)}")
        if self.tokenizer.pad_token_id is None:
            raise ValueError("the tokenizer has no padding token, so blocks cannot be batched; set its pad_token")
        if self.mask_share and self.tokenizer.mask_token_id is None:
            raise ValueError(
                f"the tokenizer has no mask token, but mask_share is {self.mask_share}; set its mask_token, or "
                "mask_share to 0"
            )

    @cached_property
    def _frame(self) -> _Frame:
        return _Frame.of(self.tokenizer)

    @cached_property
    def _codec(self) -> WordCodec:
        return WordCodec(self.tokenizer)

    @cached_property
    def _ordinary(self) -> Tokens:
        """The ids that a random token is drawn from."""
        # By the vocabulary, and not by its size, as ids may have gaps; sorted, so that draws depend on no dict's order.
        return np.setdiff1d(list(self.tokenizer.get_vocab().values()), self.tokenizer.all_special_ids)

    @property
    def _room(self) -> int:
        """Tokens that a block holds besides the special ones."""
        return self.corpus.block_size - len(self._frame)

    def __call__(self, items: Sequence[tuple[int, int]]) -> dict[str, Tensor]:
        """Make a batch.

        Args:
            items: Epoch and number of each block.

        Returns:
            All of shape (batch, length) and type int64 where nothing else is said:

            - ``input_ids``, ``attention_mask``: noised and masked; words that noise pushed out of the block are
              cut off.
            - ``labels``: the tokens at masked places, -100 elsewhere.
            - ``character_mask``: 0 at masked places, where the characters would tell the token; 1 elsewhere.
            - ``words``: place in the block of the word that each token belongs to; -1 for special tokens and padding.
            - ``noised``: whether the word of each token is noised; bool.
            - ``word_labels``: number of the original word at all tokens of noised words; -100 elsewhere and for
              words outside the vocabulary; if there is a vocabulary. With ``every_word``, -1 at all tokens of words
              that are not noised.
            - ``outside``: number of noised words outside the vocabulary, shape (); if there is one.
            - ``clean_input_ids``, ``clean_attention_mask``, ``clean_words``: the same words untouched, with a length
              of their own; if ``clean``.
        """
        # A generator a block, used for noise first and masks second: what a block gets does not depend on its batch.
        rngs = [block_generator(self.seed, *item) for item in items]
        words = _Words.of([self.corpus.block(block) for _, block in items])
        clean = _Pieces.of(*self.corpus.words.pieces(words.number))
        noised, noisy = self._noise(items, rngs, words=words, clean=clean)
        # Noise makes words longer in tokens: what would stand behind the block's end is cut off, clean text with it.
        kept = noisy.behind(words) <= self._room
        words, clean, noised, noisy = words[kept], clean[kept], noised[kept], noisy[kept]
        layout = _Layout(self._frame, words, noisy)
        arrays = self._masked(rngs, noised, layout)
        if self.vocabulary is not None:
            arrays |= self._word_labels(self.vocabulary, noised, layout)
        if self.clean:
            arrays |= _Layout(self._frame, words, clean).framed(clean.joined(), "clean_")
        return {name: torch.as_tensor(values) for name, values in arrays.items()}

    def _noise(
        self, items: Sequence[tuple[int, int]], rngs: Sequence[np.random.Generator], *, words: _Words, clean: _Pieces
    ) -> tuple[Mask, _Pieces]:
        """Return which words are noised, shape (words,), and the tokens of all words with noise.

        A noised form without tokens, or with more than a block holds, is not taken.
        """
        texts = [self.corpus.words.texts(block) for block in words.split(words.number)]
        forms = noised_forms(self.recipe, self.seed, items=items, texts=texts)
        drawn = []
        for rng, block, noised_block in zip(rngs, texts, forms, strict=True):
            changeable = np.fromiter(map(ne, block, noised_block), bool, len(block))
            drawn.append(draw_noised(rng, changeable, self.share))
        noised = np.concatenate(drawn)
        places = np.flatnonzero(noised)
        # Only the words that noise changed are encoded anew; all others keep the tokens that the corpus has of them.
        flat = list(chain.from_iterable(forms))
        spaced = self.corpus.words.spaced(words.number[places])
        encoded = _Pieces.of(*self._codec.encode([flat[place] for place in places.tolist()], spaced))
        fits = (encoded.length > 0) & (encoded.length <= self._room)
        # Such a word stays as it was, and counts as clean: it can be masked, and has no label.
        noised[places[~fits]] = False
        return noised, clean.replaced(places[fits], encoded[fits])

    def _masked(self, rngs: Sequence[np.random.Generator], noised: Mask, layout: _Layout) -> dict[str, NDArray[Any]]:
        """Mask the blocks and lay them out."""
        tokens = layout.pieces.joined()
        lengths, noised_words = layout.words.split(layout.pieces.length), layout.words.split(noised)
        # Block by block, for each draws from a generator of its own.
        by_block = map(self._mask, rngs, layout.split(tokens), lengths, noised_words)
        visible, masked = map(np.concatenate, zip(*by_block, strict=True))
        return layout.framed(visible) | {
            "labels": layout.spread(np.where(masked, tokens, IGNORED), IGNORED),
            "character_mask": layout.spread(1 - masked, 1),
            "noised": layout.spread_words(noised, False),
        }

    def _mask(self, rng: np.random.Generator, tokens: Tokens, lengths: Counts, noised: Mask) -> tuple[Tokens, Mask]:
        """Return the tokens of a block as the model sees them, and which are masked."""
        masked = draw_masked(rng, lengths, spared=noised, share=self.mask_share, masking=self.masking)
        if not masked.any():
            return tokens, masked
        mask_token = self.tokenizer.mask_token_id
        return hide(rng, tokens, masked, mask_token=mask_token, ordinary=self._ordinary), masked

    def _word_labels(self, vocabulary: WordVocabulary, noised: Mask, layout: _Layout) -> dict[str, NDArray[Any]]:
        """Return the numbers of noised words, and how many of them the vocabulary does not know."""
        # Looked up by the word of the corpus, before noise: that is what is to be found again.
        targets = vocabulary.numbers(self.corpus.words.texts(layout.words.number[noised]))
        labels = np.full(len(noised), STAYS if self.every_word else IGNORED, np.int64)
        # A noised word that the vocabulary does not know has no right answer: to keep it would be to keep the typo.
        labels[noised] = np.where(targets < 0, IGNORED, targets)
        # Counted here: among the labels, a word outside the vocabulary looks like one that is not noised.
        return {"word_labels": layout.spread_words(labels, IGNORED), "outside": np.array(np.sum(targets < 0))}
