"""Moves: the single edits that a recipe allows in one record of any task, which a search puts together.

A move is a number; a state is a tuple of moves, ascending, all of them edits of the original record at places that do
not touch. A state is made as by any attack, with ``Task.attack_records``: so labels, tags, spans and answers follow,
and its edits are logged and can be undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from charrobust.perturb import Attack
from charrobust.perturb.chosen import Chosen, Listing, Picked
from charrobust.perturb.limited_words import edited_word
from charrobust.perturb.operators import UnitOperator, WordOperator
from charrobust.perturb.word_limit import limit_of
from charrobust.tasks.base import Task
from charrobust.tasks.metrics import Mask
from charrobust.tasks.records import Batch, Perturbation

Index = NDArray[np.int64]
State = tuple[int, ...]


class Moves:
    """Every single edit of a record.

    Of edits that lead to the same text, as in a row of equal letters, one is a move. So a few pairs of edits that an
    attack may draw are no state: those of which one leads to the same text as an edit that touches the other. Where a
    recipe limits what a word may become, each move alone and each state keeps to that; several edits of a word that
    do so together, but not one of them alone, are no state, either.

    Attributes:
        word: The word of each move, numbered through all texts of the record, shape (moves,).
        place: Its place: moves of one place differ in what they write alone, shape (moves,).
        operator: Index into ``operators``, shape (moves,).
        new: What it writes.
        operators: Labels of the operators.
    """

    def __init__(self, task: Task, batch: Batch, attack: Attack) -> None:
        """List the moves.

        Args:
            task: The task.
            batch: One record.
            attack: The attack; its severity says how many edits a word may have, and its seed nothing.

        Raises:
            ValueError: There are more records, or none.
            UserError: The task cannot attack a record by itself.
            RecipeError: The recipe cannot be enumerated.
            DataError: The record is not what the task asks for.
        """
        if len(batch.records) != 1:
            raise ValueError(f"moves are those of one record, got {len(batch.records)}")
        task.check_one_record()
        self._task, self._batch, self._attack = task, batch, attack
        listing = Listing(attack.recipe, attack.seed, attack.protect_patterns)
        task.attack_records(batch, listing)
        self._calls = listing.calls
        self.operators = tuple(operator.label for operator in attack.recipe.operators)
        self.new = [new for call in self._calls for new in call.candidates.new]
        sizes = np.array([len(call.candidates) for call in self._calls], np.int64)
        self._call = np.repeat(np.arange(len(sizes)), sizes)
        # The number of each move among those of its call.
        self._number = np.arange(len(self.new)) - (np.cumsum(sizes) - sizes)[self._call]
        self.operator = self._column("operator")
        self._part, self._start, self._end = self._column("part"), self._column("start"), self._column("end")
        self._string = self._shifted("slot")
        self.word = _numbered(self._shifted("example"), self._column("word"))
        self.place = self._shifted("place")
        kinds = attack.recipe.operators
        self._is_across = self._made_by([isinstance(kind, UnitOperator) for kind in kinds])
        self._is_whole = self._made_by([isinstance(kind, UnitOperator | WordOperator) for kind in kinds])
        parts = [part.recipe for part in attack.recipe.parts]
        self._most = np.array([part.most_edits for part in parts])[self._part]
        self._limits = [limit_of(attack.recipe, part) for part in parts]

    def __len__(self) -> int:
        return len(self.new)

    @property
    def lists_all_pairs(self) -> bool:
        """Whether each pair of edits that may be drawn together is a state or leads to the text of one."""
        # Of edits that lead to one text all stand in one word, unless they go across words; and what stands in another
        # word touches none of them.
        return bool((self._most <= 1).all() and not self._is_across.any())

    def may_join(self, state: State) -> Mask:
        """Tell which moves can be added to a state, as the recipe could have drawn them with it.

        Their places touch none of its edits, their words have fewer edits than the recipe allows and may become what
        all of these make of them, and a word or text that falls to one part of a mixture is edited by that part alone.

        Args:
            state: The state.

        Returns:
            Shape (moves,).
        """
        may_join = np.ones(len(self), bool)
        for move in state:
            may_join &= ~self._meets(move)
            same_word = self.word == self.word[move]
            # A word is rewritten once, and as it was at first.
            if self._is_whole[move]:
                may_join &= ~(same_word & self._is_whole)
            may_join &= ~same_word | (np.count_nonzero(self.word[list(state)] == self.word[move]) < self._most)
            # What falls to a part of a mixture: the word, or the text.
            falls = same_word if self._attack.recipe.mix == "word" else self._string == self._string[move]
            may_join &= ~falls | (self._part == self._part[move])
        self._keep_to_limits(state, may_join)
        return may_join

    def perturb(self, states: Sequence[State]) -> Perturbation:
        """Make the edits of states.

        Args:
            states: The states.

        Returns:
            An attacked record for each state, in order, and the edits made to them. All are of the row of the record.

        Raises:
            ValueError: Moves of a state meet, or are not in order; or the task attacks copies of a record otherwise.
        """
        count = len(states)
        if not count:
            return Perturbation([])
        picks = iter(list(zip(self._calls, self._picked(states), strict=True)))
        attack = self._attack
        chosen = Chosen(attack.recipe, attack.seed, attack.protect_patterns, copies=count, picks=picks)
        batch = self._batch
        copies = Batch(
            batch.first,
            list(batch.records) * count,
            list(batch.places) * count,
            list(batch.row_numbers) * count,
        )
        made = self._task.attack_records(copies, chosen)
        if next(picks, None) is not None:
            raise ValueError("a task must attack copies of a record as the record itself, call by call")
        return made

    def _picked(self, states: Sequence[State]) -> list[Picked]:
        """Return the moves of states by the calls of the attack that make them."""
        copy = np.repeat(np.arange(len(states)), np.fromiter(map(len, states), np.int64, len(states)))
        move = np.fromiter(chain.from_iterable(states), np.int64, len(copy))
        picked = []
        for number in range(len(self._calls)):
            mine = self._call[move] == number
            picked.append(Picked(copy[mine], self._number[move[mine]]))
        return picked

    def _meets(self, move: int) -> Mask:
        """Tell which moves change, or touch, the place of another one."""
        start, end = self._start[move], self._end[move]
        meets = (self._start < end) & (self._end > start)
        # Edits of whole words may touch, as they do where neighbours are dropped; two insertions have no order.
        touches = (self._start <= end) & (self._end >= start)
        both_insert = (self._start == self._end) & (start == end)
        may_touch = (self._is_across | self._is_across[move]) & ~both_insert
        meets_it: Mask = (self._string == self._string[move]) & (meets | (touches & ~may_touch))
        return meets_it

    def _keep_to_limits(self, state: State, may_join: Mask) -> None:
        """Take out moves by which a word that a state has edited would become what it may not."""
        if not any(self._limits):
            return
        # What makes the only edit of its word is a move because it keeps to the limit.
        edited = self.word[list(state)]
        for move in np.flatnonzero(may_join & np.isin(self.word, edited)).tolist():
            of_word = [other for other in state if self.word[other] == self.word[move]]
            may_join[move] = self._is_allowed([*of_word, move])

    def _is_allowed(self, moves: Sequence[int]) -> bool:
        """Tell whether moves of one word make of it what it may become."""
        call = self._calls[self._call[moves[0]]]
        limit = self._limits[int(self._part[moves[0]])]
        if limit is None:
            return True
        found = call.candidates
        first = self._number[moves[0]]
        text = call.sources[found.slot[first]]
        start, end = int(found.word_start[first]), int(found.word_end[first])
        changes = [(int(self._start[move]), int(self._end[move]), self.new[move]) for move in moves]
        word = text[start:end]
        return limit.allows(word, edited_word(text, start, end, changes))

    def _column(self, name: str) -> Index:
        """Return a column of the candidates of all calls."""
        columns: list[Index] = [np.zeros(0, np.int64)]
        columns += [getattr(call.candidates, name) for call in self._calls]
        return np.concatenate(columns)

    def _shifted(self, name: str) -> Index:
        """Return a column of numbers, those of each call beyond those of the calls before."""
        values = self._column(name)
        largest = [getattr(call.candidates, name).max(initial=-1) for call in self._calls]
        sizes = np.array(largest, np.int64) + 1
        return values + (np.cumsum(sizes) - sizes)[self._call]

    def _made_by(self, kinds: Sequence[bool]) -> Mask:
        """Tell which moves are made by operators of a kind, given for each operator."""
        return np.array(kinds, bool)[self.operator]


def _numbered(example: Index, word: Index) -> Index:
    """Number words through all examples."""
    _, numbers = np.unique(example * (word.max(initial=0) + 1) + word, return_inverse=True)
    return np.asarray(numbers).reshape(-1)
