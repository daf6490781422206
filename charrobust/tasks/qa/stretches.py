"""Stretches of a context as answers, with their scores: the likeliest ones, and how far the right ones lead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charrobust.tasks.qa.metrics import exact_matches
from charrobust.tasks.windows.windower import Window

Scores = NDArray[np.float32]

_LIKELY = 20  # stretches of a window that are looked at: behind so many, right or wrong ones are far from winning


def score_table(begins: Scores, ends: Scores, most: int) -> Scores:
    """Return the scores of all stretches of no more than some tokens.

    Args:
        begins: Scores of tokens as starts, shape (tokens,), at least one.
        ends: Scores as ends, same shape.
        most: Tokens of a stretch at most.

    Returns:
        Row i holds the stretches from token i to i, i + 1, ...; minus infinity behind the last token.
    """
    reach = min(most, len(begins))
    following = np.concatenate([ends, np.full(reach - 1, -np.inf, ends.dtype)])
    scores: Scores = begins[:, None] + np.lib.stride_tricks.sliding_window_view(following, reach)
    return scores


@dataclass(frozen=True, eq=False)
class Stretches:
    """What a model says of the stretches of a window.

    Attributes:
        window: The window.
        begins: Scores of the tokens of the context as starts, shape (tokens,).
        ends: Scores as ends, same shape.
        likely: (first token, last token) of the likeliest stretches.
        null: Score of the answer "none".
    """

    window: Window
    begins: Scores
    ends: Scores
    likely: Sequence[tuple[int, int]]
    null: float

    @classmethod
    def of(cls, start: Scores, end: Scores, window: Window, *, most: int) -> Stretches:
        """Find the likeliest stretches of a window.

        Args:
            start: Scores of the window's tokens as starts, shape (length,).
            end: Scores as ends, same shape.
            window: The window.
            most: Tokens of an answer at most.

        Returns:
            The stretches.
        """
        null = float(start[window.null] + end[window.null])
        begins, ends = start[window.places], end[window.places]
        if not len(begins):
            return cls(window, begins, ends, (), null)
        table = score_table(begins, ends, most)
        flat = table.ravel()
        best = np.argpartition(-flat, min(_LIKELY, len(flat)) - 1)[:_LIKELY]
        firsts, more = np.divmod(best[np.isfinite(flat[best])], table.shape[1])
        return cls(window, begins, ends, list(zip(firsts.tolist(), (firsts + more).tolist(), strict=True)), null)

    def answers(self) -> Iterator[tuple[int, int, float]]:
        """Yield where each of the likeliest stretches begins and ends in the context, and its score."""
        for first, last in self.likely:
            score = float(self.begins[first] + self.ends[last])
            yield int(self.window.keys[first]), int(self.window.ends[last]), score

    def score_at(self, first: int, last: int) -> float:
        """Return the score of the stretch between two tokens of the window; minus infinity outside of the context."""
        tokens = np.searchsorted(self.window.places, [first, last])
        if first not in self.window.places or last not in self.window.places:
            return -np.inf
        return float(self.begins[tokens[0]] + self.ends[tokens[1]])


class Rivals:
    """The best right and the best wrong answer to a question, as far as answers have come."""

    def __init__(self, target: Sequence[str]) -> None:
        """Begin without an answer.

        Args:
            target: The right answers.
        """
        self._target = target
        self._right = self._wrong = -np.inf

    @property
    def are_none(self) -> bool:
        """Whether no answer has come yet."""
        return self._right == self._wrong == -np.inf

    def add(self, answer: str, score: float) -> None:
        """Take an answer with its score."""
        if score <= min(self._right, self._wrong):
            return  # neither can change
        if exact_matches([self._target], [answer])[0]:
            self._right = max(self._right, score)
        else:
            self._wrong = max(self._wrong, score)

    def margin(self, marked: float) -> float:
        """Return how far right answers lead.

        Args:
            marked: Score of the stretch that the data mark; it may hold more than the answer, where tokens do.

        Returns:
            The difference of scores, positive where a right answer is best.
        """
        if self._right > self._wrong:
            return self._right - self._wrong
        # The right answer may not be among the likely ones.
        return min(max(self._right, marked) - self._wrong, 0.0)
