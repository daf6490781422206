"""Noise on training examples: another draw in each epoch; labels, tags and answer spans stay right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from charrobust.perturb import Attack, Recipe
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example


@dataclass(frozen=True)
class Noise:
    """A recipe that is applied to a share of the training examples.

    Attributes:
        recipe: The recipe.
        share: Share of the examples.
        seed: The seed.
        task: The task; tells which fields are noised.
    """

    recipe: Recipe
    share: float
    seed: int
    task: Task

    def __post_init__(self) -> None:
        """Check that the examples are of one language."""
        self.task.check_one_language()

    def drawn(self, count: int, epoch: int) -> list[int]:
        """Return the numbers of the examples that are noised in an epoch."""
        # The last number keeps this stream apart from that of the order, which has a 0 there.
        draws = np.random.default_rng([self.seed, epoch, 1]).random(count)
        numbers: list[int] = np.flatnonzero(draws < self.share).tolist()
        return numbers

    def applied(self, examples: Sequence[Example], epoch: int) -> list[Example]:
        """Return the noised forms of some examples.

        Args:
            examples: The examples; each is noised by its id and its texts alone, whatever the others are.
            epoch: Number of the epoch.

        Returns:
            The noised examples, whose targets are still right.
        """
        # An attack draws from its seed and the id. With the texts in it, examples of one id are not noised alike.
        ids = [f"{epoch} {example.id} {' '.join(example.texts)}" for example in examples]
        return self.task.perturb_examples(examples, Attack(self.recipe, self.seed), ids)
