"""A number a text or pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Tensor
from torch.nn import functional
from transformers import AutoModelForSequenceClassification

from charrobust.models.probes import ProbeForSequenceClassification
from charrobust.tasks.examples import Example
from charrobust.tasks.head import TaskHead, architecture, label_options
from charrobust.tasks.windows.batching import Padding
from charrobust.tasks.windows.windower import Window


@dataclass(frozen=True)
class RegressionHead(TaskHead):
    """Asks a sequence classifier with one output."""

    auto_class: ClassVar[Any] = AutoModelForSequenceClassification
    probe_class: ClassVar[Any] = ProbeForSequenceClassification
    has_log_odds: ClassVar[bool] = False

    @classmethod
    def serves(cls, config: Any) -> bool:
        """See the base class."""
        multi_label = getattr(config, "problem_type", None) == "multi_label_classification"
        return "ForSequenceClassification" in architecture(config) and config.num_labels == 1 and not multi_label

    @classmethod
    def model_options(cls, labels: Sequence[str]) -> dict[str, Any]:
        """See the base class."""
        return {**label_options(("value",)), "problem_type": "regression"}

    def lesson(self, window: Window, example: Example) -> float:
        """See the base class: the number."""
        return float(example.target)

    def loss(self, outputs: Any, batch: Mapping[str, Tensor]) -> Tensor:
        """See the base class: mean squared error."""
        return functional.mse_loss(outputs.logits.float().squeeze(-1), batch["labels"].float())

    def distance(self, outputs: Any, pairs: Tensor, places: Tensor) -> Tensor:
        """See the base class: mean squared difference."""
        noised, clean = outputs.logits.float().squeeze(-1)[pairs].unbind(1)
        return functional.mse_loss(noised, clean)

    def read(self, outputs: Any, windows: Sequence[Window], padding: Padding) -> list[Any]:
        """See the base class: the number."""
        values: list[Any] = outputs.logits.float().flatten().tolist()
        return values
