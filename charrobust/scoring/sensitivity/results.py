"""What a measurement of sensitivity found, as it is kept in ``sensitivity.json``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charrobust.errors import DataError
from charrobust.scoring.intervals import Interval
from charrobust.scoring.stored import load, save

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
FILE = "sensitivity.json"
TOKEN, CHARACTER = "token", "character"
FIRST, MEAN = "first", "mean"


@dataclass(frozen=True)
class LayerSensitivity:
    """How far the words' states move in one layer of one channel.

    Attributes:
        layer: 0 for the input of the first layer, else the number of the layer whose output it is, from 1.
        channel: ``token``, or ``character`` as long as a model has two channels.
        all: Mean over all words.
        noised: Mean over the noised words.
        untouched: Mean over the untouched words of sentences that have noised ones; None where there are none.
    """

    layer: int
    channel: str
    all: Interval
    noised: Interval
    untouched: Interval | None


@dataclass(frozen=True)
class OperatorSensitivity:
    """How far the words that one operator edited move, in the last layer of the token channel.

    Attributes:
        operator: Name of the operator; several of one word are joined by ``+``.
        words: Number of words.
        value: Mean over them.
    """

    operator: str
    words: int
    value: Interval


@dataclass(frozen=True)
class SentenceMap:
    """How far each word of one sentence moves in each layer of one channel, for a heat map.

    Attributes:
        sentence: Number of the sentence in the data.
        channel: ``token`` or ``character``.
        clean: The words.
        noised: The same words as they were read with noise.
        operators: What edited each word; None for an untouched one.
        layers: Numbers of the layers, as in :class:`LayerSensitivity`.
        values: For each layer a value a word: (1 - cosine) / 2, from 0 to 1.
    """

    sentence: int
    channel: str
    clean: tuple[str, ...]
    noised: tuple[str, ...]
    operators: tuple[str | None, ...]
    layers: tuple[int, ...]
    values: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class ModelSensitivity:
    """How far noise moves the words' states in one model.

    Attributes:
        model: Name of the model.
        sentences: Number of sentences, those without a noised word among them.
        words: Number of words measured.
        noised_words: Number of noised ones among them.
        untouched_words: Number of untouched ones in sentences that have noised ones.
        dropped: Words left out: beyond the model's length, or without a sub-token of their own.
        score: The paper's S: mean over all words in the last layer of the token channel.
        noised: The same over the noised words alone.
        untouched: The same over the untouched words of sentences that have noised ones; None where there are none.
        layers: By layer and channel, the token channel first.
        operators: By operator of the edit.
        maps: Words of some sentences one by one.
    """

    model: str
    sentences: int
    words: int
    noised_words: int
    untouched_words: int
    dropped: int
    score: Interval
    noised: Interval
    untouched: Interval | None
    layers: tuple[LayerSensitivity, ...]
    operators: tuple[OperatorSensitivity, ...]
    maps: tuple[SentenceMap, ...]

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels of the model."""
        return tuple(dict.fromkeys(layer.channel for layer in self.layers))


@dataclass(frozen=True)
class Sensitivity:
    """What noise does inside models: the paper's S and its parts (Ma et al. 2020, equation 8).

    Attributes:
        data: Name of the data set.
        attack: Name of the recipe.
        severity: Its severity, as recipes write it.
        seed: Seed of the edits.
        pooling: ``first`` takes the first sub-token of a word (the paper), ``mean`` the mean of its sub-tokens.
        confidence: Level of the intervals, which are over sentences.
        models: The models, on the same sentences.
        versions: Versions of the packages.
        schema: Version of this shape.
    """

    data: str
    attack: str
    severity: str
    seed: int | None
    pooling: str
    confidence: float
    models: tuple[ModelSensitivity, ...]
    versions: dict[str, str]
    schema: int = SCHEMA

    def to_frame(self) -> pd.DataFrame:
        """Return every mean as a row: model, layer, channel, of which words, how many, value, interval."""
        import pandas as pd

        columns = ["model", "layer", "channel", "of", "words", "value", "low", "high"]
        return pd.DataFrame(chain.from_iterable(map(_rows, self.models)), columns=columns)

    def save(self, path: str | Path) -> None:
        """Write the measurement as JSON; see :func:`charrobust.scoring.stored.save`."""
        save(self, Path(path))

    @classmethod
    def load(cls, path: str | Path) -> Sensitivity:
        """Read a measurement from a file, or from the folder that holds it; see :func:`.stored.load`."""
        path = Path(path)
        if path.is_dir():
            path = path / FILE
        sensitivity = load(cls, path)
        if not sensitivity.models or not all(map(_is_whole, sensitivity.models)):
            raise DataError(f"{path} lacks models, layers or values of words; measure again")
        return sensitivity


def _is_whole(model: ModelSensitivity) -> bool:
    """Tell whether a model has layers, and a value for each word of its maps in each of their layers."""
    return bool(model.layers) and all(map(_is_filled, model.maps))


def _is_filled(sentence_map: SentenceMap) -> bool:
    """Tell whether a map has a value for each word in each of its layers."""
    words = len(sentence_map.clean)
    rows = [sentence_map.noised, sentence_map.operators, *sentence_map.values]
    same_length = all(len(row) == words for row in rows)
    return words > 0 and len(sentence_map.layers) == len(sentence_map.values) and same_length


def _rows(model: ModelSensitivity) -> Iterator[tuple[Any, ...]]:
    """Go through the rows of a model."""
    for layer in model.layers:
        for name, words, value in (
            ("all", model.words, layer.all),
            ("noised", model.noised_words, layer.noised),
            ("untouched", model.untouched_words, layer.untouched),
        ):
            if value is not None:
                yield model.model, layer.layer, layer.channel, name, words, value.value, value.low, value.high
    last = max(layer.layer for layer in model.layers)
    for measured in model.operators:
        value = measured.value
        yield model.model, last, TOKEN, measured.operator, measured.words, value.value, value.low, value.high
