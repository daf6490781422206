"""A data set in parts: what is asked, kept, shared out and taken up again as one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from charrobust.datasets.dataset import DataSet
from charrobust.datasets.load import read_blocks
from charrobust.datasets.source import Source
from charrobust.errors import DataError
from charrobust.progress import Progress, no_progress
from charrobust.scoring.evaluation.prediction_rows import ids_of
from charrobust.systems.naming import SystemOptions
from charrobust.systems.predictions import key_of
from charrobust.tasks.examples import Example

PART = 512  # examples: enough to sort into batches of like length, few enough to be lost at a kill
ID = "id"
READING = "reading"  # the stage of progress


@dataclass(frozen=True)
class Part:
    """Some consecutive examples.

    Attributes:
        number: Its number in the data set.
        ids: What each example is called in a file of predictions.
        examples: The examples.
    """

    number: int
    ids: tuple[str, ...]
    examples: tuple[Example, ...]

    def key(self, *, with_scores: bool) -> str:
        """Return a digest of what is asked, so that a part that has changed is another one.

        Args:
            with_scores: Whether scores are asked for, too.

        Returns:
            The digest.
        """
        asked = [self.ids, [key_of(example) for example in self.examples], with_scores]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def parts_of(source: Source) -> Iterator[Part]:
    """Go through a data set; how it is cut depends on nothing but the data.

    Args:
        source: The data set.

    Yields:
        Its parts, in order.

    Raises:
        DataError: A record is not what the task asks for.
    """
    number = 0
    for block in read_blocks(source):
        ids = ids_of(block, ID)
        for first in range(0, len(block), PART):
            chosen = slice(first, first + PART)
            yield Part(number, tuple(ids[chosen]), block.examples[chosen])
            number += 1


@dataclass(frozen=True)
class Survey:
    """What has to be known of a data set before a system is asked about its first example.

    Attributes:
        first: Its first examples, with the names of the labels of all.
        head_options: What the examples tell of how a model is to be asked.
        examples: How many there are.
        skipped: What was wrong with each record that is left out, with its place.
    """

    first: DataSet
    head_options: dict[str, Any]
    examples: int
    skipped: tuple[str, ...]

    def options(self, **given: Any) -> SystemOptions:
        """Return how systems are loaded that are asked about the data set; see :meth:`.SystemOptions.for_data`."""
        return replace(SystemOptions.for_data(self.first, **given), head_options=self.head_options)


def survey(source: Source, progress: Progress = no_progress) -> Survey:
    """Go through a data set once: a system must be asked about the first example as about the last.

    Args:
        source: The data set.
        progress: See :data:`charrobust.progress.Progress`; examples are counted.

    Returns:
        What it says.

    Raises:
        DataError: A record is not what the task asks for, or there is no example.
    """
    first: DataSet | None = None
    labels: set[str] = set()
    telling = []  # a target with each label, of which the task makes their order
    options: dict[str, Any] = {}
    examples = 0
    skipped: list[str] = []
    for block in read_blocks(source):
        first = first or block
        for target in (example.target for example in block.examples if example.target is not None):
            new = set(source.task.labels_in(target)) - labels
            if new:
                labels |= new
                telling.append(target)
        for name, value in source.task.head_options(block.examples).items():
            options[name] = options.get(name) or value  # what holds of one example holds
        examples += len(block)
        skipped += block.skipped
        progress(READING, examples, 0, {})
    if first is None:
        raise DataError(f"{source.name} holds no examples; expected at least one")
    named = replace(first, label_names=source.task.classes(telling))
    return Survey(named, options, examples, tuple(skipped))
