"""Exhaustive search: all states of one edit, or of two."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from charrobust.errors import UserError
from charrobust.search.states import Limits, State, Value
from charrobust.search.strategy import Search

if TYPE_CHECKING:
    import numpy as np

    from charrobust.search.units import Unit


@dataclass(frozen=True)
class Exhaustive(Search):
    """Asks about every state, so that what it finds is the worst, and what it does not find is not there.

    Two edits are made where no single one loses ground.

    Attributes:
        limit: States of two edits that a record may have; with more it is refused.
    """

    name: ClassVar[str] = "exhaustive"
    stops: ClassVar[bool] = False
    proves: ClassVar[bool] = True

    limit: int = 250_000

    def needs_scores(self, edits: int) -> bool:
        """See the base class: all are asked anyway."""
        return False

    def check(self, units: Sequence[Unit], limits: Limits) -> None:
        """See the base class.

        Args:
            units: See there.
            limits: See there.

        Raises:
            UserError: More than two edits, or more states of two than the limit.
        """
        if limits.edits > 2:
            raise UserError(f"exhaustive search makes 1 or 2 edits, got {limits.edits}; take greedy or beam search")
        if limits.edits < 2 or limits.budget is not None:
            return
        for unit in units:
            if unit.pairs > self.limit:
                place = f"{unit.place.source}, {unit.place.line}"
                raise UserError(
                    f"{place}: exhaustive search of 2 edits would ask about {unit.pairs:,} states, more than "
                    f"{self.limit:,}; give a budget, fewer edits, a narrower recipe, or take greedy or beam search"
                )

    def steps(
        self, unit: Unit, limits: Limits, rng: np.random.Generator
    ) -> Generator[Sequence[State], Sequence[Value], None]:
        """See the base class: all single edits in their order, and all pairs, where no single edit loses ground."""
        values = yield unit.singles
        if limits.edits > 1 and not any(value.lost for value in values):
            for first in range(len(unit.moves)):
                yield [state for state in unit.with_one_more((first,)) if state[0] == first]
