"""Greedy search: edit by edit, those first of which most harm is to be expected."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from charrobust.search.guesses import Guesses
from charrobust.search.states import Limits, State, Value, joined
from charrobust.search.strategy import Search

if TYPE_CHECKING:
    from charrobust.search.units import Unit


# Moves that are considered for each query of a budget: an estimate is cheaper than a query, and not for nothing.
_CONSIDERED = 16


@dataclass(frozen=True)
class Greedy(Search):
    """Asks about a share of the edits, a few at a time, each time those that look worst by what was learnt so far.

    Edits of one word do alike, above all those of one place or near each other (:class:`.Guesses`). It begins with the
    worst of first-order estimates, of a system that gives such, or with one edit of each word. The next edit is added
    to the worst state. Within a budget that is small against the number of edits, those it chooses from are drawn.

    Attributes:
        share: Share of the edits that are asked, for each edit that is added.
        batch: Edits that are asked at a time.
    """

    name: ClassVar[str] = "greedy"
    reads_gradient: ClassVar[bool] = True

    share: float = 0.2
    batch: int = 4

    def at_once(self, asked: int) -> int:
        """Return how many edits are asked together.

        Args:
            asked: How many were asked so far.

        Returns:
            Their number.
        """
        return self.batch

    def steps(
        self, unit: Unit, limits: Limits, rng: np.random.Generator
    ) -> Generator[Sequence[State], Sequence[Value], None]:
        """See the base class."""
        state: State = ()
        value = unit.clean
        texts = 0  # asked at most: some may have been known
        for _ in range(limits.edits):
            moves = _considered(unit.joinable(state), limits.budget, rng)
            if not len(moves):
                return
            estimates = None
            if unit.first_order is not None and limits.leave_estimates(texts + unit.passes):
                estimates = unit.estimates([joined(state, move) for move in moves.tolist()])
            words = np.unique(unit.words[moves], return_inverse=True)[1]
            guesses = Guesses(words, unit.places[moves], unit.moves.operator[moves], estimates)
            chosen = _one_of_each(words, rng) if estimates is None else guesses.best(self.batch)
            asked: dict[State, Value] = {}
            # Even where they are more than the share, all words are tried once.
            most = int(np.ceil(self.share * len(moves)))
            while chosen:
                longer = [joined(state, move) for move in moves[chosen].tolist()]
                values = yield longer
                asked |= zip(longer, values, strict=True)
                for move, changed in zip(chosen, values, strict=True):
                    guesses.learn(move, value.margin - changed.margin)
                left = most - len(asked)
                chosen = guesses.best(min(self.at_once(len(asked)), left)) if left > 0 else []
            texts += len(asked)
            state = min(asked, key=lambda longer: asked[longer].worth)
            value = asked[state]


def _considered(moves: NDArray[np.intp], budget: int | None, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the moves that a budget leaves room to consider, in their order."""
    if budget is None or len(moves) <= _CONSIDERED * budget:
        return moves
    drawn = rng.choice(len(moves), _CONSIDERED * budget, replace=False)
    considered: NDArray[np.intp] = moves[np.sort(drawn)]
    return considered


def _one_of_each(words: NDArray[np.intp], rng: np.random.Generator) -> list[int]:
    """Draw a move of each word; words in random order."""
    order = rng.permutation(len(words))
    first = np.sort(np.unique(words[order], return_index=True)[1])
    drawn: list[int] = order[first].tolist()
    return drawn
