"""Sensitivity: how far noise moves the states of words inside an encoder (Ma et al. 2020, section 6.3, equation 8).

For a word t and its noised form t', (1 - cos(h(t), h(t'))) / 2 is 0 where their states point the same way and 1 where
they point opposite ways. The paper's S is its mean over all words, with the first sub-token in the last layer for h.
Untouched words count too: what noise does to its neighbours is part of S.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from charrobust.environment import package_versions
from charrobust.errors import DataError
from charrobust.scoring.clusters import mean_over_words
from charrobust.scoring.intervals import Interval
from charrobust.scoring.noised import NoisedSentences
from charrobust.scoring.sensitivity.displacements import WordDisplacements, word_displacements
from charrobust.scoring.sensitivity.encoders import WordEncoder
from charrobust.scoring.sensitivity.results import (
    FIRST,
    TOKEN,
    LayerSensitivity,
    ModelSensitivity,
    OperatorSensitivity,
    Sensitivity,
    SentenceMap,
)

Mask = NDArray[np.bool_]

SHOWN = 8
_DIGITS = 6  # of the values in maps


def measure_sensitivity(
    models: Mapping[str, str | Path | WordEncoder],
    noised: NoisedSentences,
    *,
    data: str = "",
    pooling: str = FIRST,
    shown: int = SHOWN,
    batch_size: int = 32,
    confidence: float = 0.95,
    progress: Callable[[str, int], object] = lambda _, __: None,
) -> Sensitivity:
    """Measure the sensitivity of encoders on the same sentences.

    Args:
        models: Encoders by the name that tables show: a path or hub id, read one after the other, or one in memory.
        noised: The sentences.
        data: Name of the data set.
        pooling: ``first`` takes the first sub-token of a word (the paper), ``mean`` the mean of its sub-tokens.
        shown: Number of sentences whose words are kept one by one, for heat maps.
        batch_size: Sentences of a batch at most; the result does not depend on it.
        confidence: Level of the intervals.
        progress: Called with the name of a model and the number of sentences done.

    Raises:
        DataError: No word is noised, or none of them is within what a model reads.
        UserError: A model cannot be loaded, returns no hidden states, or has a slow tokenizer.
    """
    noised.require_noise()
    found = []
    for name, given in models.items():
        encoder = given if isinstance(given, WordEncoder) else WordEncoder.load(given, name=name)
        displacements = word_displacements(
            encoder,
            noised,
            pooling=pooling,
            batch_size=batch_size,
            progress=partial(progress, name),
        )
        found.append(summary(displacements, name=name, shown=shown, confidence=confidence))
    return Sensitivity(
        data, noised.attack, noised.severity, noised.seed, pooling, confidence, tuple(found), package_versions()
    )


def summary(
    displacements: WordDisplacements, *, name: str | None = None, shown: int = SHOWN, confidence: float = 0.95
) -> ModelSensitivity:
    """Sum up how far words move.

    Args:
        displacements: How far each word moves.
        name: Name of the model; None for that of the encoder.
        shown: Number of sentences whose words are kept one by one.
        confidence: Level of the intervals.

    Raises:
        DataError: No noised word was measured.
    """
    name = displacements.model if name is None else name
    operators = np.array(displacements.operators, object)
    noised = np.array([operator is not None for operator in operators], bool)
    sentences = len(displacements.noised.pairs)
    if not noised.any():
        raise DataError(
            f"none of the noised words is among the {len(noised)} that {name!r} reads of {sentences} "
            "sentences; the others lie behind its longest text: give shorter ones"
        )
    touched = np.bincount(displacements.sentence[noised], minlength=sentences) > 0
    untouched = ~noised & touched[displacements.sentence]
    mean = partial(_mean, displacements, confidence)
    layers = tuple(
        LayerSensitivity(
            layer=cell.layer,
            channel=cell.channel,
            all=mean(row, np.ones_like(noised)),
            noised=mean(row, noised),
            untouched=mean(row, untouched) if untouched.any() else None,
        )
        for row, cell in enumerate(displacements.layers)
    )
    last = max(row for row, cell in enumerate(displacements.layers) if cell.channel == TOKEN)
    masks = {operator: operators == operator for operator in sorted(set(operators[noised]))}
    return ModelSensitivity(
        model=name,
        sentences=sentences,
        words=len(noised),
        noised_words=int(noised.sum()),
        untouched_words=int(untouched.sum()),
        dropped=displacements.noised.words - len(noised),
        score=layers[last].all,
        noised=layers[last].noised,
        untouched=layers[last].untouched,
        layers=layers,
        operators=tuple(
            OperatorSensitivity(operator, int(mask.sum()), mean(last, mask)) for operator, mask in masks.items()
        ),
        maps=tuple(_maps(displacements, np.flatnonzero(touched)[:shown].tolist())),
    )


def _mean(displacements: WordDisplacements, confidence: float, row: int, mask: Mask) -> Interval:
    """Return the mean of some words in a cell, with its interval over sentences."""
    return mean_over_words(displacements.values[row, mask], displacements.sentence[mask], confidence=confidence)


def _maps(displacements: WordDisplacements, sentences: Sequence[int]) -> Iterator[SentenceMap]:
    """Go through the maps of some sentences, one for each channel."""
    for number in sentences:
        first, last = np.searchsorted(displacements.sentence, [number, number + 1])
        pair, words = displacements.noised.pairs[number], displacements.word[first:last].tolist()
        for channel in dict.fromkeys(cell.channel for cell in displacements.layers):
            rows = [row for row, cell in enumerate(displacements.layers) if cell.channel == channel]
            values = displacements.values[rows, first:last].astype(float).round(_DIGITS)
            yield SentenceMap(
                sentence=number,
                channel=channel,
                clean=tuple(pair.words[word] for word in words),
                noised=tuple(pair.noised_words[word] for word in words),
                operators=tuple(pair.operators[word] for word in words),
                layers=tuple(displacements.layers[row].layer for row in rows),
                values=tuple(map(tuple, values.tolist())),
            )
