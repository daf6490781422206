"""One record that is searched."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.datasets.dataset import DataSet
from charrobust.search.states import State, Value, joined
from charrobust.tasks.examples import Example
from charrobust.tasks.metrics import Array
from charrobust.tasks.moves import Moves
from charrobust.tasks.records import Batch, Place

FirstOrder = Callable[[Example, Sequence[Example]], Array | None]


class Unit:
    """A record, with the moves that may be made in it.

    Attributes:
        owner: Its batch, and its place in the batch.
        numbers: The numbers of its examples in the data set.
        examples: Those, clean.
        clean: What the system makes of them; set before it is searched.
        right: Which of them it has right; None where right and wrong do not apply.
        first_order: Makes first-order estimates for forms of an example, as ``System.first_order``; None where the
            system does not, or where nobody reads them.
        passes: Queries that were spent on first-order estimates.
    """

    def __init__(self, data: DataSet, numbers: Sequence[int], make_moves: Callable[[Batch], Moves]) -> None:
        """Take a record.

        Args:
            data: The data set.
            numbers: The numbers of the examples that come from it, in order.
            make_moves: Makes the moves of a record.
        """
        self.owner = data.owners[numbers[0]]
        self.numbers = tuple(numbers)
        self.examples = tuple(data.examples[number] for number in numbers)
        self.clean = Value(0.0, 0.0)
        self.right: NDArray[np.bool_] | None = None
        self.first_order: FirstOrder | None = None
        self.passes = 0
        self._task = data.task
        self._batch = data.record_of(numbers[0])
        self._make_moves = make_moves

    @cached_property
    def moves(self) -> Moves:
        """The moves; made on first use."""
        return self._make_moves(self._batch)

    @cached_property
    def words(self) -> NDArray[np.intp]:
        """The number of each move's word, counted from 0 over all words that have moves."""
        return np.unique(self.moves.word, return_inverse=True)[1]

    @cached_property
    def places(self) -> NDArray[np.intp]:
        """The number of each move's place, counted from 0 over all places."""
        return np.unique(self.moves.place, return_inverse=True)[1]

    @property
    def singles(self) -> list[State]:
        """The states of one edit."""
        return [(move,) for move in range(len(self.moves))]

    @cached_property
    def pairs(self) -> int:
        """The number of states of two edits."""
        joinable = sum(int(self.moves.may_join(state).sum()) for state in self.singles)
        return joinable // 2

    @property
    def place(self) -> Place:
        """Where it stands, for messages."""
        return self._batch.places[0]

    @property
    def is_right(self) -> bool:
        """Whether there is anything to lose."""
        return self.right is None or bool(self.right.any())

    def joinable(self, state: State) -> NDArray[np.intp]:
        """Return the moves that can be joined to a state."""
        return np.flatnonzero(self.moves.may_join(state))

    def with_one_more(self, state: State) -> list[State]:
        """Return the states that have one edit more than a state."""
        return [joined(state, move) for move in self.joinable(state).tolist()]

    def examples_of(self, states: Sequence[State]) -> list[tuple[Example, ...]]:
        """Return the examples of the record in each of some states."""
        changed = self._examples(self.moves.perturb(states).records)
        count = len(changed) // len(states)
        # The examples of one state follow those of the one before.
        starts = range(0, len(changed), count)
        return [tuple(map(changed[start : start + count].__getitem__, self._kept)) for start in starts]

    def estimates(self, states: Sequence[State]) -> Array:
        """Return first-order estimates of how much each state lowers the margin, more being worse for the system.

        It costs a query: the system reads the clean record once, forwards and backwards.

        Args:
            states: The states.

        Returns:
            An estimate each, shape (states,).

        Raises:
            ValueError: There are none.
        """
        if self.first_order is None:
            raise ValueError("there are no first-order estimates; a search that reads them says so: reads_gradient")
        self.passes += 1
        forms = self.examples_of(states)
        total = np.zeros(len(states))
        for place, example in enumerate(self.examples):
            estimates = self.first_order(example, [form[place] for form in forms])
            total += 0.0 if estimates is None else estimates
        return total

    @cached_property
    def key(self) -> str:
        """A digest of what a search depends on beside the system and the attack: what is read, and what is right."""
        read: list[Any] = []
        for example in self.examples:
            corpus = example.corpus and example.corpus.digest
            read.append([example.texts, example.target, example.spans, corpus])
        column = self._task.language_column
        language = None if column is None else self._batch.records[0].get(column)
        return hashlib.sha256(json.dumps([read, language], default=str).encode()).hexdigest()

    @cached_property
    def _kept(self) -> list[int]:
        """Which of the examples that the task reads of the record are in the data set; some may lack a target."""
        found: list[int] = []
        for place, example in enumerate(self._examples(self._batch.records)):
            if len(found) < len(self.examples) and example == self.examples[len(found)]:
                found.append(place)
        return found

    def _examples(self, records: list[Any]) -> list[Example]:
        count = len(records)
        # All of them are this record, with its number, after which it is named where it has no id.
        numbers = list(self._batch.row_numbers) * count
        return list(self._task.examples(Batch(self._batch.first, records, list(self._batch.places) * count, numbers)))


def units_of(data: DataSet, make_moves: Callable[[Batch], Moves]) -> list[Unit]:
    """Return the records that have examples, in order.

    Args:
        data: The data set.
        make_moves: Makes the moves of a record.

    Returns:
        A unit each.
    """
    numbers: dict[tuple[int, int], list[int]] = {}
    for number, owner in enumerate(data.owners):
        numbers.setdefault(owner, []).append(number)
    return [Unit(data, of_record, make_moves) for of_record in numbers.values()]
