"""One class a text or pair: softmax over classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Tensor
from transformers import AutoModelForSequenceClassification

from charrobust.models.head_parts import cross_entropy
from charrobust.models.probes import ProbeForSequenceClassification
from charrobust.tasks.examples import Example
from charrobust.tasks.head import TaskHead, architecture, divergence, label_options, names_of_outputs
from charrobust.tasks.windows.batching import Padding
from charrobust.tasks.windows.windower import Window


@dataclass(frozen=True)
class ClassificationHead(TaskHead):
    """Asks a sequence classifier of exclusive classes."""

    auto_class: ClassVar[Any] = AutoModelForSequenceClassification
    probe_class: ClassVar[Any] = ProbeForSequenceClassification

    @classmethod
    def serves(cls, config: Any) -> bool:
        """See the base class."""
        exclusive = getattr(config, "problem_type", None) != "multi_label_classification"
        return "ForSequenceClassification" in architecture(config) and config.num_labels > 1 and exclusive

    @classmethod
    def labels_of(cls, config: Any) -> tuple[str, ...]:
        """See the base class."""
        return names_of_outputs(config)

    @classmethod
    def model_options(cls, labels: Sequence[str]) -> dict[str, Any]:
        """See the base class."""
        return {**label_options(labels), "problem_type": "single_label_classification"}

    def lesson(self, window: Window, example: Example) -> int:
        """See the base class: the number of the class."""
        return self.labels.index(example.target)

    def loss(self, outputs: Any, batch: Mapping[str, Tensor]) -> Tensor:
        """See the base class: cross-entropy."""
        return cross_entropy(outputs.logits.float(), batch["labels"])

    def distance(self, outputs: Any, pairs: Tensor, places: Tensor) -> Tensor:
        """See the base class: divergence of the distributions over classes."""
        noised, clean = outputs.logits.float()[pairs].unbind(1)
        return divergence(noised, clean).mean()

    def class_scores(self, outputs: Any) -> Tensor:
        """See the base class: a distribution over classes."""
        scores: Tensor = outputs.logits.float().softmax(-1)
        return scores

    def read(self, outputs: Any, windows: Sequence[Window], padding: Padding) -> list[Any]:
        """See the base class: the most likely class."""
        return [self.labels[number] for number in outputs.logits.argmax(-1).tolist()]
