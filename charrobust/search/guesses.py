"""Guesses of what edits do, from those that were asked and, where there are, first-order estimates.

Each word has a Gaussian process of its own: edits of one word do alike, the more so the nearer they are, at one place
or by one operator; what is learnt of a word says nothing of others. So a guess costs a little arithmetic on the edits
of one word, however long the text is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charrobust.tasks.metrics import Array

# Shares of the variance of an edit's effect that it has in common with the other edits of its word, of those near it,
# at its place, and by its operator. They were chosen on sentences of SST-2, on which others did hardly better or worse.
_OF_WORD, _NEARBY, _OF_PLACE, _OF_OPERATOR = 0.2, 0.35, 0.35, 0.1
_NEAR = 1.5  # letters at which two edits are near each other
_NOISE = 0.05  # variance that an edit shares with none
_UNSEEN = (
    0.5  # harm that is expected of an edit of which nothing is known, beyond its estimate, in units of the harm seen
)
_BOLD = 2.0  # standard deviations of harm that an edit is given credit for
Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class _Word:
    """The moves of one word.

    Attributes:
        kinds: Their kinds, of all those of the text.
        moves: Their numbers, shape (moves,).
        kind: The kind of each, counted from the first of the word, same shape.
        covariance: How the effects of kinds go together, given what was seen, shape (kinds, kinds).
    """

    kinds: slice
    moves: Index
    kind: Index
    covariance: Array


class Guesses:
    """What is guessed of moves: how much harm each does, and how sure that is.

    Harm has no unit: what is learnt is put in proportion to what was seen of it. Moves of one kind, which are those of
    a word by one operator at one place, go together with others alike: most of what is learnt is kept by kind, of
    which a word has a tenth as many.
    """

    def __init__(self, words: Index, places: Index, operators: Index, estimates: Array | None) -> None:
        """Begin without any knowledge but the estimates.

        Args:
            words: The word of each move, shape (moves,).
            places: Its place, in the order of places in the text, same shape.
            operators: Its operator, same shape.
            estimates: First-order estimates of its harm, in any unit, same shape; None where there are none.
        """
        self._estimates = np.zeros(len(words)) if estimates is None else estimates
        first, self._kind = _kinds(words, places, operators)
        # What was seen, carried to each kind; what is left there of what is expected unseen; and how unsure that is.
        self._harm, self._unseen, self._variances = np.zeros(len(first)), np.ones(len(first)), np.ones(len(first))
        # What is left of the estimate of each move.
        self._unexplained = self._estimates.copy()
        self._asked: list[int] = []
        self._seen: list[float] = []
        # Places are counted through the operators, letter by letter.
        letters = places[first] / max(1, len(np.unique(operators)))
        self._word = words
        self._words = []
        for word in range(words.max(initial=-1) + 1):
            # Kinds are numbered word by word.
            begin, behind = np.searchsorted(words[first], [word, word + 1])
            of_word = first[begin:behind]
            covariance = _covariance(letters[begin:behind], places[of_word], operators[of_word])
            moves = np.flatnonzero(words == word)
            self._words.append(_Word(slice(begin, behind), moves, self._kind[moves] - begin, covariance))

    def best(self, count: int) -> list[int]:
        """Return the moves that are most promising, of those that were not learnt of yet.

        Args:
            count: How many.

        Returns:
            Their numbers, the most promising first.
        """
        slope, scale = self._fit()
        # The estimates, in proportion to what was seen of the harm; corrected in each word by what was seen there.
        mean = self._harm[self._kind] + slope * self._unexplained + (_UNSEEN * scale * self._unseen)[self._kind]
        promise = mean + (_BOLD * scale * np.sqrt(np.clip(self._variances, 0, None)))[self._kind]
        promise[self._asked] = -np.inf
        order = np.argsort(-promise, kind="stable")[:count]
        return [move for move in order.tolist() if promise[move] > -np.inf]

    def learn(self, move: int, harm: float) -> None:
        """Learn how much harm a move does.

        Args:
            move: The move.
            harm: What it takes off the margin.
        """
        self._asked.append(move)
        self._seen.append(harm)
        word, seen = self._words[self._word[move]], self._kind[move]
        kinds, covariance = word.kinds, word.covariance
        row = covariance[seen - kinds.start].copy()
        # The posterior of a Gaussian process after one more observation; it is linear in what is observed.
        gain = row / (row[seen - kinds.start] + _NOISE)
        self._harm[kinds] += gain * (harm - self._harm[seen])
        self._unexplained[word.moves] -= gain[word.kind] * self._unexplained[move]
        self._unseen[kinds] -= gain * self._unseen[seen]
        covariance -= np.outer(gain, row)
        self._variances[kinds] = covariance.diagonal()

    def _fit(self) -> tuple[float, float]:
        """Return what the estimates are to be multiplied by, and how far the harm then is from them."""
        if not self._asked:
            return 1.0, 0.0
        seen, estimated = np.array(self._seen), self._estimates[self._asked]
        square = float(estimated @ estimated)
        slope = 0.0 if square == 0 else max(0.0, float(estimated @ seen) / square)
        return slope, float(np.sqrt(np.mean((seen - slope * estimated) ** 2)))


def _kinds(words: Index, places: Index, operators: Index) -> tuple[Index, Index]:
    """Return the first move of each kind, word by word, and the kind of each move."""
    by_place = words * (places.max(initial=0) + 1) + places
    _, first, kind = np.unique(
        by_place * (operators.max(initial=0) + 1) + operators, return_index=True, return_inverse=True
    )
    return first, kind


def _covariance(letters: Array, places: Index, operators: Index) -> Array:
    """Return how the effects of the kinds of one word go together, before any is known, shape (kinds, kinds)."""
    distance = np.abs(letters[:, None] - letters)
    shared: Array = (
        _OF_WORD
        + _NEARBY * np.exp(-distance / _NEAR)
        + _OF_PLACE * (places[:, None] == places)
        + _OF_OPERATOR * (operators[:, None] == operators)
    )
    return shared
