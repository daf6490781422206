"""How far each word moves inside an encoder when its sentence is noised."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from charrobust.errors import UserError, hint
from charrobust.scoring.noised import NoisedSentences, Pair
from charrobust.scoring.sensitivity.encoders import ChannelLayer, Places, WordEncoder
from charrobust.scoring.sensitivity.results import FIRST, MEAN

if TYPE_CHECKING:
    import pandas as pd

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
    sentence: Places
    word: Places
    layers: tuple[ChannelLayer, ...]
    values: NDArray[np.float32]

    @property
    def operators(self) -> list[str | None]:
        """What edited each word; None for untouched ones."""
        pairs = self.noised.pairs
        places = zip(self.sentence.tolist(), self.word.tolist(), strict=True)
        return [pairs[sentence].operators[word] for sentence, word in places]

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each word: where it stands, its forms, what edited it, and a column for each layer."""
        import pandas as pd

        pairs = [(pair.words, pair.noised_words) for pair in self.noised.pairs]
        places = list(zip(self.sentence.tolist(), self.word.tolist(), strict=True))
        columns: dict[str, Any] = {
            "sentence": self.sentence,
            "word": self.word,
            "clean": [pairs[sentence][0][word] for sentence, word in places],
            "noised": [pairs[sentence][1][word] for sentence, word in places],
            "operator": self.operators,
        }
        return pd.DataFrame(
            columns
            | {f"{layer.channel} {layer.layer}": row for layer, row in zip(self.layers, self.values, strict=True)}
        )


def word_displacements(
    encoder: WordEncoder,
    noised: NoisedSentences,
    *,
    pooling: str = FIRST,
    batch_size: int = 32,
    progress: Callable[[int], object] = lambda _: None,
) -> WordDisplacements:
    """Measure how far each word moves, in every layer of every channel.

    Args:
        encoder: The encoder.
        noised: The sentences.
        pooling: ``first`` or ``mean``.
        batch_size: Sentences of a batch at most.
        progress: Called with the number of sentences done.

    Raises:
        UserError: The model returns no hidden states, or the pooling is not known.
    """
    if pooling not in (FIRST, MEAN):
        raise UserError(f"unknown pooling {pooling!r}; {hint(pooling, (FIRST, MEAN))}")
    layers, done = encoder.layers(), 0
    sentences, words, values = (
        [np.zeros(0, np.int64)],
        [np.zeros(0, np.int64)],
        [np.zeros((len(layers), 0), np.float32)],
    )
    for numbers in _chunks(noised.pairs):
        pairs = [noised.pairs[number] for number in numbers]
        chosen, moved = _moved(encoder, pairs, layers, pooling, batch_size)
        sentences.append(np.repeat(numbers, list(map(len, chosen))))
        words.append(np.concatenate(chosen))
        values.append(moved)
        done += len(pairs)
        progress(done)
    sentence, word = np.concatenate(sentences), np.concatenate(words)
    order = np.lexsort((word, sentence))
    everything = np.concatenate(values, axis=1)[:, order]
    return WordDisplacements(encoder.name, noised, sentence[order], word[order], layers, everything)


def _chunks(pairs: Sequence[Pair]) -> Iterator[list[int]]:
    """Yield the numbers of sentences, of like length, with as many words as are held at once."""
    chunk: list[int] = []
    words = 0
    for number in sorted(range(len(pairs)), key=lambda number: len(pairs[number].clean)):
        if chunk and words + len(pairs[number].spans) > _WORDS:
            yield chunk
            chunk, words = [], 0
        chunk.append(number)
        words += len(pairs[number].spans)
    if chunk:
        yield chunk


def _moved(
    encoder: WordEncoder, pairs: Sequence[Pair], layers: Sequence[ChannelLayer], pooling: str, batch_size: int
) -> tuple[list[Places], NDArray[np.float32]]:
    """Return the words of each sentence that are read both clean and noised, and how far each moves.

    Sentences without noise are not run: their words do not move.
    """
    clean = encoder.locate([pair.clean for pair in pairs], [pair.spans for pair in pairs])
    noised = encoder.locate([pair.noised for pair in pairs], [pair.noised_spans for pair in pairs])
    chosen = [np.flatnonzero((one.count > 0) & (other.count > 0)) for one, other in zip(clean, noised, strict=True)]
    run = [number for number, pair in enumerate(pairs) if pair.clean != pair.noised and len(chosen[number])]
    values = np.zeros((len(layers), sum(map(len, chosen))), np.float32)
    if not run:
        return chosen, values
    mine = [chosen[number] for number in run]
    states, others = (
        encoder.states([texts[number] for number in run], mine, pooling=pooling, batch_size=batch_size)
        for texts in (clean, noised)
    )
    where = np.isin(np.repeat(np.arange(len(pairs)), list(map(len, chosen))), run)
    for row, layer in enumerate(layers):
        values[row, where] = distance(states[layer], others[layer]).cpu().numpy()
    return chosen, values


def distance(states: Tensor, others: Tensor) -> Tensor:
    """Return (1 - cosine) / 2 of vectors, as a quarter of the squared distance of their directions.

    The two are the same number, but this one is exactly 0 for equal vectors and exact near 0. A vector of zeros counts
    as at right angles to any other.

    Args:
        states: Shape (words, size).
        others: Same shape.

    Returns:
        Shape (words,).
    """
    one, other = (functional.normalize(vectors, dim=-1) for vectors in (states, others))
    aimless = one.any(-1) != other.any(-1)
    return torch.where(aimless, 0.5, ((one - other) ** 2).sum(-1) / 4)
