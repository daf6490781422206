"""Guesses of what edits do, from those that were asked and, where there are, first-order estimates.

Each word has a Gaussian process of its own: edits of one word do alike, the more so the nearer they are, at one place
or by one operator; what is learnt of a word says nothing of others. So a guess costs a little arithmetic on the edits
of one word, however long the text is.
"""

from __future__ import annotations

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


class Guesses:
    """What is guessed of moves: how much harm each does, and how sure that is.

    Harm has no unit: what is learnt is put in proportion to what was seen of it.
    """

    def __init__(self, words: Index, places: Index, operators: Index, estimates: Array | None) -> None:
        """Begin without any knowledge but the estimates.

        Args:
            words: The word of each move, shape (moves,).
            places: Its place, in the order of places in the text, same shape.
            operators: Its operator, same shape.
            estimates: First-order estimates of its harm, in any unit, same shape; None where there are none.
        """
        count = len(words)
        self._words = words
        self._estimates = np.zeros(count) if estimates is None else estimates
        # What was seen, carried to each move; and what is left there of its estimate and of what is expected unseen.
        self._harm, self._unexplained, self._unseen = np.zeros(count), self._estimates.copy(), np.ones(count)
        self._variances = np.ones(count)
        self._asked: list[int] = []
        self._seen: list[float] = []
        self._members = [np.flatnonzero(words == word) for word in range(words.max(initial=-1) + 1)]
        self._slots = np.zeros(count, np.intp)  # the number of each move in its word
        # Places are counted through the operators, letter by letter.
        letters = places / max(1, len(np.unique(operators)))
        self._covariances = []
        for members in self._members:
            self._slots[members] = np.arange(len(members))
            self._covariances.append(_covariance(letters[members], places[members], operators[members]))

    def best(self, count: int) -> list[int]:
        """Return the moves that are most promising, of those that were not learnt of yet.

        Args:
            count: How many.

        Returns:
            Their numbers, the most promising first.
        """
        slope, scale = self._fit()
        # The estimates, in proportion to what was seen of the harm; corrected in each word by what was seen there.
        mean = self._harm + slope * self._unexplained + _UNSEEN * scale * self._unseen
        promise = mean + _BOLD * scale * np.sqrt(np.clip(self._variances, 0, None))
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
        word = self._words[move]
        members, covariance, slot = self._members[word], self._covariances[word], self._slots[move]
        # The posterior of a Gaussian process after one more observation; it is linear in what is observed.
        gain = covariance[slot] / (covariance[slot, slot] + _NOISE)
        self._harm[members] += gain * (harm - self._harm[move])
        self._unexplained[members] -= gain * self._unexplained[move]
        self._unseen[members] -= gain * self._unseen[move]
        covariance -= np.outer(gain, covariance[slot].copy())
        self._variances[members] = covariance.diagonal()

    def _fit(self) -> tuple[float, float]:
        """Return what the estimates are to be multiplied by, and how far the harm then is from them."""
        if not self._asked:
            return 1.0, 0.0
        seen, estimated = np.array(self._seen), self._estimates[self._asked]
        square = float(estimated @ estimated)
        slope = 0.0 if square == 0 else max(0.0, float(estimated @ seen) / square)
        return slope, float(np.sqrt(np.mean((seen - slope * estimated) ** 2)))


def _covariance(letters: Array, places: Index, operators: Index) -> Array:
    """Return how the effects of the edits of one word go together, before any is known, shape (edits, edits)."""
    distance = np.abs(letters[:, None] - letters)
    shared: Array = (
        _OF_WORD
        + _NEARBY * np.exp(-distance / _NEAR)
        + _OF_PLACE * (places[:, None] == places)
        + _OF_OPERATOR * (operators[:, None] == operators)
    )
    return shared
