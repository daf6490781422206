"""The course of a search in one record: what is wanted next, what is known, what was worst, what it cost."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from charrobust.search.outcomes import Outcome
from charrobust.search.states import Limits, State, Value
from charrobust.search.strategy import Search
from charrobust.search.units import Unit
from charrobust.tasks.examples import Example

Key = bytes


@dataclass(frozen=True, eq=False)
class Form:
    """A record in a state.

    Attributes:
        state: The state.
        examples: The examples of the record.
        key: A digest of what they hold: what is asked once is known.
    """

    state: State
    examples: tuple[Example, ...]
    key: Key


class Course:
    """A search in a record, from its first query to its last.

    Attributes:
        unit: The record.
        is_done: Whether it has ended.
        seconds: Time spent on it, its share of what was asked together.
    """

    def __init__(self, unit: Unit, search: Search, limits: Limits, seed: int) -> None:
        """Begin.

        Args:
            unit: The record.
            search: The search.
            limits: What it may do.
            seed: Seed; each record has random numbers of its own, whatever else is searched.
        """
        self.unit, self.is_done, self.seconds = unit, False, 0.0
        self._limits = limits
        self._stops = search.stops and unit.right is not None
        self._best: tuple[State, Value] = ((), unit.clean)
        self._known: dict[Key, tuple[Hashable, Value]] = {}
        self._readings: dict[Hashable, Value] = {}
        self._asked: Counter[int] = Counter()  # distinct states, by their number of edits
        self._lost_at: int | None = None
        self._lost_by: int | None = None
        self._states: set[State] = set()
        self._wanted: Sequence[State] = ()
        self._values: list[Value] = []
        self._steps = search.steps(unit, limits, np.random.default_rng([seed, int(unit.key[:16], 16)]))
        self._advance(start=True)

    @property
    def queries(self) -> int:
        """Queries so far: distinct texts, and first-order estimates."""
        return len(self._known) + self.unit.passes

    @property
    def pending(self) -> int:
        """States that are wanted now and not answered yet."""
        return len(self._wanted) - len(self._values)

    def next_forms(self, most: int) -> list[Form]:
        """Return what is to be asked next, in order.

        Args:
            most: No more than so many.

        Returns:
            The record in each of the next states.
        """
        first = len(self._values)
        states = self._wanted[first : first + most]
        if not states:
            return []
        return [Form(*pair, _key_of(pair[1])) for pair in zip(states, self.unit.examples_of(states), strict=True)]

    def unknown(self, forms: Sequence[Form]) -> list[Form]:
        """Return those of some forms that have to be asked: new texts, each once, within the budget."""
        new: dict[Key, Form] = {}
        for form in forms:
            if form.key not in self._known:
                new.setdefault(form.key, form)
        found = list(new.values())
        return found if self._limits.budget is None else found[: max(0, self._limits.budget - self.queries)]

    def known_reading(self, reading: Hashable) -> Value | None:
        """Return the value of what the system reads, if it was asked of this record before."""
        return self._readings.get(reading)

    def receive(self, forms: Sequence[Form], said: dict[Key, tuple[Hashable, Value]]) -> None:
        """Take values.

        Args:
            forms: As :meth:`next_forms` returned them.
            said: By the keys of those that were unknown what the system reads, and the value.
        """
        for form in forms:
            if form.key not in self._known:
                if form.key not in said:
                    # Not asked: the budget is spent.
                    self._end()
                    return
                reading, value = said[form.key]
                self._known[form.key] = said[form.key]
                self._readings[reading] = value
            value = self._known[form.key][1]
            self._note(form.state, value)
            if self.is_done:
                return
            self._values.append(value)
        if len(self._values) == len(self._wanted):
            self._advance()

    def _note(self, state: State, value: Value) -> None:
        """Keep what a state tells."""
        if state not in self._states:
            self._states.add(state)
            self._asked[len(state)] += 1
        # A search may ask about more edits than are allowed, to learn from them; such a state is no result.
        if len(state) > self._limits.edits:
            return
        if value.lost:
            self._lost_at = self.queries if self._lost_at is None else self._lost_at
            self._lost_by = len(state) if self._lost_by is None else min(self._lost_by, len(state))
        if _is_worse(value, self._best[1]):
            self._best = (state, value)
        if value.lost and self._stops:
            self._end()

    def _advance(self, *, start: bool = False) -> None:
        """Have the search say what it wants next."""
        values = self._values
        self._wanted, self._values = (), []
        try:
            # It may want nothing for once, as where no move can be joined to a state.
            while not self._wanted:
                self._wanted = next(self._steps) if start else self._steps.send(values)
                start, values = False, []
        except StopIteration:
            self._end()

    def _end(self) -> None:
        self._steps.close()
        self.is_done = True

    def outcome(self) -> Outcome:
        """Return what was found."""
        state, value = self._best
        return Outcome(
            examples=self.unit.numbers,
            right_before=self.unit.is_right,
            clean=self.unit.clean.score,
            found=value.score,
            success=value.lost,
            queries=self.queries,
            queries_at_success=self._lost_at,
            edits_at_success=self._lost_by,
            candidates=len(self.unit.moves),
            distinct=len({reading for reading, _ in self._known.values()}),
            state=state,
            certified=0 if value.lost else self._exhausted(),
            seconds=self.seconds,
        )

    def _exhausted(self) -> int:
        """Return the number of edits up to which all states were asked."""
        edits = 0
        while edits < self._limits.edits and self._asked[edits + 1] == self._count(edits + 1):
            edits += 1
        return edits

    def _count(self, edits: int) -> int:
        """Return the number of states of one edit, or of two where these are all; nothing is known of more."""
        moves = self.unit.moves
        if edits == 1:
            return len(moves)
        if not moves.lists_all_pairs:
            return -1
        # To count pairs is to look at each move: only where they were asked, or where there can be none, as all moves
        # are of one word.
        is_asked = self._asked[2] > 0 or len(np.unique(moves.word)) < 2
        return self.unit.pairs if edits == 2 and is_asked else -1


def _is_worse(value: Value, best: Value) -> bool:
    """Tell whether a value is worse for the system; of two that lose ground or two that do not the lower one is."""
    return (not value.lost, *value.worth) < (not best.lost, *best.worth)


def _key_of(examples: tuple[Example, ...]) -> Key:
    texts = json.dumps([example.texts for example in examples])
    return hashlib.blake2b(texts.encode(), digest_size=16).digest()
