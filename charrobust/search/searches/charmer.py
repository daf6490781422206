"""Search by places first, as Charmer does.

Abad Rocamora, Wu, Liu, Chrysos, Cevher: Revisiting character-level adversarial attacks for language models, ICML 2024.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from charrobust.search.states import Limits, State, Value, joined
from charrobust.search.strategy import Search

if TYPE_CHECKING:
    from charrobust.search.units import Unit


@dataclass(frozen=True)
class Charmer(Search):
    """Asks about one edit of each place; the places that it hurts most are searched whole; on from the worst state.

    Charmer tests a place by a blank written there; here it is an edit that the recipe allows, so that what is asked can
    be a result.

    Attributes:
        places: Number of places that are searched whole, for each edit.
    """

    name: ClassVar[str] = "charmer"

    places: int = 20

    def steps(
        self, unit: Unit, limits: Limits, rng: np.random.Generator
    ) -> Generator[Sequence[State], Sequence[Value], None]:
        """See the base class."""
        state: State = ()
        for _ in range(limits.edits):
            moves = rng.permutation(unit.joinable(state))
            tests = moves[np.unique(unit.places[moves], return_index=True)[1]]
            tested = [joined(state, move) for move in tests.tolist()]
            values = dict(zip(tested, (yield tested), strict=True))
            order = sorted(range(len(tests)), key=lambda number: values[tested[number]].worth)
            searched = unit.places[tests[order[: self.places]]]
            others = np.setdiff1d(moves[np.isin(unit.places[moves], searched)], tests)
            longer = [joined(state, move) for move in others.tolist()]
            values |= zip(longer, (yield longer), strict=True)
            if not values:
                return
            state = min(values, key=lambda longer: values[longer].worth)
