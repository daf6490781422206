"""``results.json``: results written, and read back as they were."""

from __future__ import annotations

from pathlib import Path

from charrobust.attackers.versions import CLEAN, WORST
from charrobust.errors import DataError
from charrobust.scoring.evaluation.results import LanguageScore, Results, Score, SearchScore, SplitScore, Transfer
from charrobust.scoring.stored import load, save

FILE = "results.json"


def write_results(results: Results, path: str | Path) -> Path:
    """Write results, under a temporary name first.

    Args:
        results: The results.
        path: The file, or the folder that is to hold ``results.json``.

    Returns:
        The file.

    Raises:
        UserError: The file cannot be written.
    """
    file = _file(Path(path))
    save(results, file)
    return file


def _file(path: Path) -> Path:
    """Return the file of results: a path, or what a folder holds."""
    return path / FILE if path.is_dir() else path


def read_results(path: str | Path) -> Results:
    """Read results that :func:`write_results` wrote.

    Args:
        path: The file, or the folder that holds ``results.json``.

    Returns:
        The results.

    Raises:
        DataError: The file cannot be read, holds something else, or is of another version.
    """
    file = _file(Path(path))
    if file != Path(path) and not file.exists():
        raise DataError(f"{path} holds no {FILE}; give a folder that charrobust evaluate or score wrote")
    results = load(Results, file)
    if not results.metrics:
        raise DataError(f"{file} names no metric; write it anew")
    systems = {system.name for system in results.systems}
    attacks = {attack.name for attack in results.attacks} | {WORST}
    rows: list[Score | SplitScore | SearchScore | Transfer | LanguageScore] = [
        *results.scores,
        *results.splits,
        *results.searches,
        *results.transfers,
        *results.languages,
    ]
    scored_systems = {row.system for row in rows}
    scored_attacks = {row.attack for row in rows}
    for comparison in results.comparisons:
        scored_systems |= {comparison.first, comparison.second}
        scored_attacks.add(comparison.attack)
    scored_systems |= {transfer.against for transfer in results.transfers}
    for name, unknown in (("system", scored_systems - systems), ("attack", scored_attacks - attacks)):
        if unknown:
            raise DataError(f"{file} has scores of an unknown {name}: {', '.join(sorted(unknown))}; write it anew")
    _check_clean(results, systems, file)
    return results


def _check_clean(results: Results, systems: set[str], file: Path) -> None:
    """Refuse results in which a system has no clean score, which the others are compared with.

    Raises:
        DataError: With the systems.
    """
    main = (CLEAN, results.metrics[0])
    scored = {score.system for score in results.scores if (score.attack, score.metric) == main}
    if results.scores and systems - scored:
        raise DataError(f"{file} lacks the clean score of {', '.join(sorted(systems - scored))}; write it anew")
