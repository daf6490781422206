"""Search by first-order estimates."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from charrobust.errors import UserError
from charrobust.search.states import Limits, State, Value
from charrobust.search.strategy import Search

if TYPE_CHECKING:
    from charrobust.search.units import Unit


@dataclass(frozen=True)
class Gradient(Search):
    """Asks about the states of one edit more that a gradient estimates to hurt most; on from the worst of them.

    Attributes:
        share: Share of these states that are asked.
    """

    name: ClassVar[str] = "gradient"
    reads_gradient: ClassVar[bool] = True
    needs_gradient: ClassVar[bool] = True

    share: float = 0.1

    def check(self, units: Sequence[Unit], limits: Limits) -> None:
        """Refuse what cannot be searched, before anything is asked.

        Args:
            units: The records.
            limits: What may be done.

        Raises:
            UserError: The budget has no room for estimates and a text.
        """
        if not limits.leave_estimates(0):
            raise UserError(
                f"gradient search asks for estimates, which are a query, and for a text: `budget` must be 2 or more, "
                f"got {limits.budget}"
            )

    def steps(
        self, unit: Unit, limits: Limits, rng: np.random.Generator
    ) -> Generator[Sequence[State], Sequence[Value], None]:
        """See the base class."""
        state: State = ()
        texts = 0
        for _ in range(limits.edits):
            longer = unit.with_one_more(state)
            if not longer or not limits.leave_estimates(texts + unit.passes):
                return
            order = np.argsort(-unit.estimates(longer), kind="stable")
            chosen = [longer[number] for number in order[: int(np.ceil(self.share * len(longer)))]]
            values = yield chosen
            texts += len(chosen)
            state = min(zip(values, chosen, strict=True), key=lambda pair: pair[0].worth)[1]
