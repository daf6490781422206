"""Adversarial training: a search looks for the edits of training examples that the model, as it is, reads worst."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from charrobust.datasets.dataset import DataSet
from charrobust.errors import UserError
from charrobust.perturb import Attack
from charrobust.search import Found, search
from charrobust.systems.system import System
from charrobust.tasks.examples import Example
from charrobust.tasks.moves import Moves

_TRIED = 4  # examples that are searched before training begins, to see that they can be


@dataclass(frozen=True)
class Worse:
    """What a search found in some examples.

    Attributes:
        forms: The forms that a model reads worse than the clean ones, by the numbers of the examples.
        searched: Number of examples that were searched: those that it has right.
        lost: Number of those that it has wrong in these forms.
    """

    forms: dict[int, Example]
    searched: int
    lost: int


@dataclass(frozen=True, eq=False)
class Adversary:
    """Looks for forms of training examples that a model reads worse than their clean forms.

    Attributes:
        data: The training data.
        attack: What edits are allowed.
        search: Name of the search.
        edits: Edits of an example at most.
        budget: Queries of an example at most.
        share: Share of the examples of an epoch that is searched.
        seed: The seed.
    """

    data: DataSet
    attack: Attack
    search: str
    edits: int
    budget: int
    share: float
    seed: int

    def drawn(self, count: int, epoch: int) -> list[int]:
        """Return the numbers of the examples that are searched in an epoch."""
        # The last number keeps this stream apart from those of order and noise, which have a 0 and a 1 there.
        draws = np.random.default_rng([self.seed, epoch, 2]).random(count)
        numbers: list[int] = np.flatnonzero(draws < self.share).tolist()
        return numbers

    def check(self, system: System) -> None:
        """Try a search in a few examples, so that what cannot be searched is refused before training begins.

        Args:
            system: The model.

        Raises:
            UserError: Examples are read beside a corpus, the task cannot attack a record by itself, or the search needs
                more of the model than it tells.
            RecipeError: The edits of the recipe cannot be enumerated.
        """
        if any(example.corpus is not None for example in self.data.examples):
            raise UserError(
                f"adversarial training asks a model about examples alone, and those of {self.data.name} are read "
                "beside a corpus, which the model would have to read anew at each step; train on noise, with "
                "`noise.recipe`"
            )
        few = list(range(min(_TRIED, len(self.data))))
        # Whether the model has them right or not: a search lists the moves of those alone that it has right.
        for number in few:
            Moves(self.data.task, self.data.record_of(number), self.attack)
        self._found(system, self.data.excerpt(few), budget=1, moment=0)

    def worse(self, system: System, numbers: Sequence[int], moment: int) -> Worse:
        """Search some examples.

        Args:
            system: The model as it is.
            numbers: The numbers of the examples. Those that it has wrong already are not searched.
            moment: Number of the batch: another time, a search draws otherwise.

        Returns:
            What was found.
        """
        if not numbers:
            return Worse({}, 0, 0)
        excerpt = self.data.excerpt(numbers)
        found = self._found(system, excerpt, self.budget, moment)
        changed = excerpt.with_records([batch.records for batch in found.batches])
        all_forms = zip(numbers, changed, found.outcomes, strict=True)
        forms = {number: form for number, form, outcome in all_forms if outcome.state}
        return Worse(forms, len(found.searched), sum(outcome.success for outcome in found.outcomes))

    def _found(self, system: System, data: DataSet, budget: int, moment: int) -> Found:
        # One number of both, as a search takes one: batches of all seeds draw apart from each other.
        seed = self.seed << 32 | moment
        return search(system, data, self.attack, search=self.search, edits=self.edits, budget=budget, seed=seed)


@contextmanager
def asking(model: Any) -> Iterator[None]:
    """Put a model in the mode in which it is asked; afterwards it is in the mode, training or not, it was in.

    Args:
        model: The model.

    Yields:
        Nothing.
    """
    training = model.training
    model.train(mode=False)
    try:
        yield
    finally:
        model.train(training)
