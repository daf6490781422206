"""Beam search: from the worst few states of so many edits to those of one more."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from charrobust.search.states import Limits, State, Value
from charrobust.search.strategy import Search

if TYPE_CHECKING:
    import numpy as np

    from charrobust.search.units import Unit


@dataclass(frozen=True)
class Beam(Search):
    """Asks about every state that has one edit more than the worst ones so far.

    Attributes:
        width: Number of states from which it goes on.
    """

    name: ClassVar[str] = "beam"

    width: int = 4

    def steps(
        self, unit: Unit, limits: Limits, rng: np.random.Generator
    ) -> Generator[Sequence[State], Sequence[Value], None]:
        """See the base class."""
        states: list[State] = [()]
        for _ in range(limits.edits):
            # Two of the states may lead to one: it is asked once, where it comes first.
            longer = list(dict.fromkeys(chain.from_iterable(map(unit.with_one_more, states))))
            values = yield longer
            order = sorted(range(len(longer)), key=lambda number: values[number].worth)
            states = [longer[number] for number in order[: self.width]]
