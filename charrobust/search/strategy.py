"""What a search is: which states it wants to know the value of, and in which order."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from charrobust.search.states import Limits, State, Value

if TYPE_CHECKING:
    import numpy as np

    from charrobust.search.units import Unit


@dataclass(frozen=True)
class Search(ABC):
    """A search in one record.

    It only says what is to be asked. Who runs it (:mod:`charrobust.search.asking`) counts queries, keeps the worst
    state of all that were asked, and ends the search at the budget or, where it :attr:`stops`, at the first state that
    loses ground. A subclass is a frozen dataclass, whose fields are what can be chosen of it.

    Attributes:
        name: Its name, on the command line and in results.
        stops: Whether the first state that loses ground ends it.
        reads_gradient: Whether it reads first-order estimates (``System.first_order``) where a system has them.
        needs_gradient: Whether it cannot do without.
        proves: Whether it asks about every single edit, so that where it finds no harm there is none.
    """

    name: ClassVar[str]
    stops: ClassVar[bool] = True
    reads_gradient: ClassVar[bool] = False
    needs_gradient: ClassVar[bool] = False
    proves: ClassVar[bool] = False

    @abstractmethod
    def steps(
        self, unit: Unit, limits: Limits, rng: np.random.Generator
    ) -> Generator[Sequence[State], Sequence[Value], None]:
        """Search.

        Args:
            unit: The record.
            limits: What may be done.
            rng: Random numbers of this record, the same whatever else is searched.

        Yields:
            States, in the order in which they are asked and counted; their values come back, as many and in order.
        """

    def needs_scores(self, edits: int) -> bool:
        """Tell whether labels alone do not suffice, as it compares states that lose no ground by their margins."""
        return True

    def check(self, units: Sequence[Unit], limits: Limits) -> None:
        """Refuse what cannot be searched, before anything is asked; by default nothing is refused.

        Args:
            units: The records.
            limits: What may be done.
        """
        return
