"""Random search: the worst of many draws, the bridge from average to worst case."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from charrobust.search.states import Limits, State, Value, joined
from charrobust.search.strategy import Search

if TYPE_CHECKING:
    from charrobust.search.units import Unit

_ROUND = 32  # draws that are asked at a time


@dataclass(frozen=True)
class RandomDraws(Search):
    """Draws states: a word, an operator, a place and what is written there, each at random, edit by edit.

    Attributes:
        draws: Number of draws where there is no budget. With one as many are made as it has queries, twice over, since
            one draw may repeat another, which costs nothing.
    """

    name: ClassVar[str] = "random"

    draws: int = 100

    def needs_scores(self, edits: int) -> bool:
        """See the base class: draws do not hang on values."""
        return False

    def steps(
        self, unit: Unit, limits: Limits, rng: np.random.Generator
    ) -> Generator[Sequence[State], Sequence[Value], None]:
        """See the base class."""
        left = self.draws if limits.budget is None else 2 * limits.budget
        while left > 0 and len(unit.moves):
            count = min(left, _ROUND)
            yield [drawn(unit, limits.edits, rng) for _ in range(count)]
            left -= count


def drawn(unit: Unit, edits: int, rng: np.random.Generator) -> State:
    """Draw a state.

    Args:
        unit: The record.
        edits: Number of its edits; fewer where no more can be joined.
        rng: Random numbers.

    Returns:
        The state.
    """
    state: State = ()
    for _ in range(edits):
        moves = np.flatnonzero(unit.moves.may_join(state))
        if not len(moves):
            break
        # As a recipe draws: a long word has more candidates than a short one, and is no more likely for that.
        for kind in (unit.words, unit.moves.operator, unit.places):
            moves = _of_one_kind(moves, kind, rng)
        state = joined(state, int(rng.choice(moves)))
    return state


def _of_one_kind(moves: NDArray[np.intp], kind: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.intp]:
    """Return those of some moves that are of one kind, drawn at random."""
    kinds = np.unique(kind[moves])
    chosen: NDArray[np.intp] = moves[kind[moves] == rng.choice(kinds)]
    return chosen
