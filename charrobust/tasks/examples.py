"""Examples: what a model reads of a record, and what it is to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

# What is right, in the shape that the task's room defines: a label, a number, tags, the texts of the right answers, ...
Target = Any
# What a system says, in the shape that the task's room defines; None of them is mutable.
Prediction = Any


class Corpus(Protocol):
    """What a system reads beside the texts of an example, shared by many examples."""

    @property
    def digest(self) -> str:
        """A hash of all that it holds."""
        ...


@dataclass(frozen=True)
class Example:
    """A record as a model sees it.

    Attributes:
        id: Its id in the data set (for question answering, the question's), or its number.
        texts: What is read: one text or two, the tokens of a sentence, question and context, ...
        target: What is right; None where the data set does not tell.
        spans: (start, end) of what the target marks in the last of the texts, where it marks something.
        corpus: What is read besides, such as the passages of a retrieval; None for nothing.
    """

    id: str
    texts: tuple[str, ...]
    target: Target
    spans: tuple[tuple[int, int], ...] = ()
    corpus: Corpus | None = None
