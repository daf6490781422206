"""What searches look at: states, which are sets of moves, and their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

State = tuple[int, ...]
"""Numbers of moves, ascending: edits of the clean record, at places that do not touch. The clean record is ``()``."""


class Value(NamedTuple):
    """What a system makes of a state: an attacker wants a low score, and of equal scores a low margin.

    Attributes:
        score: The sum of the scores of the record's examples, more being better for the system.
        margin: How surely the targets of its examples win, summed; 0 of systems without scores.
        lost: Whether ground is lost: an example that was right before is wrong, or, where right and wrong do not apply,
            the score is lower.
    """

    score: float
    margin: float
    lost: bool = False

    @property
    def worth(self) -> tuple[float, float]:
        """What is compared: the worth to the system."""
        return self.score, self.margin


@dataclass(frozen=True)
class Limits:
    """What a search may do.

    Attributes:
        edits: Edits of a record at most.
        budget: Distinct texts of a record that the system is asked about at most; None for as many as the search wants.
    """

    edits: int = 1
    budget: int | None = None

    def leave_estimates(self, queries: int) -> bool:
        """Tell whether there is room for first-order estimates, which are a query, and for a text to ask then.

        Args:
            queries: Queries so far.

        Returns:
            Whether there is.
        """
        return self.budget is None or queries + 2 <= self.budget


def joined(state: State, move: int) -> State:
    """Return a state with one move more."""
    return tuple(sorted((*state, move)))
