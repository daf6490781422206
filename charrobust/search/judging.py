"""A system asked about examples, and its answers compared with what is right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from charrobust.datasets.dataset import DataSet
from charrobust.search.states import Value
from charrobust.search.units import Unit
from charrobust.systems.labels import answer_names, label_names, translated
from charrobust.systems.system import System
from charrobust.tasks.examples import Example
from charrobust.tasks.metrics import Array


@dataclass(frozen=True, eq=False)
class Verdict:
    """What a system made of some examples.

    Attributes:
        scores: A score of each, more being better.
        right: Which are right; None where right and wrong do not apply.
        margins: How surely the target of each wins; None of systems without scores.
    """

    scores: Array
    right: NDArray[np.bool_] | None
    margins: Array | None

    def part(self, first: int, last: int) -> Verdict:
        """Return what it made of some of them that follow each other."""
        right = None if self.right is None else self.right[first:last]
        margins = None if self.margins is None else self.margins[first:last]
        return Verdict(self.scores[first:last], right, margins)

    @property
    def value(self) -> Value:
        """The value of a record of these examples, before it is known what was lost."""
        margin = 0.0 if self.margins is None else float(self.margins.sum())
        return Value(float(self.scores.sum()), margin)


class Judge:
    """Asks a system, in the words of the data set.

    Attributes:
        has_margins: Whether the system has scores; known when the clean examples were judged.
    """

    def __init__(self, system: System, data: DataSet) -> None:
        """Take a system.

        Args:
            system: The system.
            data: The data set.

        Raises:
            UserError: The system is for another task, or its labels are others.
        """
        self._system, self._data = system, data
        self._names: Mapping[str, str] = label_names(system, data)
        self.has_margins = False

    def judge_clean(self, units: Sequence[Unit]) -> None:
        """Ask about the clean form of records, and set it as what they are compared with.

        Args:
            units: The records.

        Raises:
            UserError: No answer is a label of the data set.
        """
        system, examples = self._system, list(chain.from_iterable(unit.examples for unit in units))
        is_named = bool(system.labels)
        verdict = self._judged(examples)
        if not is_named and any(label != name for label, name in self._names.items()):
            # Only now its labels are known, from its answers, and that the targets that it was judged by have others.
            verdict = self._judged(examples)
        self.has_margins = verdict.margins is not None
        first = 0
        for unit in units:
            of_unit = verdict.part(first, first + len(unit.examples))
            unit.clean, unit.right = of_unit.value, of_unit.right
            first += len(unit.examples)

    def give_gradients(self, units: Sequence[Unit]) -> bool:
        """Let records have first-order estimates.

        Args:
            units: The records.

        Returns:
            Whether the system gives any.
        """
        first_order = partial(self._system.first_order, names=self._names)
        for unit in units[:1]:
            # One that has no gradients says so of every example.
            if first_order(unit.examples[0], unit.examples[:1]) is None:
                return False
        for unit in units:
            unit.first_order = first_order
        return True

    def _judged(self, examples: Sequence[Example]) -> Verdict:
        """Ask about examples, with their targets."""
        task, system = self._data.task, self._system
        said = system.judge(examples, self._names)
        if not self._names:
            if system.labels:
                self._names = label_names(system, self._data)
            else:
                self._names = answer_names(system.name, self._data, said.predictions).names
        predictions = translated(task, said.predictions, self._names)
        targets = [example.target for example in examples]
        return Verdict(task.example_scores(targets, predictions), task.right(targets, predictions), said.margins)

    def values(self, forms: Sequence[tuple[Unit, tuple[Example, ...]]]) -> list[Value]:
        """Return the values of records in some states.

        Args:
            forms: Records, each with its examples in a state.

        Returns:
            A value each.
        """
        if not forms:
            return []
        verdict = self._judged(list(chain.from_iterable(examples for _, examples in forms)))
        values = []
        first = 0
        for unit, examples in forms:
            values.append(_compared(unit, verdict.part(first, first + len(examples))))
            first += len(examples)
        return values

    def readings(self, forms: Iterable[tuple[Example, ...]]) -> list[tuple[object, ...]]:
        """Return what the system reads of records in some states; what is equal has equal values in one record."""
        listed = list(forms)
        flat = iter(self._system.readings(list(chain.from_iterable(listed))))
        return [tuple(islice(flat, len(examples))) for examples in listed]


def _compared(unit: Unit, verdict: Verdict) -> Value:
    """Return the value of a state, with what it loses against the clean record."""
    value = verdict.value
    if unit.right is None or verdict.right is None:
        return value._replace(lost=value.score < unit.clean.score)
    return value._replace(lost=bool((unit.right & ~verdict.right).any()))
