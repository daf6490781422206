"""Cross-entropy over many classes from a sample of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class SampledSoftmax:
    """Softmax whose denominator has the first classes, the frequent ones, and a sample that stands for the others.

    The sum over the others is estimated without bias: each one that is drawn counts for as many as there are to one
    draw (Jean, Cho, Memisevic, Bengio, ACL 2015, with uniform draws).

    Attributes:
        head: Number of the first classes that are always there.
        tail: Number of others that are drawn.
    """

    head: int = 512
    tail: int = 512

    def loss(self, output: nn.Linear, vectors: Tensor, targets: Tensor, *, rng: np.random.Generator) -> Tensor:
        """Return the mean cross-entropy; exact where there are no more classes than would be looked at.

        Args:
            output: The layer that scores classes.
            vectors: What it scores, shape (n, size).
            targets: The right classes, shape (n,).
            rng: Where classes are drawn from.

        Returns:
            The loss, shape ().
        """
        count = max(1, len(targets))
        others = output.out_features - self.head
        # Also for a small vocabulary, where a sample could not be drawn without repetitions.
        if others <= self.tail:
            return functional.cross_entropy(output(vectors), targets, reduction="sum") / count
        # Sorted: rows of the layer that follow each other are read faster.
        drawn = self.head + np.sort(rng.choice(others, self.tail, replace=False))
        looked_at = torch.from_numpy(np.concatenate([np.arange(self.head), drawn])).to(targets.device)
        # one look-up for both, for its gradient is as large as the layer
        rows = torch.cat([looked_at, targets])
        # Shape (looked at + n, size): the classes that all vectors are scored against, then the right class of each.
        weight, bias = output.weight[rows], output.bias[rows]
        scores = vectors @ weight[: len(looked_at)].T + bias[: len(looked_at)]
        scores[:, self.head :] += math.log(others / self.tail)  # each one drawn stands for so many
        # The right class has a column of its own, and must not count twice where it is looked at anyway.
        scores = scores.masked_fill(looked_at == targets.unsqueeze(1), -math.inf)
        right = (vectors * weight[len(looked_at) :]).sum(1) + bias[len(looked_at) :]
        # Shape (n, 1 + looked at).
        every = torch.cat([right.unsqueeze(1), scores], dim=1)
        # -log softmax of the right class; divided by at least 1, as a batch may ask for no word.
        return (every.logsumexp(1) - right).sum() / count
