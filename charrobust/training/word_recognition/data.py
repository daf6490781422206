"""What a word recogniser is taught with: the words of a corpus, and passages of it with noise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from operator import ne

import numpy as np
import torch
from torch import Tensor

from charrobust.models.semi_character import UNKNOWN, SemiCharacterRecogniser
from charrobust.perturb import Recipe
from charrobust.training.pretraining.noise import block_generator, draw_noised, noised_forms
from charrobust.training.word_recognition.running_words import Passages, RunningWords
from charrobust.training.word_recognition.settings import RecogniserSettings

_RARE = 1e-5  # characters with a smaller share of all are not told apart
_CHARACTERS = 200  # and no more than these, the most frequent, are


def alphabet_of(counts: Mapping[str, int]) -> str:
    """Return the characters that are told apart, in lower case.

    Args:
        counts: How often each word occurs.

    Returns:
        The characters, each once.
    """
    totals = Counter[str]()
    for word, times in counts.items():
        for character in word.lower():
            totals[character] += times
    least = _RARE * totals.total()
    frequent = []
    for character, times in totals.most_common(_CHARACTERS):
        if times >= least:
            frequent.append(character)
    # Sorted: the alphabet is part of the settings that tell one network from another.
    return "".join(sorted(frequent))


@dataclass(frozen=True)
class Reading:
    """Passages of one length as the network reads them, and what it is to say.

    Attributes:
        sentences: The words of each passage; some of them are noised.
        counted: Which of them it is asked for, shape (passages, words).
        targets: The right classes of these, shape (counted,).
    """

    sentences: list[list[str]]
    counted: Tensor
    targets: Tensor


class Readings:
    """Passages of a corpus, again and again, cut and noised afresh each time.

    Of a third of the passages all words stay, of each other one a share drawn uniformly from 0 to 1 of the words that
    the recipe changes is noised.
    """

    def __init__(
        self, text: RunningWords, network: SemiCharacterRecogniser, *, recipe: Recipe, settings: RecogniserSettings
    ) -> None:
        self._text, self._network, self._recipe, self._settings = text, network, recipe, settings
        # Looked up once for each different word, and not for each of millions of running ones.
        classes = [network.classes.get(word.lower(), UNKNOWN) for word in text.texts]
        self._targets = torch.tensor(classes)  # by the number of a word

    def after(self, steps: int) -> Iterator[Reading]:
        """Yield what is read after some steps, one reading a step, without end; it depends on seed and step alone."""
        # To go on after some steps, the epochs before are only cut, which takes no time; nothing of them is noised.
        left = steps
        for epoch in count():
            rng = np.random.default_rng([self._settings.seed, epoch])
            batches = self._text.passages(rng, self._settings.passage, self._settings.batch_words)
            for passages in batches[left:]:
                yield self._reading(epoch, passages)
            left = max(0, left - len(batches))

    def _reading(self, epoch: int, passages: Passages) -> Reading:
        clean = self._text.sentences(passages)
        # Random numbers depend on the epoch and the place of a passage, not on the batch that it is in.
        items = [(epoch, start) for start in passages.starts.tolist()]
        forms = noised_forms(self._recipe, self._settings.seed, items=items, texts=clean)
        sentences = list(map(self._mixed, items, clean, forms))
        # All passages of a batch are of one length, so that the lists are a matrix.
        counted = torch.tensor([list(map(self._network.asks_for, sentence)) for sentence in sentences])
        numbers = torch.from_numpy(self._text.numbers[passages.places]).long()
        # Targets go by the words of the corpus, noised or not; the mask picks row by row, as the network's vectors are.
        return Reading(sentences, counted, self._targets[numbers[counted]])

    def _mixed(self, item: tuple[int, int], clean: list[str], forms: list[str]) -> list[str]:
        """Return a passage in which some words are noised."""
        # Only what the recipe changes can be noised: a word that it leaves is no draw spent.
        changeable = np.fromiter(map(ne, clean, forms), bool, len(clean))
        noised = draw_noised(block_generator(self._settings.seed, *item), changeable, "uniform")
        sentence = list(clean)
        for place in np.flatnonzero(noised).tolist():
            sentence[place] = forms[place]
        return sentence
