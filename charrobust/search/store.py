"""Outcomes of searches, kept as each record is done, so that a search that was killed goes on.

A folder holds files for each search, named by a digest of all that its outcomes depend on beside the record: the
system, the attack, the search and its limits. Each line holds the outcome of a record, known by its content. So what
was found for another system, or with another budget, is never taken for this search.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from charrobust import __version__
from charrobust.errors import DataError
from charrobust.json_text import parse_json
from charrobust.perturb import Attack
from charrobust.search.outcomes import Outcome
from charrobust.search.states import Limits
from charrobust.search.strategy import Search
from charrobust.search.units import Unit
from charrobust.systems.kept_lines import KeptLines, Line
from charrobust.systems.system import System
from charrobust.tasks.base import Task

_COUNTS = ("queries", "candidates", "distinct", "certified")
_AT_SUCCESS = ("queries_at_success", "edits_at_success")  # numbers of what lost ground; None of what did not


class Store:
    """What one search found, by record."""

    def __init__(self, lines: KeptLines | None) -> None:
        """Open the store, and read what is there.

        Args:
            lines: Where it is kept; None keeps nothing.

        Raises:
            DataError: A line is damaged.
        """
        self._lines = lines
        self._known: dict[str, dict[str, Any]] = {}
        if lines is not None:
            lines.read_into(self._known, _parsed)

    def known(self, unit: Unit) -> Outcome | None:
        """Return what was found in a record; None where it is not known yet.

        Args:
            unit: The record.

        Returns:
            The outcome.

        Raises:
            DataError: It cannot be one of that record.
        """
        row = self._known.get(unit.key)
        if row is None:
            return None
        values = {name: value for name, value in row.items() if name != "key"}
        state = tuple(values.pop("state"))
        if any(not 0 <= move < len(unit.moves) for move in state):
            raise self._damaged(f"{unit.place.line} has {len(unit.moves)} moves, and {list(state)} were found")
        clean, is_right = unit.clean.score, unit.is_right
        return Outcome(examples=unit.numbers, right_before=is_right, clean=clean, state=state, **values)

    def add(self, pairs: Sequence[tuple[Unit, Outcome]]) -> None:
        """Keep what was found.

        Args:
            pairs: Records, with their outcomes.
        """
        if self._lines is not None and pairs:
            self._lines.append(_row(unit, outcome) for unit, outcome in pairs)

    def _damaged(self, problem: str) -> DataError:
        files = None if self._lines is None else self._lines.files
        return DataError(f"{files}: {problem}; remove the files, to search anew")


def open_store(
    folder: str | Path | None,
    system: System,
    task: Task,
    attack: Attack,
    *,
    search: Search,
    limits: Limits,
    seed: int,
) -> Store:
    """Open the store of a search.

    Args:
        folder: Where outcomes are kept; None keeps nothing, and so does a system that cannot be told from others.
        system: The system.
        task: The task, with the columns of the data: which of them are edited, and what of them stays.
        attack: The attack.
        search: The search.
        limits: What it may do.
        seed: Seed of the search.

    Returns:
        The store.

    Raises:
        DataError: A line in it is damaged.
    """
    if folder is None or not system.reusable:
        return Store(None)
    # The attack's seed is among them: of lists that are longer than what is drawn of them it chooses the candidates.
    of_attack = [attack.recipe.digest, attack.seed, attack.protect_patterns]
    of_search = [search.name, asdict(search), asdict(limits), seed]
    of_task = [task.name, asdict(task)]
    parts = json.dumps([system.fingerprint, of_task, of_attack, of_search, __version__], sort_keys=True, default=str)
    return Store(KeptLines(Path(folder), f"search-{hashlib.sha256(parts.encode()).hexdigest()[:32]}"))


def _row(unit: Unit, outcome: Outcome) -> dict[str, Any]:
    """Return a line of the store: what does not follow from the record and its clean form."""
    row = asdict(outcome)
    for name in ("examples", "right_before", "clean"):
        del row[name]
    return {"key": unit.key, **row}


def _parsed(line: Line) -> tuple[str, dict[str, Any]]:
    """Read a line: the key of a record, and what was found in it.

    Raises:
        DataError: It is damaged.
    """
    try:
        row = parse_json(line.content)
        _check(row)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{line.path}, line {line.number}: no outcome of a search; remove the file, to search anew"
        ) from error
    return row["key"], row


def _check(row: Any) -> None:
    """Check that a line has all that an outcome needs, and nothing else.

    Raises:
        TypeError: It does not.
    """
    at_success = [row[name] for name in _AT_SUCCESS if row[name] is not None]
    counts = [row[name] for name in _COUNTS] + list(row["state"]) + at_success
    typed: list[tuple[type, Any]] = [(int, count) for count in counts]
    typed += [(float, row["found"]), (float, row["seconds"]), (bool, row["success"]), (str, row["key"])]
    known = {"key", "found", "seconds", "success", "state", *_AT_SUCCESS, *_COUNTS}
    if row.keys() != known or not all(type(value) is kind for kind, value in typed):
        raise TypeError("expected the fields of an outcome")
