"""Search by labels alone."""

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

_ROUND = 32  # states that are asked at a time


_Shrinking = Generator[Sequence[State], Sequence[Value], State]


@dataclass(frozen=True)
class Decision(Search):
    """Finds the words that matter by editing all at once and taking edits back, one by one, while the answer is wrong.

    The states with many edits only tell which words the answer hangs on; what is found has no more edits than allowed.
    Then all single edits are asked, those in these words first, and, where more edits are allowed, draws of so many in
    words that made the answer wrong together.

    Attributes:
        tries: How often all words are edited.
        draws: States of several edits that are drawn, where these are allowed.
    """

    name: ClassVar[str] = "decision"

    tries: int = 4
    draws: int = 200

    def needs_scores(self, edits: int) -> bool:
        """See the base class: it asks whether ground is lost, and nothing else."""
        return False

    def steps(
        self, unit: Unit, limits: Limits, rng: np.random.Generator
    ) -> Generator[Sequence[State], Sequence[Value], None]:
        """See the base class."""
        found: list[State] = []
        weights = np.zeros(len(unit.moves))
        for _ in range(self.tries if len(unit.moves) else 0):
            state = everywhere(unit, rng)
            (value,) = yield [state]
            if value.lost:
                state = yield from _shrunk(state, rng)
                found.append(state)
                # The fewer words suffice, the more each of them matters.
                weights += np.isin(unit.words, unit.words[list(state)]) / len(state)
        order = np.argsort(-weights, kind="stable")
        yield [(move,) for move in order.tolist()]
        if limits.edits > 1 and found:
            for _ in range(0, self.draws, _ROUND):
                yield [_redrawn(unit, found[rng.integers(len(found))], limits.edits, rng) for _ in range(_ROUND)]


def everywhere(unit: Unit, rng: np.random.Generator) -> State:
    """Draw a state with an edit in each word, as far as they can be joined.

    Args:
        unit: The record.
        rng: Random numbers.

    Returns:
        The state.
    """
    return _drawn_in(unit, np.unique(unit.words), rng)


def _drawn_in(unit: Unit, words: NDArray[np.intp], rng: np.random.Generator) -> State:
    """Draw a state with an edit in each of some words, as far as they can be joined."""
    state: State = ()
    for word in words.tolist():
        moves = unit.joinable(state)
        moves = moves[unit.words[moves] == word]
        if len(moves):
            state = joined(state, int(rng.choice(moves)))
    return state


def _redrawn(unit: Unit, state: State, edits: int, rng: np.random.Generator) -> State:
    """Draw a state of so many edits in words of another."""
    words = np.unique(unit.words[list(state)])
    return _drawn_in(unit, rng.permutation(words)[:edits], rng)


def _shrunk(state: State, rng: np.random.Generator) -> _Shrinking:
    """Take back what is not needed: with any of the edits that are left taken back, the answer is right."""
    for move in rng.permutation(state).tolist():
        if len(state) == 1:
            break
        fewer = tuple(other for other in state if other != move)
        (value,) = yield [fewer]
        if value.lost:
            state = fewer
    return state
