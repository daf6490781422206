"""The search of Pruthi, Dhingra, Lipton: Combating adversarial misspellings with robust word recognition, ACL 2019."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from charrobust.search.states import Limits, State, Value
from charrobust.search.strategy import Search

if TYPE_CHECKING:
    import numpy as np

    from charrobust.search.units import Unit


@dataclass(frozen=True)
class Pruthi(Search):
    """Asks about every single edit until the answer flips; else goes on from the edit that lowers confidence most.

    Confidence is the margin of the right class, which orders states as its probability does where there are two.
    """

    name: ClassVar[str] = "pruthi"

    def needs_scores(self, edits: int) -> bool:
        """See the base class: one edit is tried after the other, and compared where another is to follow."""
        return edits > 1

    def steps(
        self, unit: Unit, limits: Limits, rng: np.random.Generator
    ) -> Generator[Sequence[State], Sequence[Value], None]:
        """See the base class."""
        state: State = ()
        for _ in range(limits.edits):
            longer = unit.with_one_more(state)
            if not longer:
                return
            values = yield longer
            worst = min(range(len(longer)), key=lambda number: values[number].worth)
            state = longer[worst]
