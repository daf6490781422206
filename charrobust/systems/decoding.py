"""What a model says of windows, put together to predictions for examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from charrobust.systems.batching import Padding
from charrobust.systems.encoding import Window
from charrobust.tasks.examples import Example, Prediction

Numbers = NDArray[np.float32]
Choices = NDArray[np.int64]


@dataclass(frozen=True)
class Answer:
    """The best answer of a window.

    Attributes:
        score: Score of its start and end.
        start: Where it begins in the context.
        end: Where it ends.
        null: Score of the answer "none".
    """

    score: float
    start: int
    end: int
    null: float


@dataclass(frozen=True)
class Decoder:
    """Turns the scores of a model into predictions.

    Attributes:
        task: Name of the task.
        labels: Names of the classes or tags.
        max_answer: Tokens of an answer at most.
        no_answer: Whether a question may have no answer.
    """

    task: str
    labels: tuple[str, ...]
    max_answer: int
    no_answer: bool

    def read(self, out: Any, windows: Sequence[Window], padding: Padding) -> list[Any]:
        """Return what a model says of the windows of a batch.

        Args:
            out: What the model returned.
            windows: The windows.
            padding: How they were filled up.

        Returns:
            For each window the number of its class, its value, the numbers of its tags, or its best answer.
        """
        if self.task == "classification":
            return list(out.logits.argmax(-1).tolist())
        if self.task == "regression":
            return list(out.logits.float().flatten().tolist())
        if self.task == "tagging":
            chosen = out.logits.argmax(-1).cpu().numpy()
            shifts = [padding.shift(window, chosen.shape[1]) for window in windows]
            rows = zip(chosen, windows, shifts, strict=True)
            return [tags[window.places + shift] for tags, window, shift in rows]
        scores = torch.stack([out.start_logits, out.end_logits], 1).float().cpu().numpy()
        shifts = [padding.shift(window, scores.shape[2]) for window in windows]
        rows = zip(scores, windows, shifts, strict=True)
        return [_best(start[shift:], end[shift:], window, self.max_answer) for (start, end), window, shift in rows]

    def predictions(
        self, windows: Sequence[Window], said: Sequence[Any], examples: Sequence[Example]
    ) -> list[Prediction]:
        """Return the prediction for each example.

        Args:
            windows: The windows of all examples.
            said: What the model says of each.
            examples: The examples.
        """
        if self.task == "classification":
            return [self.labels[number] for number in said]
        if self.task == "regression":
            return list(said)
        if self.task == "tagging":
            return self._tags(windows, said, examples)
        answers: list[list[Answer]] = [[] for _ in examples]
        for window, answer in zip(windows, said, strict=True):
            answers[window.example].append(answer)
        return [self._answer(mine, example.texts[1]) for mine, example in zip(answers, examples, strict=True)]

    def _tags(
        self, windows: Sequence[Window], said: Sequence[Choices], examples: Sequence[Example]
    ) -> list[Prediction]:
        outside = "O" if "O" in self.labels else self.labels[0]  # words beyond what a model can read
        tags = [[outside] * len(example.texts) for example in examples]
        for window, chosen in zip(windows, said, strict=True):
            mine = tags[window.example]
            for word, number in zip(window.keys.tolist(), chosen.tolist(), strict=True):
                mine[word] = self.labels[number]
        return [tuple(mine) for mine in tags]

    def _answer(self, answers: Sequence[Answer], context: str) -> str:
        """Return the best answer over the windows of a question; the worst "none" speaks for all of them."""
        best = max(answers, key=lambda answer: answer.score)
        if self.no_answer and min(answer.null for answer in answers) > best.score:
            return ""
        return context[best.start : best.end]


def _best(start: Numbers, end: Numbers, window: Window, most: int) -> Answer:
    """Return the best stretch of the context of no more than some tokens."""
    null = float(start[window.null] + end[window.null])
    count = len(window.places)
    if not count:
        return Answer(-np.inf, 0, 0, null)
    begins, ends = start[window.places], end[window.places]
    reach = min(most, count)
    following = np.concatenate([ends, np.full(reach - 1, -np.inf, ends.dtype)])
    scores = begins[:, None] + np.lib.stride_tricks.sliding_window_view(following, reach)
    first, more = divmod(int(scores.argmax()), reach)
    return Answer(float(scores[first, more]), int(window.keys[first]), int(window.ends[first + more]), null)
