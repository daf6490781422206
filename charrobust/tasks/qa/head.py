"""The start and the end of an answer in a context, over windows of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from transformers import AutoModelForQuestionAnswering

from charrobust.models.probes import ProbeForQuestionAnswering
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.head import TaskHead, architecture, divergence, label_options
from charrobust.tasks.metrics import Array
from charrobust.tasks.qa.stretches import Rivals, Scores, Stretches, score_table
from charrobust.tasks.qa.windows import question_windows
from charrobust.tasks.windows.batching import Padding
from charrobust.tasks.windows.windower import Window, Windower

# Not minus infinity: the difference of two of these, which divergences take, would be NaN.
_NEVER = -1e4  # the score of what cannot be; its exponential is 0


@dataclass(frozen=True)
class WindowAnswer:
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
class AnswerHead(TaskHead):
    """Asks an extractive question answerer.

    Attributes:
        max_answer: Tokens of an answer at most.
        no_answer: Whether a question may have no answer (SQuAD 2.0).
    """

    max_answer: int = 30
    no_answer: bool = False

    auto_class: ClassVar[Any] = AutoModelForQuestionAnswering
    probe_class: ClassVar[Any] = ProbeForQuestionAnswering
    max_length: ClassVar[int] = 384
    stride: ClassVar[int] = 128
    needs_offsets: ClassVar[bool] = True
    outputs: ClassVar[tuple[str, ...]] = ("start_logits", "end_logits")

    @classmethod
    def serves(cls, config: Any) -> bool:
        """See the base class."""
        return "ForQuestionAnswering" in architecture(config)

    @classmethod
    def model_options(cls, labels: Sequence[str]) -> dict[str, Any]:
        """See the base class."""
        return label_options(("start", "end"))

    def cut(self, windower: Windower, first: int, examples: Sequence[Example]) -> Iterator[Window]:
        """See the base class: the question with a part of the context each."""
        return question_windows(windower, first, examples)

    def lesson(self, window: Window, example: Example) -> tuple[int, int]:
        """Return the first and last token of the first answer that the window holds whole; else the place of "none"."""
        for start, end in example.spans:
            if len(window.keys) and window.keys[0] <= start and end <= window.ends[-1]:
                # Starts and ends of tokens ascend: the answer begins in the last one that starts no later than it,
                # and ends in the first one that ends no earlier. Where bytes are tokens, all those of one letter have
                # the letter's span, so that the second may come out before the first: hence the `max`.
                first = int(np.searchsorted(window.keys, start, side="right")) - 1
                last = int(np.searchsorted(window.ends, end, side="left"))
                return int(window.places[first]), int(window.places[max(first, last)])
        return window.null, window.null

    def batch_labels(
        self, lessons: Sequence[Any], windows: Sequence[Window], displacements: Sequence[int], *, length: int
    ) -> Tensor:
        """See the base class: the first and last token of each answer, shape (windows, 2)."""
        # Padding on the left moves start and end alike.
        return torch.tensor(lessons) + torch.tensor(displacements).unsqueeze(1)

    def loss(self, outputs: Any, batch: Mapping[str, Tensor]) -> Tensor:
        """See the base class: the mean of the cross-entropies of start and end."""
        start = functional.cross_entropy(outputs.start_logits.float(), batch["labels"][:, 0])
        end = functional.cross_entropy(outputs.end_logits.float(), batch["labels"][:, 1])
        return (start + end) / 2

    def distance(self, outputs: Any, pairs: Tensor, places: Tensor) -> Tensor:
        """See the base class: divergence of the distributions of starts and of ends over the places that both have."""
        # (pairs, form, start or end, length), then (pairs, form, start or end, places)
        scores = torch.stack([outputs.start_logits.float(), outputs.end_logits.float()], 1)[pairs]
        # Both forms of a pair share as many places: -1 fills up the same ones in both.
        there = places[:, 0] >= 0
        # `gather` needs an index everywhere: -1 becomes a token that exists, whose score is masked at once.
        tokens = places.clamp(min=0).unsqueeze(2).expand(-1, -1, 2, -1)
        shared = scores.gather(-1, tokens).masked_fill(~there[:, None, None], _NEVER)
        noised, clean = shared.unbind(1)
        return divergence(noised, clean).mean()

    def read(self, outputs: Any, windows: Sequence[Window], padding: Padding) -> list[Any]:
        """See the base class: the best answer of each window."""
        scores = torch.stack([outputs.start_logits, outputs.end_logits], 1).float().cpu().numpy()
        answers = []
        for (start, end), window in zip(scores, windows, strict=True):
            first = padding.displacement(window, len(start))
            # Places of a window count from its own first token: padding on the left is cut off before.
            answers.append(best_answer(start[first:], end[first:], window, most=self.max_answer))
        return answers

    def evidence(self, outputs: Any, windows: Sequence[Window], padding: Padding) -> list[Any]:
        """See the base class: the likeliest stretches of the context, and the score of "none"."""
        scores = torch.stack([outputs.start_logits, outputs.end_logits], 1).float().cpu().numpy()
        evidence = []
        for (start, end), window in zip(scores, windows, strict=True):
            first = padding.displacement(window, len(start))
            evidence.append(Stretches.of(start[first:], end[first:], window, most=self.max_answer))
        return evidence

    def margins(
        self, windows: Sequence[Window], evidence: Sequence[Any], examples: Sequence[Example], kept: Mapping[str, Any]
    ) -> Array:
        """See the base class: the lead of the best right answer over the best wrong one."""
        by_example: list[list[Stretches]] = [[] for _ in examples]
        for window, stretches in zip(windows, evidence, strict=True):
            by_example[window.example].append(stretches)
        return np.array(list(map(self._margin, by_example, examples)), np.float64)

    def _margin(self, of_windows: Sequence[Stretches], example: Example) -> float:
        """Return the margin of a question, over the windows of its context."""
        if example.target is None:
            return np.nan
        rivals, marked = Rivals(example.target), -np.inf
        for stretches in of_windows:
            for start, end, score in stretches.answers():
                rivals.add(example.texts[1][start:end], score)
            marked = max(marked, stretches.score_at(*self.lesson(stretches.window, example)))
        if self.no_answer or rivals.are_none:
            rivals.add("", min(stretches.null for stretches in of_windows))
        return rivals.margin(marked)

    def reading(self, windows: Sequence[Window], example: Example) -> Hashable:
        """See the base class: also the context as it is written, of which answers are parts."""
        return super().reading(windows, example), example.texts[1]

    def predictions(
        self, windows: Sequence[Window], readings: Sequence[Any], examples: Sequence[Example]
    ) -> list[Prediction]:
        """See the base class: the best answer over the windows of each question."""
        answers: list[list[WindowAnswer]] = [[] for _ in examples]
        for window, answer in zip(windows, readings, strict=True):
            answers[window.example].append(answer)
        pairs = zip(answers, examples, strict=True)
        return [self._answer(of_windows, example.texts[1]) for of_windows, example in pairs]

    def _answer(self, answers: Sequence[WindowAnswer], context: str) -> str:
        """Return the best answer over the windows of a question; the worst "none" speaks for all of them."""
        best = max(answers, key=lambda answer: answer.score)
        if self.no_answer and min(answer.null for answer in answers) > best.score:
            return ""
        return context[best.start : best.end]


def best_answer(start: Scores, end: Scores, window: Window, *, most: int) -> WindowAnswer:
    """Return the best stretch of the context of no more than some tokens.

    Args:
        start: Scores of the window's tokens as starts, shape (length,).
        end: Scores as ends, same shape.
        window: The window.
        most: Tokens of an answer at most.

    Returns:
        The answer, with its score.
    """
    null = float(start[window.null] + end[window.null])
    if not len(window.places):
        return WindowAnswer(-np.inf, 0, 0, null)
    scores = score_table(start[window.places], end[window.places], most)
    # The best cell of the table, counted row by row: its row is the first token, its column how many more follow.
    first, more = divmod(int(scores.argmax()), scores.shape[1])
    return WindowAnswer(float(scores[first, more]), int(window.keys[first]), int(window.ends[first + more]), null)
