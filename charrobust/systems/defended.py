"""Systems with defences before them, under a name of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from charrobust.progress import Progress, no_progress
from charrobust.systems.estimate import Estimate
from charrobust.systems.system import Judgement, System
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.metrics import Array

if TYPE_CHECKING:
    from charrobust.systems.restoration import Restorer, TextRestorer


class Defended(System):
    """A system under a name, with what corrects texts before it reads them; there may be nothing before it.

    Attributes:
        system: What is asked.
        restorers: What corrects texts, in order.
    """

    def __init__(self, name: str, system: System, restorers: Sequence[Restorer | TextRestorer] = ()) -> None:
        """Put defences before a system.

        Args:
            name: Name in tables.
            system: What is asked.
            restorers: What corrects texts, in order.
        """
        self.name, self.system, self.restorers = name, system, tuple(restorers)
        self.task, self.labels, self.texts = system.task, system.labels, system.texts
        self.tokenizer, self.source = system.tokenizer, system.source or system.name
        self.defences = (*(restorer.name for restorer in self.restorers), *system.defences)
        self.reusable, self.is_screened = system.reusable, system.is_screened

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all that predictions depend on: the system and what stands before it; no name is among them."""
        if not self.restorers:
            return self.system.fingerprint
        parts = [*(restorer.fingerprint for restorer in self.restorers), self.system.fingerprint]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def members(self) -> tuple[System, ...]:
        """See the base class: the members of the system, each with the same defences before it."""
        if len(self.system.members) == 1:
            return (self,)
        return tuple(Defended(member.name, member, self.restorers) for member in self.system.members)

    def predict(self, examples: Sequence[Example], progress: Progress = no_progress) -> list[Prediction]:
        """See the base class: of corrected texts, where there are restorers."""
        read = self.corrected(examples)
        return self._carried_back(self.system.predict(read, progress), read, examples)

    def judge(
        self,
        examples: Sequence[Example],
        names: Mapping[str, str] | None = None,
        progress: Progress = no_progress,
    ) -> Judgement:
        """See the base class: of corrected texts, where there are restorers."""
        read = self._with_targets(self.corrected(examples), examples)
        told = self.system.judge(read, names, progress)
        self.labels = self.system.labels  # which a function may tell with its answers
        predictions = self._carried_back(told.predictions, read, examples)
        return Judgement(predictions, told.margins, self._readings(told.readings, examples))

    def readings(self, examples: Sequence[Example]) -> list[Hashable]:
        """See the base class: of corrected texts, where there are restorers."""
        return self._readings(self.system.readings(self.corrected(examples)), examples)

    def _readings(self, readings: list[Hashable], examples: Sequence[Example]) -> list[Hashable]:
        """Return the readings of examples, of what is read in their place."""
        if not self.restorers or not self.task.tells_places:
            return readings
        # Places in corrected texts are carried back, to where the texts that were given have them.
        return [(reading, example.texts) for reading, example in zip(readings, examples, strict=True)]

    def first_order(
        self, example: Example, changed: Sequence[Example], names: Mapping[str, str] | None = None
    ) -> Array | None:
        """See the base class: of corrected texts, where there are restorers."""
        given = [example, *changed]
        read, *forms = self._with_targets(self.corrected(given), given)
        return self.system.first_order(read, forms, names)

    def _with_targets(self, read: Sequence[Example], examples: Sequence[Example]) -> list[Example]:
        """Return what is read in the place of examples, with their targets."""
        if not self.restorers:
            return list(read)
        from charrobust.systems.restoration import with_targets

        return with_targets(read, examples, self.task)

    def _carried_back(
        self, predictions: Sequence[Prediction], read: Sequence[Example], examples: Sequence[Example]
    ) -> list[Prediction]:
        """Return the predictions for examples of those for their corrected forms."""
        return list(map(self.task.carried_back, predictions, read, examples))

    def prepare(self, progress: Progress = no_progress) -> None:
        """See the base class: the system is prepared."""
        self.system.prepare(progress)

    def scores(self, examples: Sequence[Example], progress: Progress = no_progress) -> Array | None:
        """See the base class: of corrected texts, where there are restorers."""
        scores = self.system.scores(self.corrected(examples), progress)
        self.labels = self.system.labels  # which a function may tell with its scores
        return scores

    def keep_in(self, folder: Path) -> None:
        """See the base class: the system keeps it."""
        self.system.keep_in(folder)

    def estimate(self, examples: Sequence[Example]) -> Estimate | None:
        """See the base class: of corrected texts, where there are restorers."""
        found = self.system.estimate(self.corrected(examples))
        return found and replace(found, system=self.name)

    def corrected(self, examples: Sequence[Example]) -> list[Example]:
        """Return what the system reads in the place of examples: their texts behind all restorers."""
        if not self.restorers:
            return list(examples)
        from charrobust.systems.restoration import restore_all

        return restore_all(self.restorers, examples, self.task)
