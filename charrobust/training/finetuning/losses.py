"""The losses of fine-tuning: that of the task, and the distance between predictions for noised and clean text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from charrobust.tasks.head import TaskHead
from charrobust.training.meter import Losses

Batch = Mapping[str, Tensor]

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_SEARCHES = ("searched", "lost")  # what adversarial training counts


@dataclass(frozen=True)
class TaskLoss:
    """Computes the losses of a batch of :class:`~charrobust.training.finetuning.training_batches.TrainingBatches`.

    Attributes:
        head: How the model is taught the task.
        consistency: Weight of the distance between predictions for noised and clean text.
    """

    head: TaskHead
    consistency: float = 0.0

    def __call__(self, model: Any, batch: Batch) -> Losses:
        """Run a model on a batch.

        Args:
            model: A model with a head for the task, wrapped or not.
            batch: The batch, on the model's device.

        Returns:
            The losses, each shape ().
        """
        # Without labels: the loss is the head's, so that all models, with whatever loss of their own, are taught alike.
        outputs = model(**{name: batch[name] for name in _INPUTS if name in batch})
        parts = {"task_loss": self.head.loss(outputs, batch)}
        total = parts["task_loss"]
        if self.consistency:
            parts["consistency_loss"] = self._distance(outputs, batch, total)
            total = total + self.consistency * parts["consistency_loss"]
        counts = {"tokens": batch["attention_mask"].sum(), "examples": torch.tensor(len(batch["labels"]))}
        counts |= {name: batch[name] for name in _SEARCHES if name in batch}
        # The meter adds and stacks them with the losses.
        counts = {name: value.to(total.device) for name, value in counts.items()}
        return Losses(total, {name: loss.detach() for name, loss in parts.items()}, counts)

    def _distance(self, outputs: Any, batch: Batch, task_loss: Tensor) -> Tensor:
        """Return the mean distance between the predictions of pairs; 0, on the same graph, where there is none."""
        if not len(batch["pairs"]):
            # On the graph of the task's loss, so that a batch without pairs has a backward pass like any other.
            return task_loss * 0.0
        return self.head.distance(outputs, batch["pairs"], batch["places"])
