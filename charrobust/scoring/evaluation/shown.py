"""Examples to look at: those whose prediction an attack made wrong first, from all attacks alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import numpy as np

from charrobust.attackers.versions import Version
from charrobust.scoring.evaluation.outcomes import Outcome
from charrobust.scoring.evaluation.results import CLEAN, ShownExample, ShownPrediction
from charrobust.tasks.examples import Prediction, Target

MOST = 300
_KEPT = 0.25  # share of the examples that is kept for those that no attack flipped
Outcomes = dict[str, dict[str, Outcome]]


def shown_examples(versions: Sequence[Version], outcomes: Outcomes, most: int = MOST) -> tuple[ShownExample, ...]:
    """Choose examples to look at.

    Flipped ones, right on clean data and wrong attacked for some system, come first; where there are no right and
    wrong, those that lost most. The attacks take turns.

    Args:
        versions: The versions, the clean one first.
        outcomes: What each system made of each version, both by name.
        most: No more than this many; a quarter of them, if there are as many, is not flipped.
    """
    clean, *attacked = versions
    orders = [_order(clean, version, outcomes) for version in attacked]
    flipped, others = (list(_turns(attacked, [order[part] for order in orders])) for part in (0, 1))
    first = flipped[: max(most - len(others), round(most * (1 - _KEPT)))]
    chosen = [*first, *others][:most]
    return tuple(_shown(clean, version, number, outcomes) for version, number in chosen)


def _order(clean: Version, version: Version, outcomes: Outcomes) -> tuple[list[int], list[int]]:
    """Return the numbers of the examples that a version flipped, or that lost by it, and of others that it changed."""
    pairs = [(made[CLEAN], made[version.name]) for made in outcomes.values()]
    lost = np.sum([before.scores - after.scores for before, after in pairs], axis=0)
    rights = [(a.right, b.right) for a, b in pairs if a.right is not None and b.right is not None]
    hit = np.any([a & ~b for a, b in rights], axis=0) if rights else lost > 0
    numbers = np.arange(len(lost)) if rights else np.argsort(-lost, kind="stable")
    changed = [a.texts != b.texts for a, b in zip(clean.examples, version.examples, strict=True)]
    others = numbers[~hit[numbers]].tolist()
    return numbers[hit[numbers]].tolist(), [number for number in others if changed[number]]


def _turns(versions: Sequence[Version], queues: Sequence[Sequence[int]]) -> Iterator[tuple[Version, int]]:
    """Go through the examples of versions, one of each in turns."""
    for row in zip_longest(*queues):
        yield from ((version, number) for version, number in zip(versions, row, strict=True) if number is not None)


def _shown(clean: Version, version: Version, number: int, outcomes: Outcomes) -> ShownExample:
    example, attacked = clean.examples[number], version.examples[number]
    task = next(iter(outcomes.values()))[CLEAN].task
    return ShownExample(
        example.id,
        version.name,
        _target(task, example.target),
        example.texts,
        attacked.texts,
        version.edits(number),
        tuple(_prediction(name, made[CLEAN], made[version.name], number) for name, made in outcomes.items()),
    )


def _target(task: str, target: Target) -> str:
    """Return what is right as text; the distinct answers to a question with bars between them."""
    if task == "qa" and isinstance(target, tuple):
        return " | ".join(dict.fromkeys(target))
    return "" if target is None else as_text(target)


def _prediction(system: str, clean: Outcome, attacked: Outcome, number: int) -> ShownPrediction:
    return ShownPrediction(
        system,
        as_text(clean.predictions[number]),
        as_text(attacked.predictions[number]),
        None if clean.right is None else bool(clean.right[number]),
        None if attacked.right is None else bool(attacked.right[number]),
    )


def as_text(said: Prediction) -> str:
    """Return a prediction as text: tags joined by blanks, numbers with four digits."""
    if isinstance(said, tuple):
        return " ".join(said)
    return said if isinstance(said, str) else f"{said:.4g}"
