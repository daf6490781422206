"""Examples to look at: those whose prediction an attack made wrong first, from all attacks alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import numpy as np

from charrobust.attackers.versions import CLEAN, Version
from charrobust.scoring.evaluation.outcomes import Answered, Outcome
from charrobust.scoring.evaluation.results import AttackedExample, PredictionPair
from charrobust.tasks.base import Task

MOST = 300
_KEPT = 0.25  # share of the examples that is kept for those that no attack flipped
Outcomes = dict[str, dict[str, Outcome]]


def choose_examples(
    task: Task, versions: Sequence[Version], outcomes: Outcomes, *, most: int = MOST
) -> tuple[AttackedExample, ...]:
    """Choose examples to look at.

    Flipped ones, right on clean data and wrong attacked for some system, come first; where there are no right and
    wrong, those that lost most. The attacks take turns.

    Args:
        task: The task.
        versions: The versions, the clean one first.
        outcomes: What each system made of each version, both by name.
        most: No more than this many; a quarter of them, if there are as many, is not flipped.

    Returns:
        The examples in the order in which they are shown, each with what the systems say of it.
    """
    clean, *attacked = versions
    orders = [_order(clean, version, outcomes) for version in attacked]
    # The attacks take turns, so that the one with most flips does not fill the page.
    flipped = list(_turns(attacked, [hit for hit, _ in orders]))
    others = list(_turns(attacked, [changed for _, changed in orders]))
    # Flipped ones take three quarters of the places, and those that the others leave free.
    first = flipped[: max(most - len(others), round(most * (1 - _KEPT)))]
    chosen = [*first, *others][:most]
    return tuple(_shown(task, (clean, version), number, outcomes) for version, number in chosen)


def _order(clean: Version, version: Version, outcomes: Outcomes) -> tuple[list[int], list[int]]:
    """Return the numbers of the examples that a version flipped, or that lost by it, and of others that it changed."""
    asked = _asked(version, outcomes).values()
    pairs = [(of_system[CLEAN].first, of_system[version.name].first) for of_system in asked]
    lost = np.sum([before.scores - after.scores for before, after in pairs], axis=0)
    flips = [a.right & ~b.right for a, b in pairs if a.right is not None and b.right is not None]
    if flips:
        # `hit` is a mask by example, `numbers` the order in which examples are shown.
        hit, numbers = np.any(flips, axis=0), np.arange(len(lost))
    else:  # numbers are neither right nor wrong: those that lost most come first
        hit, numbers = lost > 0, np.argsort(-lost, kind="stable")
    # An example that an attack left alone shows nothing, whatever a system says of it.
    changed = [a.texts != b.texts for a, b in zip(clean.examples, version.examples, strict=True)]
    others = numbers[~hit[numbers]].tolist()
    return numbers[hit[numbers]].tolist(), [number for number in others if changed[number]]


def _asked(version: Version, outcomes: Outcomes) -> Outcomes:
    """Return the outcomes of the systems that were asked about a version."""
    return {system: of_system for system, of_system in outcomes.items() if version.is_for(system)}


def _turns(versions: Sequence[Version], queues: Sequence[Sequence[int]]) -> Iterator[tuple[Version, int]]:
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
        predictions.append(_prediction(system, task, answered, number=number))
    return AttackedExample(
        id=clean.id,
        attack=name,
        target=task.target_text(clean.target),
        clean=clean.texts,
        attacked=attacked.texts,
        edits=pair[1].edits(number),
        predictions=tuple(predictions),
    )


def _prediction(system: str, task: Task, pair: tuple[Answered, Answered], *, number: int) -> PredictionPair:
    clean, attacked = pair
    return PredictionPair(
        system,
        clean=task.prediction_text(clean.predictions[number]),
        attacked=task.prediction_text(attacked.predictions[number]),
        clean_right=_is_right(clean, number),
        attacked_right=_is_right(attacked, number),
    )


def _is_right(outcome: Answered, number: int) -> bool | None:
    """Tell whether a prediction is right; None for numbers."""
    return None if outcome.right is None else bool(outcome.right[number])
