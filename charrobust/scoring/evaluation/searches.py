"""What searches took from systems: success, proofs, queries, and what is left after so many edits or queries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, product, takewhile
from operator import attrgetter
from statistics import fmean, median
from typing import Any

from charrobust.attackers.attacker import Attacker
from charrobust.attackers.searched import Searched
from charrobust.attackers.versions import Version
from charrobust.datasets.engines import LOCAL
from charrobust.errors import UserError
from charrobust.scoring.evaluation.results import CurvePoint, SearchScore
from charrobust.scoring.intervals import Interval, wilson
from charrobust.search import SEARCHES, Outcome
from charrobust.systems.share import Share
from charrobust.systems.system import System

SCREENED = (
    "searches asked models in bfloat16 first: what turned a text was found in full precision, what did not was told by "
    "margins that half precision left far from turning"
)
_STEPS = (1, 2, 5)  # of each power of ten: what a curve over queries has points at


def search_scores(versions: Sequence[Version], confidence: float) -> list[SearchScore]:
    """Say what the searches took from the systems that they asked.

    Args:
        versions: Versions of a data set, those that no search made among them.
        confidence: Level of the intervals.

    Returns:
        Figures for each version that a search made.
    """
    return [_score(version, confidence) for version in versions if version.found]


def check_one_process(attackers: Sequence[Attacker], share: Share, engine: str) -> None:
    """Refuse searches where several processes share what is asked: each question hangs on the answers before it.

    Args:
        attackers: Who attacks.
        share: What this process asks about.
        engine: Where systems are asked.

    Raises:
        UserError: There are several processes.
    """
    searches = [attacker.name for attacker in attackers if isinstance(attacker, Searched)]
    if searches and not share.is_all:
        raise UserError(f"{searches[0]} asks in one process, and there are {share.ranks} ranks; run one")
    if searches and engine != LOCAL:
        raise UserError(f"{searches[0]} asks in this process; leave out `engine` {engine}")


def check_screen(attackers: Sequence[Attacker], *, screen: bool) -> None:
    """Refuse to screen searches where there are none.

    Args:
        attackers: Who attacks.
        screen: Whether searches are to be screened.

    Raises:
        UserError: There is nothing to screen.
    """
    if screen and not any(isinstance(attacker, Searched) for attacker in attackers):
        raise UserError("no attack is a search that `screen` could make faster; leave it out, or give `worst:...`")


def screening_notes(systems: Sequence[System]) -> tuple[str, ...]:
    """Say what screening means for what was found.

    Args:
        systems: The systems.

    Returns:
        A note; none where no system was screened.
    """
    return (SCREENED,) if any(system.is_screened for system in systems) else ()


def check_search_costs(attackers: Sequence[Attacker], systems: Sequence[System]) -> None:
    """Refuse searches without a limit against systems that are slow or cost money.

    Args:
        attackers: Who attacks.
        systems: The systems.

    Raises:
        UserError: With the search and the system.
    """
    unlimited = [attacker for attacker in attackers if isinstance(attacker, Searched) and attacker.budget is None]
    for attacker, system in product(unlimited, systems):
        # Of no examples: whether it is slow or costs money it tells without being asked about any.
        if system.estimate(()) is not None:
            raise UserError(
                f"{attacker.name} may ask {system.name} hundreds of times about each example, which is slow or costs "
                "money; say with `search_budget` how many times at most"
            )


def _score(version: Version, confidence: float) -> SearchScore:
    """Return the figures of one search.

    Raises:
        UserError: The version names no system, as an attacker of another package may have left it.
    """
    info, outcomes = version.info, version.found
    if info.system is None:
        raise UserError(f"{info.name} holds what a search found, and does not say in which system")
    searched = [outcome for outcome in outcomes if outcome.right_before]
    lost = [outcome for outcome in searched if outcome.success]
    most_edits = info.most_edits or max(_all(lost, "edits"), default=1)
    proved = max(_all(searched, "certified"), default=0)
    # Where nothing was searched, nothing was asked.
    queries = _all(searched, "queries") or [0]
    return SearchScore(
        system=info.system,
        attack=info.name,
        records=len(outcomes),
        searched=len(searched),
        success=_share(len(lost), searched, confidence),
        robust=wilson(len(searched) - len(lost), len(outcomes), confidence=confidence),
        certified=_certified(version, confidence),
        certified_edits=proved,
        queries=fmean(queries),
        median_queries=float(median(queries)),
        candidates=fmean(_all(searched, "candidates") or [0]),
        distinct=sum(_all(searched, "distinct")) / max(1, sum(queries)),
        edits_at_success=_mean(_all(lost, "edits_at_success")),
        seconds=fmean(_all(searched, "seconds") or [0]),
        by_edits=_curve(outcomes, "edits_at_success", range(most_edits + 1), confidence=confidence),
        by_queries=_curve(outcomes, "queries_at_success", _grid(searched), confidence=confidence),
    )


def _all(outcomes: Sequence[Outcome], what: str) -> list[Any]:
    return list(map(attrgetter(what), outcomes))


def _share(number: int, outcomes: Sequence[Outcome], confidence: float) -> Interval | None:
    """Return a share of records; None where there is none."""
    return wilson(number, len(outcomes), confidence=confidence) if outcomes else None


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None


def _certified(version: Version, confidence: float) -> Interval | None:
    """Return the share of all records that are right, and proved to stay so; None where the search proves nothing."""
    proved = sum(outcome.certified >= 1 for outcome in version.found)
    if proved:
        return _share(proved, version.found, confidence)
    # Of a search that leaves no single edit out, no proof is a finding, too: every record is turned by some edit.
    search = SEARCHES.find(version.info.search or "")
    is_finding = search is not None and search.proves and version.info.budget is None
    return _share(0, version.found, confidence) if is_finding else None


def _curve(
    outcomes: Sequence[Outcome], cost: str, points: Sequence[int], *, confidence: float
) -> tuple[CurvePoint, ...]:
    """Return which share is left at some costs, in what a success cost."""
    found = []
    for most in points:
        left = 0
        for outcome in outcomes:
            is_lost = outcome.success and getattr(outcome, cost) <= most
            left += outcome.right_before and not is_lost
        found.append(CurvePoint(most, wilson(left, len(outcomes), confidence=confidence)))
    return tuple(found)


def _grid(searched: Sequence[Outcome]) -> list[int]:
    """Return numbers of queries, even on a logarithmic axis, from none to the most that there were."""
    most = max(_all(searched, "queries"), default=0)
    grid = [0, *takewhile(lambda point: point < most, _steps()), most]
    return list(dict.fromkeys(grid))


def _steps() -> Iterator[int]:
    """Go through 1, 2, 5, 10, 20, 50, ..."""
    for power in count():
        yield from (step * 10**power for step in _STEPS)
