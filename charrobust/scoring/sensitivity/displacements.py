"""How far each word moves inside an encoder when its sentence is noised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from charrobust.errors import UserError, hint
from charrobust.perturb.edits import Span
from charrobust.progress import Progress, no_progress
from charrobust.scoring.noised import NoisedSentences, Pair
from charrobust.scoring.sensitivity.encoders import ChannelLayer, IntArray, LocatedText, WordEncoder
from charrobust.scoring.sensitivity.results import FIRST, MEAN
from charrobust.systems.finite import not_finite

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")

_WORDS = 4096  # words whose states are held at once


@dataclass(frozen=True, eq=False)
class WordDisplacements:
    """How far each word moves in one model: (1 - cosine) / 2.

    Attributes:
        model: Name of the model.
        noised: The sentences.
        sentence: The sentence of each word, non-decreasing, shape (words,).
        word: Its number there, shape (words,).
        layers: Layers and channels, the token channel first.
        values: Shape (layers, words).
    """

    model: str
    noised: NoisedSentences
    sentence: IntArray
    word: IntArray
    layers: tuple[ChannelLayer, ...]
    values: NDArray[np.float32]

    @property
    def operators(self) -> list[str | None]:
        """What edited each word; None for untouched ones."""
        return [pair.operators[word] for pair, word in self._places()]

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each word: where it stands, its forms, what edited it, and a column for each layer."""
        import pandas as pd

        clean, noised = [], []
        for pair, word in self._places():
            clean.append(_text_at(pair.clean, pair.spans[word]))
            noised.append(_text_at(pair.noised, pair.noised_spans[word]))
        columns: dict[str, Any] = {
            "sentence": self.sentence,
            "word": self.word,
            "clean": clean,
            "noised": noised,
            "operator": self.operators,
        }
        for layer, values in zip(self.layers, self.values, strict=True):
            columns[f"{layer.channel} {layer.layer}"] = values
        return pd.DataFrame(columns)

    def _places(self) -> Iterator[tuple[Pair, int]]:
        """Go through the words: the sentence of each, and its number there."""
        for sentence, word in zip(self.sentence.tolist(), self.word.tolist(), strict=True):
            yield self.noised.pairs[sentence], word


def word_displacements(
    encoder: WordEncoder,
    noised: NoisedSentences,
    *,
    pooling: str = FIRST,
    batch_size: int = 32,
    progress: Progress = no_progress,
) -> WordDisplacements:
    """Measure how far each word moves, in every layer of every channel.

    Args:
        encoder: The encoder.
        noised: The sentences.
        pooling: ``first`` or ``mean``.
        batch_size: Sentences of a batch at most.
        progress: See :data:`charrobust.progress.Progress`; the stage is the name of the encoder.

    Returns:
        The displacement of each word in each layer, (1 - cosine) / 2.

    Raises:
        UserError: The model returns no hidden states, or some that are not finite; or the pooling is not known.
    """  # noqa: DOC501 - not_finite makes a UserError
    if pooling not in (FIRST, MEAN):
        raise UserError(f"unknown pooling {pooling!r}; {hint(pooling, (FIRST, MEAN))}")
    layers = encoder.layers()
    measure = partial(_measure, encoder, layers, pooling=pooling, batch_size=batch_size)
    # Each list begins with nothing, so that it can be concatenated where there are no sentences.
    sentences, words = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    values = [np.zeros((len(layers), 0), np.float32)]
    done = 0
    for numbers in _chunks(noised.pairs):
        chosen, displacements = measure(taken(noised.pairs, numbers))
        # The number of its sentence for each word that was measured; words without tokens are left out.
        sentences.append(np.repeat(numbers, list(map(len, chosen))))
        words.append(np.concatenate(chosen))
        values.append(displacements)
        done += len(numbers)
        progress(encoder.name, done, len(noised.pairs), {})
    sentence, word = np.concatenate(sentences), np.concatenate(words)
    # Sentences were read by length: back into their own order, and the words in theirs (the last key counts most).
    order = np.lexsort((word, sentence))
    ordered = np.concatenate(values, axis=1)[:, order]
    bad = ~np.isfinite(ordered).all(0)
    if bad.any():
        raise not_finite(encoder.name, str(sentence[order][bad.argmax()]))
    return WordDisplacements(
        model=encoder.name,
        noised=noised,
        sentence=sentence[order],
        word=word[order],
        layers=layers,
        values=ordered,
    )


def _chunks(pairs: Sequence[Pair]) -> Iterator[list[int]]:
    """Yield the numbers of sentences, of like length, with as many words as are held at once."""
    chunk: list[int] = []
    words = 0
    # The shortest first: batches are cut from a chunk, and texts of like length need little padding.
    for number in sorted(range(len(pairs)), key=lambda number: len(pairs[number].clean)):
        if chunk and words + len(pairs[number].spans) > _WORDS:
            yield chunk
            chunk, words = [], 0
        chunk.append(number)
        words += len(pairs[number].spans)
    if chunk:
        yield chunk


def _measure(
    encoder: WordEncoder, layers: Sequence[ChannelLayer], pairs: Sequence[Pair], *, pooling: str, batch_size: int
) -> tuple[list[IntArray], NDArray[np.float32]]:
    """Return the words of each sentence that are read both clean and noised, and how far each moves.

    Sentences without noise are not run: their words do not move.

    Args:
        encoder: The encoder.
        layers: Its layers and channels.
        pairs: The sentences.
        pooling: ``first`` or ``mean``.
        batch_size: Sentences of a batch at most.

    Returns:
        The numbers of the words, an array for each sentence, and the displacements of all of them, in this order,
        shape (layers, words).
    """
    clean_texts = [pair.clean for pair in pairs]
    noised_texts = [pair.noised for pair in pairs]
    clean = encoder.locate(clean_texts, [pair.spans for pair in pairs])
    noised = encoder.locate(noised_texts, [pair.noised_spans for pair in pairs])
    chosen = list(map(_read_in_both, clean, noised))
    run = []
    for number, pair in enumerate(pairs):
        if pair.clean != pair.noised and len(chosen[number]):
            run.append(number)
    values = np.zeros((len(layers), sum(map(len, chosen))), np.float32)
    if not run:
        return chosen, values
    states_of = partial(encoder.states, chosen=taken(chosen, run), pooling=pooling, batch_size=batch_size)
    states = states_of(taken(clean, run))
    noised_states = states_of(taken(noised, run))
    # Which columns belong to sentences that were run; the others keep their 0.
    sentence = np.repeat(np.arange(len(pairs)), list(map(len, chosen)))
    # `run` ascends, so that states come in the order of these columns.
    columns = np.isin(sentence, run)
    for row, layer in enumerate(layers):
        values[row, columns] = displacement(states[layer], noised_states[layer]).cpu().numpy()
    return chosen, values


def _read_in_both(clean: LocatedText, noised: LocatedText) -> IntArray:
    """Return the words of a sentence that have tokens in both of its forms."""
    return np.flatnonzero((clean.count > 0) & (noised.count > 0))


def displacement(states: Tensor, noised_states: Tensor) -> Tensor:
    """Return (1 - cosine) / 2 of vectors.

    A vector of zeros, which has no direction, counts as at right angles to any other.

    Args:
        states: Shape (words, size).
        noised_states: Same shape.

    Returns:
        From 0 (the same direction) to 1 (opposite ones), shape (words,).
    """
    direction = functional.normalize(states, dim=-1)
    noised_direction = functional.normalize(noised_states, dim=-1)
    # For directions u and v, |u - v|^2 = 2 - 2 cos(u, v): (1 - cosine) / 2 is a quarter of it. Unlike 1 - u.v, it is
    # exactly 0 for equal vectors and loses no digits near 0, where the cosine rounds to 1.
    quarter = ((direction - noised_direction) ** 2).sum(-1) / 4
    # One vector of zeros gives |u|^2 / 4 = 1 / 4 there, where the cosine of 0 means 1 / 2; two of them give 0.
    one_is_zero = direction.any(-1) != noised_direction.any(-1)
    return torch.where(one_is_zero, 0.5, quarter)


def taken(items: Sequence[T], numbers: Sequence[int]) -> list[T]:
    """Return some of a number of things."""
    return [items[number] for number in numbers]


def _text_at(text: str, span: Span) -> str:
    start, end = span
    return text[start:end]
