"""``results.json``: results written, and read back as they were."""

from __future__ import annotations

from pathlib import Path

from charrobust.scoring.evaluation.results import Results
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
    return load(Results, path / FILE if path.is_dir() else path)
