"""A tag for each word, read at its first token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from transformers import AutoModelForTokenClassification

from charrobust.models.head_parts import cross_entropy
from charrobust.models.probes import ProbeForTokenClassification
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.head import (
    IGNORED,
    TaskHead,
    architecture,
    divergence,
    names_of_outputs,
    numbers_of,
    paired_places,
    place_labels,
)
from charrobust.tasks.margins import row_leads
from charrobust.tasks.metrics import Array
from charrobust.tasks.tagging.schemes import OUTSIDE
from charrobust.tasks.windows.batching import Padding
from charrobust.tasks.windows.sentences import sentence_windows
from charrobust.tasks.windows.windower import Window, Windower


@dataclass(frozen=True)
class TaggingHead(TaskHead):
    """Asks a token classifier."""

    auto_class: ClassVar[Any] = AutoModelForTokenClassification
    probe_class: ClassVar[Any] = ProbeForTokenClassification
    stride: ClassVar[int] = 32
    needs_offsets: ClassVar[bool] = True

    @classmethod
    def serves(cls, config: Any) -> bool:
        """See the base class."""
        return "ForTokenClassification" in architecture(config)

    @classmethod
    def labels_of(cls, config: Any) -> tuple[str, ...]:
        """See the base class."""
        return names_of_outputs(config)

    def cut(self, windower: Windower, first: int, examples: Sequence[Example]) -> Iterator[Window]:
        """See the base class: sentences, the long ones cut between words."""
        return sentence_windows(windower, first, [example.texts for example in examples])

    def lesson(self, window: Window, example: Example) -> NDArray[np.int64]:
        """See the base class: the number of the tag of each word; unknown and ignored tags are not learnt."""
        numbers = numbers_of(self.labels)
        tags = [example.target[word] for word in window.keys.tolist()]
        return np.array([IGNORED if tag is None else numbers[tag] for tag in tags], np.int64)

    def batch_labels(
        self, lessons: Sequence[Any], windows: Sequence[Window], displacements: Sequence[int], *, length: int
    ) -> Tensor:
        """See the base class: the number of a tag for each token, shape (windows, length)."""
        return place_labels(lessons, windows, displacements, length=length)

    def loss(self, outputs: Any, batch: Mapping[str, Tensor]) -> Tensor:
        """See the base class: cross-entropy over words."""
        return cross_entropy(outputs.logits.float(), batch["labels"])

    def distance(self, outputs: Any, pairs: Tensor, places: Tensor) -> Tensor:
        """See the base class: divergence of the distributions over tags, word by word."""
        noised, clean = paired_places(outputs.logits.float(), pairs, places)
        if not len(noised):
            # The mean over no words would be NaN; this 0 has a gradient, which the backward pass looks for.
            return outputs.logits.sum().float() * 0.0  # type: ignore[no-any-return]
        return divergence(noised, clean).mean()

    def read(self, outputs: Any, windows: Sequence[Window], padding: Padding) -> list[Any]:
        """See the base class: the numbers of the words' tags."""
        chosen = outputs.logits.argmax(-1).cpu().numpy()
        readings = []
        for row, window in zip(chosen, windows, strict=True):
            readings.append(row[window.places + padding.displacement(window, len(row))])
        return readings

    def evidence(self, outputs: Any, windows: Sequence[Window], padding: Padding) -> list[Any]:
        """See the base class: the scores of all tags for each word, shape (words, tags)."""
        scores = outputs.logits.float().cpu().numpy()
        evidence = []
        for row, window in zip(scores, windows, strict=True):
            evidence.append(row[window.places + padding.displacement(window, len(row))])
        return evidence

    def margins(
        self, windows: Sequence[Window], evidence: Sequence[Any], examples: Sequence[Example], kept: Mapping[str, Any]
    ) -> Array:
        """See the base class: the lead of the right tag at the word where it is least; ignored tags do not count."""
        labels = np.array(self.labels, object)
        targets = [example.target for example in examples]
        margins = np.array([np.nan if target is None else np.inf for target in targets])
        for window, scores in zip(windows, evidence, strict=True):
            target = targets[window.example]
            if target is None:
                continue
            tags = np.array([target[word] for word in window.keys.tolist()], object)
            counted = tags != None  # noqa: E711 - each of them
            leads = row_leads(scores[counted], tags[counted, None] == labels)
            margins[window.example] = min(margins[window.example], leads.min(initial=np.inf))
        return margins

    def predictions(
        self, windows: Sequence[Window], readings: Sequence[Any], examples: Sequence[Example]
    ) -> list[Prediction]:
        """See the base class: the tags of each sentence; words beyond what a model can read are outside."""
        outside = OUTSIDE if OUTSIDE in self.labels else self.labels[0]
        tags = [[outside] * len(example.texts) for example in examples]
        for window, chosen in zip(windows, readings, strict=True):
            sentence = tags[window.example]
            for word, number in zip(window.keys.tolist(), chosen.tolist(), strict=True):
                sentence[word] = self.labels[number]
        return [tuple(sentence) for sentence in tags]
