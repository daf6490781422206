"""Scores by what a system's tokenizer does to the clean words: does it split them, or keep them whole?

As in Ma et al. 2020, section 5, for any tokenizer. What counts as ``split``:

- named entities: an entity of which any word is split (right ones are compared with right ones, predicted with
  predicted: each is in the group of its own words);
- other tags: a word that is split;
- classification and regression: an example of which any content word is split, in any of its texts;
- question answering: a question of which any content word is split. Contexts are long: hardly any has no split word.

A word that a tokenizer does not know at all is not split. Content words are those that are no stop words (of English)
and hold a letter. Each system is grouped by its own tokenizer, so groups of two systems may differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.scoring.evaluation.outcomes import Outcome
from charrobust.scoring.evaluation.results import SplitScore
from charrobust.scoring.intervals import Array, resample
from charrobust.scoring.tokens import pieces_of
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example
from charrobust.tasks.metrics import Metric
from charrobust.tasks.word_part import WordPart

SPLIT, WHOLE = "split", "whole"
Mask = NDArray[np.bool_]


def split_words(tokenizer: Any, words: Sequence[str]) -> Mask:
    """Tell which words a tokenizer splits, as it reads them after a blank.

    Args:
        tokenizer: A tokenizer of the transformers library.
        words: The words.

    Returns:
        Whether each word is split, shape (words,).
    """
    pieces = pieces_of(tokenizer, words)
    return np.fromiter((len(pieces[word]) > 1 for word in words), bool, len(words))


class Groups:
    """The examples of a data set, or their words, grouped by what a tokenizer does to them.

    Attributes:
        task: The task, which knows what of an example is in a group.
    """

    def __init__(self, task: Task, examples: Sequence[Example], tokenizer: Any) -> None:
        """Ask a tokenizer about the words of examples.

        Args:
            task: Their task: tells which words count.
            examples: The examples.
            tokenizer: A tokenizer of the transformers library.
        """
        self.task = task
        words = [task.counted_words(example) for example in examples]
        # Before each example, and at the end: the number of words so far.
        self._edges = np.cumsum([0, *map(len, words)])
        # before each word, and at the end: the number of split words so far
        self._split = np.append(0, np.cumsum(split_words(tokenizer, list(chain.from_iterable(words)))))

    def score(self, group: str, metric: Metric, outcome: Outcome) -> tuple[Array, int]:
        """Return the statistics of a metric on one group.

        Args:
            group: ``split`` or ``whole``.
            metric: The metric.
            outcome: What a system made of a version of the data.

        Returns:
            Statistics, shape (examples, k), and the number of words, entities or examples in the group.
        """
        part = WordPart(self._split, self._edges, wanted=group == SPLIT)
        return outcome.part_statistics(metric, part)


def split_scores(
    groups: Groups, metric: Metric, system: str, outcomes: dict[str, Outcome], *, confidence: float, seed: int
) -> list[SplitScore]:
    """Return the scores of a system by group; groups of fewer than two examples are left out.

    Args:
        groups: The groups of its tokenizer.
        metric: The metric.
        system: Name of the system.
        outcomes: What it made of each version, by name.
        confidence: Level of the intervals.
        seed: Seed of the resampling.

    Returns:
        The scores, a group after the other.
    """
    found = []
    for group in (SPLIT, WHOLE):
        parts = {name: groups.score(group, metric, outcome) for name, outcome in outcomes.items()}
        # A group of no words has no score, and one example no interval.
        kept = {name: part for name, part in parts.items() if part[1] and len(part[0]) > 1}
        resampled = resample([(metric, statistics) for statistics, _ in kept.values()], seed=seed)
        for (name, (_, size)), value in zip(kept.items(), resampled, strict=True):
            found.append(SplitScore(system, name, group, metric.name, value.interval(confidence), size))
    return found
