"""Any number of labels a text or pair: a sigmoid for each label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from transformers import AutoModelForSequenceClassification

from charrobust.models.probes import ProbeForSequenceClassification
from charrobust.tasks.examples import Example
from charrobust.tasks.head import TaskHead, architecture, label_options, names_of_outputs
from charrobust.tasks.margins import label_margins
from charrobust.tasks.metrics import Array
from charrobust.tasks.windows.batching import Padding
from charrobust.tasks.windows.windower import Window

_PROBLEM = "multi_label_classification"


@dataclass(frozen=True)
class MultiLabelHead(TaskHead):
    """Asks a sequence classifier of labels that do not exclude each other.

    Attributes:
        threshold: A label is predicted if its probability is at least this.
    """

    threshold: float = 0.5

    auto_class: ClassVar[Any] = AutoModelForSequenceClassification
    probe_class: ClassVar[Any] = ProbeForSequenceClassification

    @classmethod
    def serves(cls, config: Any) -> bool:
        """See the base class."""
        problem = getattr(config, "problem_type", None)
        return "ForSequenceClassification" in architecture(config) and problem == _PROBLEM

    @classmethod
    def labels_of(cls, config: Any) -> tuple[str, ...]:
        """See the base class."""
        return names_of_outputs(config)

    @classmethod
    def model_options(cls, labels: Sequence[str]) -> dict[str, Any]:
        """See the base class."""
        return {**label_options(labels), "problem_type": _PROBLEM}

    def lesson(self, window: Window, example: Example) -> Array:
        """See the base class: 1 for each label that holds, else 0, shape (labels,)."""
        held = set(example.target)
        # Floats: the loss takes them for probabilities.
        return np.array([label in held for label in self.labels], np.float64)

    def batch_labels(
        self, lessons: Sequence[Any], windows: Sequence[Window], displacements: Sequence[int], *, length: int
    ) -> Tensor:
        """See the base class: shape (windows, labels)."""
        return torch.from_numpy(np.stack(lessons)).float()

    def loss(self, outputs: Any, batch: Mapping[str, Tensor]) -> Tensor:
        """See the base class: the mean over labels of the binary cross-entropy."""
        return functional.binary_cross_entropy_with_logits(outputs.logits.float(), batch["labels"])

    def distance(self, outputs: Any, pairs: Tensor, places: Tensor) -> Tensor:
        """See the base class: the mean over labels of the two divergences between "holds" and "does not"."""
        noised, clean = outputs.logits.float()[pairs].unbind(1)
        # for two outcomes the sum of both divergences is the difference of probabilities times that of log odds
        apart = (noised.sigmoid() - clean.sigmoid()) * (noised - clean)
        divergence: Tensor = apart.mean() / 2
        return divergence

    def class_scores(self, outputs: Any) -> Tensor:
        """See the base class: the probability of each label, whatever the others are."""
        scores: Tensor = outputs.logits.float().sigmoid()
        return scores

    def margins(
        self, windows: Sequence[Window], evidence: Sequence[Any], examples: Sequence[Example], kept: Mapping[str, Any]
    ) -> Array:
        """See the base class: that of the least sure label, by the head's threshold."""
        probabilities = np.array(evidence, np.float64).reshape(len(examples), len(self.labels))
        return label_margins([example.target for example in examples], probabilities, self.labels, self.threshold)

    def read(self, outputs: Any, windows: Sequence[Window], padding: Padding) -> list[Any]:
        """See the base class: the labels that are probable enough, and the probability of each."""
        readings: list[Any] = []
        for probabilities in outputs.logits.float().sigmoid().tolist():
            ranked = tuple(zip(self.labels, probabilities, strict=True))
            chosen = []
            for label, probability in ranked:
                if probability >= self.threshold:
                    chosen.append(label)
            readings.append((tuple(chosen), ranked))
        return readings
