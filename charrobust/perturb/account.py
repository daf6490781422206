"""The account of a batch: which operator every chosen word had, and which words stayed, and why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from charrobust.perturb.perturbed import Tally
from charrobust.perturb.words import Index, Mask

NO_OPERATOR = -1  # of a word that has had all its edits

Left = tuple[int, str, Index]
"""An operator, why it left words as they were, and their numbers."""


class Account:
    """What happened to the chosen words of a batch, until it is counted."""

    def __init__(self, chosen: int) -> None:
        """Begin with words of which nothing is known.

        Args:
            chosen: How many words were chosen.
        """
        self._counted: Mask = np.ones(chosen, bool)
        self._drawn: list[Index] = []
        self._left: list[Left] = []
        self._drawn_again: list[Left] = []

    def draw(self, operators: Index) -> None:
        """Note the operators of a round.

        Args:
            operators: The operator of each chosen word, or ``NO_OPERATOR``. Kept as it is: where words draw again, the
                array changes, and the account tells the operator that a word had at last.
        """
        self._drawn.append(operators)

    def leave(self, operator: int, reason: str, words: Index) -> None:
        """Note words that an operator left as they were."""
        self._left.append((operator, reason, words))

    @property
    def entries(self) -> int:
        """How often words were noted to have been left: a place to go back to, see :meth:`draw_again`."""
        return len(self._left)

    def draw_again(self, entries: int) -> Index:
        """Note that words which were left draw another operator.

        Args:
            entries: What ``entries`` was before the words were left.

        Returns:
            These words, ascending.
        """
        again, self._left = self._left[entries:], self._left[:entries]
        self._drawn_again += again
        return np.sort(np.concatenate([words for _, _, words in again] or [np.zeros(0, np.int64)]))

    def keep(self, kept: Mask) -> None:
        """Count some of the chosen words alone.

        Args:
            kept: Which, shape (chosen,).
        """
        self._counted = kept

    def count(self, operators: Sequence[str], tally: Tally) -> None:
        """Add what happened to a tally.

        Args:
            operators: The labels of the operators.
            tally: The tally.
        """
        for drawn in self._drawn:
            counts = np.bincount(drawn[self._counted & (drawn != NO_OPERATOR)], minlength=len(operators))
            for label, count in zip(operators, counts.tolist(), strict=True):
                tally.drawn[label] += count
        for entries, counter in ((self._left, tally.left), (self._drawn_again, tally.drawn_again)):
            for operator, reason, words in entries:
                count = int(np.count_nonzero(self._counted[words]))
                if count:
                    counter[operators[operator], reason] += count
