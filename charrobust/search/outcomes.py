"""What searches found."""

from __future__ import annotations

from dataclasses import dataclass, field

from charrobust.search.states import State
from charrobust.tasks.records import Batch, FieldLog


@dataclass(frozen=True)
class Outcome:
    """What a search found in one record.

    Attributes:
        examples: The numbers of its examples in the data set.
        right_before: Whether there was anything to lose: the system has an example right, or right and wrong do not
            apply. Records without are not searched.
        clean: The sum of the scores of its examples, clean.
        found: The same in the worst state that was found.
        success: Whether ground is lost in it: an example that was right is wrong, or, where right and wrong do not
            apply, the score is lower.
        queries: Distinct texts that the system was asked about, and first-order estimates; the clean form not counted.
        queries_at_success: How many of these up to the first state that lost ground; None where none did.
        edits_at_success: The fewest edits of a state that lost ground; None where none did.
        candidates: Single edits that the recipe allows.
        distinct: Readings of the system among the texts asked: texts that it reads alike have one.
        state: The numbers of the moves that were found; none where nothing lowers score or margin.
        certified: Number of edits for which it is proved that no ground can be lost: all states of at most so many
            edits were asked. 0 where nothing is proved.
        seconds: Time, its share of what was asked together with others.
    """

    examples: tuple[int, ...]
    right_before: bool
    clean: float
    found: float
    success: bool = False
    queries: int = 0
    queries_at_success: int | None = None
    edits_at_success: int | None = None
    candidates: int = 0
    distinct: int = 0
    state: State = ()
    certified: int = 0
    seconds: float = field(default=0.0, compare=False)

    @property
    def edits(self) -> int:
        """Number of edits of the worst state."""
        return len(self.state)

    @property
    def is_complete(self) -> bool:
        """Whether it is proved that no single edit loses ground: all were asked, and none does."""
        return self.certified >= 1


@dataclass(frozen=True, eq=False)
class Found:
    """A data set with each record in the worst state that was found.

    Attributes:
        search: Name of the search.
        edits: Edits of a record at most.
        budget: Queries of a record at most; None for as many as the search wanted.
        batches: The records, those that were not searched or in which nothing was found among them.
        logs: The edits, field by field, in the order of the data.
        outcomes: What was found in each record that has examples, in order.
    """

    search: str
    edits: int
    budget: int | None
    batches: tuple[Batch, ...]
    logs: tuple[FieldLog, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def searched(self) -> tuple[Outcome, ...]:
        """What was found in the records that were searched."""
        return tuple(outcome for outcome in self.outcomes if outcome.right_before)
