"""The losses of fine-tuning: that of the task, and the distance between predictions for noised and clean text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from charrobust.models.heads import cross_entropy
from charrobust.training.meter import Losses

Batch = Mapping[str, Tensor]

_NEVER = -1e4  # the score of what cannot be; its exponential is 0
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


@dataclass(frozen=True)
class TaskLoss:
    """Computes the losses of a batch of :class:`~charrobust.training.finetuning.lessons.Lessons`.

    Attributes:
        task: Name of the task.
        consistency: Weight of the distance between predictions for noised and clean text.
    """

    task: str
    consistency: float = 0.0

    def __call__(self, model: Any, batch: Batch) -> Losses:
        """Run a model on a batch.

        Args:
            model: A model with a head for the task, wrapped or not.
            batch: The batch, on the model's device.
        """
        out = model(**{name: batch[name] for name in _INPUTS if name in batch})
        parts = {"task_loss": self._task(out, batch["labels"])}
        total = parts["task_loss"]
        if self.consistency:
            parts["consistency_loss"] = self._distance(out, batch["pairs"], batch["places"])
            total = total + self.consistency * parts["consistency_loss"]
        counts = {"tokens": batch["attention_mask"].sum(), "examples": torch.tensor(len(batch["labels"]))}
        counts = {name: value.to(total.device) for name, value in counts.items()}
        return Losses(total, {name: loss.detach() for name, loss in parts.items()}, counts)

    def _task(self, out: Any, labels: Tensor) -> Tensor:
        if self.task == "regression":
            return functional.mse_loss(out.logits.float().squeeze(-1), labels.float())
        if self.task == "qa":
            scores = (out.start_logits.float(), out.end_logits.float())
            return torch.stack([functional.cross_entropy(s, labels[:, n]) for n, s in enumerate(scores)]).mean()
        return cross_entropy(out.logits.float(), labels)

    def _distance(self, out: Any, pairs: Tensor, places: Tensor) -> Tensor:
        """Return the mean distance between the predictions of pairs; 0 where there is none."""
        if not len(pairs):
            return (out.logits if self.task != "qa" else out.start_logits).sum().float() * 0.0  # type: ignore[no-any-return]
        if self.task == "regression":
            noised, clean = out.logits.float().squeeze(-1)[pairs].unbind(1)
            return functional.mse_loss(noised, clean)
        if self.task == "classification":
            return divergence(*out.logits.float()[pairs].unbind(1)).mean()
        there = places[:, 0] >= 0
        if self.task == "tagging":
            rows = pairs.unsqueeze(-1).expand_as(places)
            noised, clean = out.logits.float()[rows, places.clamp(min=0)].unbind(1)
            return divergence(noised[there], clean[there]).mean() if bool(there.any()) else noised.sum() * 0.0
        both = torch.stack([out.start_logits.float(), out.end_logits.float()], 1)[pairs]  # (pairs, 2, ends, length)
        where = places.clamp(min=0).unsqueeze(2).expand(-1, -1, 2, -1)
        scores = both.gather(-1, where).masked_fill(~there[:, None, None], _NEVER)
        apart: Tensor = divergence(*scores.unbind(1)).mean()
        return apart


def divergence(scores: Tensor, others: Tensor) -> Tensor:
    """Return the mean of the two Kullback-Leibler divergences between distributions.

    Args:
        scores: Scores before the softmax, shape (..., choices).
        others: Same shape.

    Returns:
        Shape (...), in nats.
    """
    one, other = scores.log_softmax(-1), others.log_softmax(-1)
    apart: Tensor = ((one.exp() - other.exp()) * (one - other)).sum(-1)
    return apart / 2
