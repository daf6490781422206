"""Search a data set for the edits that hurt a system most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from charrobust.datasets.dataset import DataSet
from charrobust.errors import UserError
from charrobust.logs import logger
from charrobust.perturb import Attack
from charrobust.progress import Progress, no_progress
from charrobust.search.answers import Answers, Remembered
from charrobust.search.asking import ROUND, run_courses
from charrobust.search.course import Course
from charrobust.search.judging import Judge
from charrobust.search.names import find_search, without_scores
from charrobust.search.outcomes import Found, Outcome
from charrobust.search.states import Limits
from charrobust.search.store import Store, open_store
from charrobust.search.strategy import Search
from charrobust.search.units import Unit, units_of
from charrobust.systems.system import System
from charrobust.tasks.moves import Moves
from charrobust.tasks.records import FieldLog

_logger = logger(__name__)
# States of a record in a round: few where the first success ends a search, since what is asked beyond is for nothing.
_MOST_STOPPING, _MOST = 64, 512


def search(
    system: System,
    data: DataSet,
    attack: Attack,
    *,
    search: str | Search = "greedy",
    edits: int = 1,
    budget: int | None = None,
    seed: int = 0,
    store: str | Path | None = None,
    answers: Answers | None = None,
    round_size: int = ROUND,
    progress: Progress = no_progress,
) -> Found:
    """Search each record of a data set for the edits that hurt a system most: worst case.

    A record is searched if the system has something of it right. Searches minimise the score of its examples, and of
    equal scores the margin by which the targets win.

    Args:
        system: The system.
        data: The data set, with targets.
        attack: What edits are allowed: each one that its recipe may draw, whatever its severity.
        search: The search, or its name, see :data:`charrobust.search.SEARCHES`.
        edits: Edits of a record at most.
        budget: Distinct texts of a record that the system is asked about at most, the clean one not counted; None for
            as many as the search wants.
        seed: Seed of what the search draws.
        store: A folder where the outcome of each record is kept as it is done, for a search that is killed.
        answers: What the system was asked in other searches, and is not asked again; None for nothing. It is added to.
        round_size: States that are asked together, about; the outcome does not hang on it.
        progress: See :data:`charrobust.progress.Progress`; the stage is the search with the name of the system.

    Returns:
        The data set with the worst that was found, and what it took.

    Raises:
        UserError: There is no such search, or it needs more of the system than it tells; the limits are not positive,
            or the search would ask more than is feasible.
        RecipeError: The edits of the recipe cannot be enumerated.
        DataError: The store is damaged.
    """
    limits = _limits(edits, budget)
    chosen = find_search(search)
    units = units_of(data, partial(Moves, data.task, attack=attack))
    judge = Judge(system, data)
    system.prepare(progress)
    judge.judge_clean(units)
    attackable = [unit for unit in units if unit.is_right]
    _check_answers(system, judge, chosen, limits)
    _give_gradients(system, judge, chosen, attackable)
    chosen.check(attackable, limits)
    # Where no other search reads them, answers are not kept: each record remembers its own while it is searched.
    remembered = Remembered(most=0) if answers is None else answers.of(system)
    job = _Job(system, judge, remembered, chosen, limits, seed)
    kept = open_store(store, system, data.task, attack, search=chosen, limits=limits, seed=seed)
    outcomes = {unit.numbers: _untouched(unit) for unit in units}
    for unit, outcome in _outcomes(job, attackable, kept, round_size, progress):
        outcomes[unit.numbers] = outcome
    return _found(data, job, units, list(outcomes.values()))


@dataclass(frozen=True, eq=False)
class _Job:
    """What is the same for all records."""

    system: System
    judge: Judge
    remembered: Remembered
    search: Search
    limits: Limits
    seed: int

    @property
    def stage(self) -> str:
        """What progress calls it."""
        return f"{self.search.name} search against {self.system.name}"

    def begin(self, unit: Unit) -> Course:
        """Begin the search in a record."""
        return Course(unit, self.search, self.limits, self.seed)


def _limits(edits: int, budget: int | None) -> Limits:
    """Return the limits, if they allow anything.

    Raises:
        UserError: They do not.
    """
    if edits < 1:
        raise UserError(f"`edits` must be 1 or more, got {edits}")
    if budget is not None and budget < 1:
        raise UserError(f"`budget` must be 1 query or more, got {budget}; leave it out for as many as a search wants")
    return Limits(edits, budget)


def _check_answers(system: System, judge: Judge, search: Search, limits: Limits) -> None:
    """Refuse a search that needs more of a system than it tells.

    Raises:
        UserError: With the searches that do not.
    """
    if search.needs_scores(limits.edits) and not judge.has_margins:
        able = ", ".join(without_scores(limits.edits))
        raise UserError(
            f"{search.name} search compares scores, and system {system.name!r} gives labels alone; have it give a "
            f"score for each label, or take a search that labels suffice for: {able}"
        )


def _give_gradients(system: System, judge: Judge, search: Search, units: Sequence[Unit]) -> None:
    """Let a search have first-order estimates that reads them.

    Raises:
        UserError: It needs them, and the system has none; with the search that does without.
    """
    if search.reads_gradient and not judge.give_gradients(units) and search.needs_gradient:
        raise UserError(
            f"{search.name} search reads gradients, and system {system.name!r} has none that can be read; take "
            "greedy search"
        )


def _untouched(unit: Unit) -> Outcome:
    """Return the outcome of a record that is not searched."""
    return Outcome(unit.numbers, right_before=unit.is_right, clean=unit.clean.score, found=unit.clean.score)


def _outcomes(
    job: _Job, units: Sequence[Unit], kept: Store, round_size: int, progress: Progress
) -> Iterator[tuple[Unit, Outcome]]:
    """Go through the records, those that are known first, and search the others."""
    known = [(unit, kept.known(unit)) for unit in units]
    new: list[Unit] = []
    queries = lost = done = 0
    for unit, outcome in known:
        if outcome is None:
            new.append(unit)
        else:
            done, lost = done + 1, lost + outcome.success
            yield unit, outcome
    _logger.info("%s: %d records to search, %d known", job.stage, len(new), done)
    progress(job.stage, done, len(units), {})
    most = _MOST_STOPPING if job.search.stops else _MOST
    courses = run_courses(new, job.begin, job.judge, remembered=job.remembered, size=round_size, most=most)
    for course in courses:
        outcome = course.outcome()
        kept.add([(course.unit, outcome)])
        done, lost, queries = done + 1, lost + outcome.success, queries + outcome.queries
        progress(job.stage, done, len(units), {"lost": lost / done, "queries": queries})
        yield course.unit, outcome


def _found(data: DataSet, job: _Job, units: Sequence[Unit], outcomes: Sequence[Outcome]) -> Found:
    """Return the data set with the worst states."""
    records = [list(batch.records) for batch in data.batches]
    logs: list[FieldLog] = []
    for unit, outcome in zip(units, outcomes, strict=True):
        if outcome.state:
            perturbed = unit.moves.perturb([outcome.state])
            batch, row = unit.owner
            records[batch][row] = perturbed.records[0]
            logs += perturbed.logs
    batches = [replace(batch, records=changed) for batch, changed in zip(data.batches, records, strict=True)]
    limits = job.limits
    return Found(job.search.name, limits.edits, limits.budget, tuple(batches), tuple(logs), tuple(outcomes))
