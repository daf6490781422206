"""Examples: what a model reads of a record, and what it is to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from charrobust.datasets.cards import Task
    from charrobust.datasets.formats import Format

# A label; a number (regression); tags; the texts of the right answers (none: the question has no answer).
Target = str | float | tuple[str, ...] | None
# A label; a number; tags; the text of an answer (empty: none).
Prediction = str | float | tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """A record as a model sees it.

    Attributes:
        id: Its id in the data set (for question answering, the question's), or its number.
        texts: Classification: one text or two. Tagging: the tokens. Question answering: question and context.
        target: What is right; None where the data set does not tell.
        spans: Question answering: (start, end) of each right answer in the context.
    """

    id: str
    texts: tuple[str, ...]
    target: Target
    spans: tuple[tuple[int, int], ...] = ()


def read_examples(source: Format, task: Task, *, limit: int | None = None, labels: Sequence[str] = ()) -> list[Example]:
    """Read the examples of a data set.

    Args:
        source: The data set.
        task: Its task and columns.
        limit: Read no more than this many.
        labels: Names of the classes or tags, where the data set holds their numbers; see a card's ``labels``.

    Raises:
        DataError: A record is not what the task asks for.
    """
    found: list[Example] = []
    for block in source.blocks():
        found += task.examples(source.parse(block))
        if limit is not None and len(found) >= limit:
            break
    return [named(example, labels) for example in found[:limit]]


def named(example: Example, labels: Sequence[str]) -> Example:
    """Return an example with names for its labels, where these are numbers of names."""

    def name(label: str) -> str:
        return labels[int(label)] if label.isdecimal() and int(label) < len(labels) else label

    if not labels or example.spans:
        return example
    if isinstance(example.target, tuple):
        return replace(example, target=tuple(map(name, example.target)))
    return replace(example, target=name(example.target)) if isinstance(example.target, str) else example
