"""Cards: what was measured of one system, as a JSON file that can be put beside those of others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from charrobust.attackers.versions import CLEAN, WORST, AttackInfo
from charrobust.errors import DataError, UserError
from charrobust.files import made, remove, replacing
from charrobust.report.hub_cards import hub_card
from charrobust.report.published_results import published_results
from charrobust.report.selection import case_of, main_scores
from charrobust.scoring.evaluation.results import Results, SearchScore
from charrobust.scoring.evaluation.searches import SCREENED
from charrobust.scoring.intervals import Interval
from charrobust.scoring.stored import load, save
from charrobust.systems.system import SystemInfo

FOLDER = "cards"
SCHEMA = 1
_NOT_IN_FILES = re.compile(r"[^\w.+-]+")


@dataclass(frozen=True)
class CardScore:
    """What is left of a system under one attack.

    Attributes:
        attack: Name of the attack.
        case: ``average case``, ``worst case of greedy, at most 100 queries``, ``given file``, ...
        value: The main metric with its interval.
        certified: Share of all records that are proved to stay right under any single edit; None where the attack
            proves nothing.
        queries: Mean number of queries of a search about a record; None of what asks nothing.
    """

    attack: str
    case: str
    value: Interval
    certified: Interval | None = None
    queries: float | None = None

    @property
    def label(self) -> str:
        """Its name with its case: scores of one label can be compared."""
        return f"{self.attack} ({self.case})"


@dataclass(frozen=True)
class Card:
    """What was measured of one system.

    Attributes:
        system: The system, named so that others know it: without paths of the machine.
        task: Name of the task.
        data: Name of the data set.
        examples: Number of its examples.
        metric: Name of the main metric.
        confidence: Level of all intervals.
        clean: The metric on clean data.
        attacks: The metric under each attack.
        worst: The metric with each example under the attack that hurts it most; None where there is but one attack.
        measured_by: Who measured.
        versions: Versions of the packages.
        schema: Version of this shape.
    """

    system: SystemInfo
    task: str
    data: str
    examples: int
    metric: str
    confidence: float
    clean: Interval
    attacks: tuple[CardScore, ...]
    worst: Interval | None
    measured_by: str
    versions: dict[str, str]
    schema: int = SCHEMA

    @property
    def lowest(self) -> float:
        """The lowest of its scores: what systems are ordered by."""
        values = [self.clean.value, *(score.value.value for score in self.attacks)]
        return min(values if self.worst is None else [*values, self.worst.value])


def check_name(measured_by: str) -> None:
    """Refuse a card that does not say who measured.

    Args:
        measured_by: Who measured.

    Raises:
        UserError: Nobody did.
    """
    if not measured_by.strip():
        raise UserError("a `card` says who measured; give a name, as --card 'Ada Lovelace'")


def check_proved(*, is_screened: bool) -> None:
    """Refuse a card whose proofs would be none.

    Args:
        is_screened: Whether searches are screened in half precision.

    Raises:
        UserError: They were.
    """
    if is_screened:
        raise UserError("a `card` tells what is proved, which `screen` leaves to half precision; leave one of them out")


def cards_of(results: Results, measured_by: str) -> Iterator[Card]:
    """Make a card of each system.

    Args:
        results: What an evaluation found.
        measured_by: Who measured.

    Yields:
        The cards.

    Raises:
        UserError: Nobody measured, or searches were screened.
    """
    check_name(measured_by)
    check_proved(is_screened=SCREENED in results.notes)
    yield from _cards_of(published_results(results), measured_by)


def _cards_of(results: Results, measured_by: str) -> Iterator[Card]:
    """Go through the cards of results as others read them."""
    scores = main_scores(results)
    for system in results.systems:
        worst = scores.get((system.name, WORST))
        yield Card(
            system=system,
            task=results.task,
            data=results.data,
            examples=results.examples,
            metric=results.metrics[0],
            confidence=results.confidence,
            clean=scores[system.name, CLEAN].value,
            attacks=tuple(_scores_of(results, system.name)),
            worst=None if worst is None else worst.value,
            measured_by=measured_by,
            versions=results.versions,
        )


def _scores_of(results: Results, system: str) -> Iterator[CardScore]:
    """Go through the attacks that a system was scored under."""
    scores = main_scores(results)
    searches = {search.attack: search for search in results.searches if search.system == system}
    for attack in results.attacks:
        score = scores.get((system, attack.name))
        if attack.name != CLEAN and score is not None and attack.system in (None, system):
            yield _score(attack, score.value, searches.get(attack.name))


def _score(attack: AttackInfo, value: Interval, search: SearchScore | None) -> CardScore:
    if search is None:
        return CardScore(attack.name, case_of(attack), value)
    case = case_of(attack)
    if attack.budget is not None:
        case = f"{case}, at most {attack.budget:,} queries"
    return CardScore(attack.name, case, value, search.certified, search.queries)


def write_cards(results: Results, folder: Path, *, measured_by: str) -> Path:
    """Write a card of each system to ``cards`` in a folder, and its scores as the hub reads them, beside it.

    Cards that are there, of an earlier evaluation with the same output, go.

    Args:
        results: What an evaluation found.
        folder: The folder.
        measured_by: Who measured.

    Returns:
        The folder of the cards.

    Raises:
        UserError: Nobody measured, searches were screened, or a file cannot be written.
    """
    check_name(measured_by)
    check_proved(is_screened=SCREENED in results.notes)
    published = published_results(results)
    written: set[str] = set()
    with made(folder / FOLDER):
        for file in (folder / FOLDER).glob("*.json"):
            _remove_card(file)
        for card in _cards_of(published, measured_by):
            stem = _NOT_IN_FILES.sub("-", card.system.name).strip("-.") or "system"
            # Names that differ in other signs alone are told apart by what they stand for.
            name = f"{stem}-{card.system.fingerprint[:8]}" if stem.lower() in written else stem
            written.add(stem.lower())
            file = folder / FOLDER / f"{name}.json"
            save(card, file)
            markdown = hub_card(published, card.system.name, measured_by=measured_by)
            with replacing(file.with_suffix(".md")) as temporary:
                temporary.write_text(markdown, encoding="utf-8")
    return folder / FOLDER


def _remove_card(file: Path) -> None:
    """Remove a card with its scores beside it; a file that is no card stays."""
    with suppress(DataError):
        load(Card, file)
        remove(file)
        remove(file.with_suffix(".md"))


def read_cards(folder: Path) -> list[Card]:
    """Read all cards of a folder.

    Args:
        folder: The folder, all JSON files of which are cards; or the output of an evaluation that wrote some.

    Returns:
        The cards, in the order of the files' names.

    Raises:
        UserError: There is no such folder.
        DataError: There is no card in it, or a file is none.
    """
    if not folder.is_dir():
        raise UserError(f"{folder} is no existing folder; give one that holds cards, as evaluate --card writes them")
    written = folder / FOLDER
    files = sorted((written if written.is_dir() else folder).glob("*.json"))
    if not files:
        raise DataError(
            f"{folder} holds no card; expected files that end in .json, as evaluate --card writes them to the folder "
            f"{FOLDER} of its output"
        )
    return [load(Card, file) for file in files]
