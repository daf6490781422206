"""What each system makes of the edits that a search found against another: do they carry over?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from charrobust.attackers.versions import CLEAN, Version
from charrobust.scoring.evaluation.answers import Answers
from charrobust.scoring.evaluation.outcomes import Outcome, outcome_of
from charrobust.scoring.evaluation.results import Transfer
from charrobust.scoring.evaluation.scores import success_of
from charrobust.scoring.intervals import bootstrap
from charrobust.tasks.base import Task
from charrobust.tasks.metrics import Metric


def found_elsewhere(system: str, versions: Sequence[Version]) -> dict[tuple[str, str], Version]:
    """Return the versions that searches found against other systems.

    Args:
        system: Name of a system.
        versions: All versions.

    Returns:
        The versions by their names and those of the systems.
    """
    others = {}
    for version in versions:
        against = version.info.system
        if version.found and against not in (None, system):
            others[version.name, str(against)] = version
    return others


def transfers(
    task: Task,
    metric: Metric,
    versions: Sequence[Version],
    answers: Sequence[Answers],
    outcomes: Mapping[str, Mapping[str, Outcome]],
    *,
    confidence: float,
) -> list[Transfer]:
    """Say what each system makes of what searches found against each.

    Args:
        task: The task.
        metric: The main metric.
        versions: All versions.
        answers: What each system said, of versions for others, too.
        outcomes: What each system made of each version that is for it, both by name.
        confidence: Level of the intervals.

    Returns:
        A row for each search, system that was searched against, and system that is asked; none where there is but one.
    """
    searched = [version for version in versions if version.found]
    if len({version.info.system for version in searched}) < 2:
        return []
    rows = []
    for version in searched:
        against = str(version.info.system)
        for of_system in answers:
            own = outcomes[of_system.info.name]
            if of_system.info.name == against:
                outcome = own[version.name]
            else:
                said = of_system.said_of_others[version.name, against]
                outcome = outcome_of(task, version, said, of_system.names)
            value = bootstrap(metric, outcome.statistics(metric), confidence=confidence)
            success = success_of(own[CLEAN], outcome, confidence)
            rows.append(Transfer(version.name, against, of_system.info.name, metric.name, value, success))
    return rows
