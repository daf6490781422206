"""Examples to look at: all whose prediction an attack made wrong, and some others, from all attacks alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from charrobust.attackers.versions import CLEAN, Version
from charrobust.scoring.evaluation.outcomes import Answered, Outcome
from charrobust.scoring.evaluation.results import AttackedExample, PredictionPair
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example

MOST = 20_000
_MOST_LETTERS = 30_000_000  # of all texts of the flipped examples; a browser has to hold them
_OTHERS = 100
Outcomes = dict[str, dict[str, Outcome]]
Chosen = tuple[Version, int]


@dataclass(frozen=True)
class Examples:
    """Examples to look at.

    Attributes:
        shown: The examples in the order in which they are shown, each with what the systems say of it.
        flipped: How many were flipped, also where not all of them are shown.
    """

    shown: tuple[AttackedExample, ...]
    flipped: int


def choose_examples(
    task: Task, versions: Sequence[Version], outcomes: Outcomes, *, most: int = MOST, others: int = _OTHERS
) -> Examples:
    """Choose examples to look at.

    Flipped ones, right on clean data and wrong attacked for some system, come first, all of them where they are not
    too many; where there are no right and wrong, those that lost ground. The attacks take turns.

    Args:
        task: The task.
        versions: The versions, the clean one first.
        outcomes: What each system made of each version, both by name.
        most: No more flipped ones than this many.
        others: No more than this many that are changed, but not flipped.

    Returns:
        The examples, and how many were flipped.
    """
    clean, *attacked = versions
    orders = []
    for place, version in enumerate(attacked):
        # Each begins elsewhere: attacks of one recipe flip the same examples, which would stand side by side.
        first = place * len(clean.examples) // len(attacked)
        orders.append(_order(clean, version, outcomes, first=first))
    # The attacks take turns, so that the first pages show all of them.
    flipped = list(_turns(attacked, [hit for hit, _ in orders]))
    unflipped = list(_turns(attacked, [changed for _, changed in orders]))
    chosen = [*_fitting(clean, flipped[:most]), *unflipped[:others]]
    return Examples(tuple(_shown(task, (clean, version), number, outcomes) for version, number in chosen), len(flipped))


def _fitting(clean: Version, chosen: Sequence[Chosen]) -> Iterator[Chosen]:
    """Go through examples until their texts, clean and attacked, are more than a page can hold."""
    letters = 0
    for version, number in chosen:
        texts = (*clean.examples[number].texts, *version.examples[number].texts)
        letters += sum(map(len, texts))
        if letters > _MOST_LETTERS:
            return
        yield version, number


def _order(clean: Version, version: Version, outcomes: Outcomes, *, first: int) -> tuple[list[int], list[int]]:
    """Return the numbers of the examples that a version flipped, or that lost by it, and of others that it changed.

    Args:
        clean: The clean version.
        version: The version.
        outcomes: What each system made of each version.
        first: The example to begin with, where the order says nothing; those before it come last.

    Returns:
        Both in the order in which they are shown.
    """
    asked = _asked(version, outcomes).values()
    pairs = [(of_system[CLEAN].first, of_system[version.name].first) for of_system in asked]
    lost = np.sum([before.scores - after.scores for before, after in pairs], axis=0)
    flips = [a.right & ~b.right for a, b in pairs if a.right is not None and b.right is not None]
    if flips:
        # `hit` is a mask by example, `numbers` the order in which examples are shown.
        hit, numbers = np.any(flips, axis=0), np.roll(np.arange(len(lost)), -first)
    else:  # numbers are neither right nor wrong: those that lost most come first
        hit, numbers = lost > 0, np.argsort(-lost, kind="stable")
    # An example that an attack left alone shows nothing, whatever a system says of it.
    changed = [a.texts != b.texts for a, b in zip(clean.examples, version.examples, strict=True)]
    others = numbers[~hit[numbers]].tolist()
    return numbers[hit[numbers]].tolist(), [number for number in others if changed[number]]


def _asked(version: Version, outcomes: Outcomes) -> Outcomes:
    """Return the outcomes of the systems that were asked about a version."""
    return {system: of_system for system, of_system in outcomes.items() if version.is_for(system)}


def _turns(versions: Sequence[Version], queues: Sequence[Sequence[int]]) -> Iterator[Chosen]:
    """Go through the examples of versions, one of each in turns."""
    # None stands where a queue has run out; example 0 is a number like others.
    for row in zip_longest(*queues):
        yield from ((version, number) for version, number in zip(versions, row, strict=True) if number is not None)


def _shown(task: Task, pair: tuple[Version, Version], number: int, outcomes: Outcomes) -> AttackedExample:
    clean, attacked = (version.examples[number] for version in pair)
    name = pair[1].name
    predictions = []
    for system, of_system in _asked(pair[1], outcomes).items():
        answered = (of_system[CLEAN].first, of_system[name].first)
        predictions.append(_prediction(system, task, answered, (clean, attacked), number=number))
    return AttackedExample(
        id=clean.id,
        attack=name,
        target=task.target_text(clean.target),
        clean=clean.texts,
        attacked=attacked.texts,
        edits=pair[1].edits(number),
        predictions=tuple(predictions),
        target_remark=task.target_remark(clean),
    )


def _prediction(
    system: str, task: Task, pair: tuple[Answered, Answered], read: tuple[Example, Example], *, number: int
) -> PredictionPair:
    clean, attacked = pair
    said_of_clean, said_of_attacked = clean.predictions[number], attacked.predictions[number]
    return PredictionPair(
        system,
        clean=task.prediction_text(said_of_clean),
        attacked=task.prediction_text(said_of_attacked),
        clean_right=_is_right(clean, number),
        attacked_right=_is_right(attacked, number),
        clean_remarks=task.prediction_remarks(said_of_clean, read[0]),
        attacked_remarks=task.prediction_remarks(said_of_attacked, read[1]),
    )


def _is_right(outcome: Answered, number: int) -> bool | None:
    """Tell whether a prediction is right; None for numbers."""
    return None if outcome.right is None else bool(outcome.right[number])
