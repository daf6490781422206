"""Sensitivity: how far noise moves the states of words inside an encoder (Ma et al. 2020, section 6.3, equation 8).

For a word t and its noised form t', (1 - cos(h(t), h(t'))) / 2 is 0 where their states point the same way and 1 where
they point opposite ways. The paper's S is its mean over all words, with the first sub-token in the last layer for h.
Untouched words count too: what noise does to its neighbours is part of S.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from charrobust.environment import package_versions
from charrobust.errors import DataError
from charrobust.progress import Progress, no_progress
from charrobust.scoring.clusters import mean_over_words
from charrobust.scoring.intervals import Interval, check_confidence
from charrobust.scoring.noised import NoisedSentences
from charrobust.scoring.sensitivity.displacements import WordDisplacements, taken, word_displacements
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

MAPPED_SENTENCES = 8
_DIGITS = 6  # of the values in maps


def measure_sensitivity(
    models: Mapping[str, str | Path | WordEncoder],
    noised: NoisedSentences,
    *,
    data: str = "",
    pooling: str = FIRST,
    mapped_sentences: int = MAPPED_SENTENCES,
    batch_size: int = 32,
    device: str | None = None,
    trust_remote_code: bool = False,
    confidence: float = 0.95,
    progress: Progress = no_progress,
) -> Sensitivity:
    """Measure the sensitivity of encoders on the same sentences.

    Args:
        models: Encoders by the name that tables show: a path or hub id, read one after the other, or one in memory.
        noised: The sentences.
        data: Name of the data set.
        pooling: ``first`` takes the first sub-token of a word (the paper), ``mean`` the mean of its sub-tokens.
        mapped_sentences: Number of sentences whose words are kept one by one, for heat maps.
        batch_size: Sentences of a batch at most; the result does not depend on it.
        device: Where encoders run that are read here: ``cpu``, ``cuda``, ``cuda:1``, ``mps``; None for a GPU where
            there is one.
        trust_remote_code: Whether code that lies with an encoder is run.
        confidence: Level of the intervals.
        progress: See :data:`charrobust.progress.Progress`; the stage is the name of a model.

    Returns:
        What was measured, with intervals.

    Raises:
        DataError: No word is noised, or none of them is within what a model reads.
        UserError: A model cannot be loaded, returns no hidden states, or has a slow tokenizer; or
            `confidence` does not lie between 0 and 1.
    """
    check_confidence(confidence)
    noised.require_noise()
    summaries = []
    for name, model in models.items():
        encoder = model
        if not isinstance(encoder, WordEncoder):
            encoder = WordEncoder.load(encoder, name=name, device=device, trust_remote_code=trust_remote_code)
        displacements = word_displacements(
            encoder,
            noised,
            pooling=pooling,
            batch_size=batch_size,
            progress=_named(name, progress),
        )
        summaries.append(summary(displacements, name=name, mapped_sentences=mapped_sentences, confidence=confidence))
    return Sensitivity(
        data=data,
        attack=noised.attack,
        severity=noised.severity,
        seed=noised.seed,
        pooling=pooling,
        confidence=confidence,
        models=tuple(summaries),
        versions=package_versions(),
    )


def _named(name: str, progress: Progress) -> Progress:
    """Return a progress whose stage has the name of a model, whatever the model calls itself."""
    return lambda _, done, total, metrics: progress(name, done, total, metrics)


def summary(
    displacements: WordDisplacements,
    *,
    name: str | None = None,
    mapped_sentences: int = MAPPED_SENTENCES,
    confidence: float = 0.95,
) -> ModelSensitivity:
    """Sum up how far words move.

    Args:
        displacements: How far each word moves.
        name: Name of the model; None for that of the encoder.
        mapped_sentences: Number of sentences whose words are kept one by one.
        confidence: Level of the intervals.

    Returns:
        S of the model, by layer and by operator, with intervals.

    Raises:
        DataError: No noised word was measured.
    """
    if name is None:
        name = displacements.model
    # An array of objects can be compared with a name, item by item, and holds None for untouched words.
    operators = np.array(displacements.operators, object)
    noised = np.array([operator is not None for operator in displacements.operators], bool)
    sentences = len(displacements.noised.pairs)
    if not noised.any():
        raise DataError(
            f"none of the noised words is among the {len(noised)} that {name!r} reads of {sentences} "
            "sentences; the others lie behind its longest text: give shorter ones"
        )
    # Untouched neighbours are those of sentences with noise: elsewhere nothing could move them.
    has_noise = np.bincount(displacements.sentence[noised], minlength=sentences) > 0
    untouched = ~noised & has_noise[displacements.sentence]
    mean = partial(_mean, displacements, confidence=confidence)
    layer_of = partial(_layer, displacements, noised=noised, untouched=untouched, confidence=confidence)
    layers = tuple(map(layer_of, range(len(displacements.layers))))
    # S is read where the token channel ends; layers of the character channel may come behind it.
    last = max(row for row, layer in enumerate(layers) if layer.channel == TOKEN)
    by_operator = []
    for operator in sorted(set(operators[noised])):
        mask = operators == operator
        by_operator.append(OperatorSensitivity(operator, int(mask.sum()), mean(last, mask)))
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
        operators=tuple(by_operator),
        maps=tuple(_maps(displacements, np.flatnonzero(has_noise)[:mapped_sentences].tolist())),
    )


def _layer(
    displacements: WordDisplacements, row: int, *, noised: Mask, untouched: Mask, confidence: float
) -> LayerSensitivity:
    """Sum up one layer of one channel: a row of the displacements."""
    mean = partial(_mean, displacements, row, confidence=confidence)
    of_untouched = None
    if untouched.any():
        of_untouched = mean(untouched)
    return LayerSensitivity(
        layer=displacements.layers[row].layer,
        channel=displacements.layers[row].channel,
        all=mean(np.ones_like(noised)),
        noised=mean(noised),
        untouched=of_untouched,
    )


def _mean(displacements: WordDisplacements, row: int, mask: Mask, *, confidence: float) -> Interval:
    """Return the mean of some words in a layer, with its interval over sentences."""
    return mean_over_words(displacements.values[row, mask], displacements.sentence[mask], confidence=confidence)


def _maps(displacements: WordDisplacements, sentences: Sequence[int]) -> Iterator[SentenceMap]:
    """Go through the maps of some sentences, one for each channel."""
    # A dict keeps the order of its keys, which a set would not: the token channel comes first.
    channels = dict.fromkeys(layer.channel for layer in displacements.layers)
    for sentence, channel in product(sentences, channels):
        yield _map(displacements, sentence, channel)


def _map(displacements: WordDisplacements, sentence: int, channel: str) -> SentenceMap:
    """Return the map of one sentence in one channel."""
    # Words are in the order of their sentences: those of one are a range.
    first, end = np.searchsorted(displacements.sentence, [sentence, sentence + 1])
    words = displacements.word[first:end].tolist()
    pair = displacements.noised.pairs[sentence]
    rows, numbers = [], []
    for row, layer in enumerate(displacements.layers):
        if layer.channel == channel:
            rows.append(row)
            numbers.append(layer.layer)
    # As float64: single precision would be written into JSON with digits that rounding was to remove.
    values = displacements.values[rows, first:end].astype(float).round(_DIGITS)
    return SentenceMap(
        sentence=sentence,
        channel=channel,
        clean=tuple(taken(pair.words, words)),
        noised=tuple(taken(pair.noised_words, words)),
        operators=tuple(taken(pair.operators, words)),
        layers=tuple(numbers),
        values=tuple(map(tuple, values.tolist())),
    )
