"""``results.json``: results written, and read back as they were."""

from __future__ import annotations

from pathlib import Path

from charrobust.attackers.versions import CLEAN, WORST
from charrobust.errors import DataError
from charrobust.scoring.evaluation.results import Comparison, Results
from charrobust.scoring.stored import load, save

FILE = "results.json"


def write_results(results: Results, path: Path) -> Path:
    """Write results, under a temporary name first.

    Args:
        results: The results.
        path: The file, or the folder that is to hold ``results.json``.

    Returns:
        The file.

    Raises:
        UserError: The file cannot be written.
    """
    file = path / FILE if path.is_dir() else path
    save(results, file)
    return file


def read_results(path: Path) -> Results:
    """Read results that :func:`write_results` wrote.

    Args:
        path: The file, or the folder that holds ``results.json``.

    Raises:
        DataError: The file cannot be read, holds something else, or is of another version.
    """
    file = path / FILE if path.is_dir() else path
    found = load(Results, file)
    systems, attacks = {system.name for system in found.systems}, {WORST, *(attack.name for attack in found.attacks)}
    for name, known in (("system", systems), ("attack", attacks)):
        told = {getattr(row, name) for row in (*found.scores, *found.splits)}
        told |= {side for row in found.comparisons for side in _told(row, name)}
        if told - known:
            raise DataError(f"{file} has scores of an unknown {name}: {', '.join(sorted(told - known))}; write it anew")
    scored = {score.system for score in found.scores if (score.attack, score.metric) == (CLEAN, found.metrics[0])}
    if found.scores and systems - scored:
        raise DataError(f"{file} lacks the clean score of {', '.join(sorted(systems - scored))}; write it anew")
    return found


def _told(row: Comparison, name: str) -> tuple[str, ...]:
    return (row.first, row.second) if name == "system" else (row.attack,)
