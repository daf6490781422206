"""Edits of versions that were made before, as an edit log tells them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path

from charrobust.attackers.versions import FieldEdit, edits_in_example
from charrobust.datasets.dataset import DataSet
from charrobust.datasets.edit_log import EditLog
from charrobust.errors import DataError
from charrobust.tasks.examples import Example
from charrobust.tasks.records import LoggedEdit

_ENDS = (".edits.parquet", ".edits.jsonl", ".edits.jsonl.gz")  # of the name of a log that lies beside its data


def log_beside(path: Path) -> EditLog | None:
    """Open the edit log that lies beside attacked data: ``NAME.edits.parquet`` or ``NAME.edits.jsonl``.

    Args:
        path: The attacked data, ``NAME`` with a suffix.

    Returns:
        The log; None where there is none.

    Raises:
        DataError: It is none of charrobust.
    """
    stem = Path(path.name.removesuffix(".gz")).stem
    for end in _ENDS:
        beside = path.with_name(f"{stem}{end}")
        if beside != path and beside.is_file():
            return EditLog(beside)
    return None


def edits_in(log: EditLog, data: DataSet) -> Callable[[int], tuple[FieldEdit, ...]]:
    """Return what tells the edits of an example by its number.

    Args:
        log: The edits of all records.
        data: The clean data.

    Returns:
        A function; it reads the log when it is first called.
    """

    @functools.cache
    def by_row() -> dict[int, list[LoggedEdit]]:
        # Only when an example is shown: without a report no log stays in memory.
        return dict(log.by_row())

    def edits(number: int) -> tuple[FieldEdit, ...]:
        logged = by_row().get(data.record_of(number).first, ())
        return edits_in_example(data.task, data.examples[number], logged)

    return edits


def check_fits(log: EditLog, data: DataSet, attacked: Sequence[Example]) -> None:
    """Check that a log is that of some attacked data.

    Args:
        log: The log.
        data: The clean data.
        attacked: The attacked examples.

    Raises:
        DataError: It is not; with the first edit that finds other texts.
    """
    by_row = dict(log.by_row())
    for number, (clean, changed) in enumerate(zip(data.examples, attacked, strict=True)):
        for logged in by_row.get(data.record_of(number).first, ()):
            field = data.task.text_of_edit(logged, clean)
            if field is not None:
                edit = logged.edit
                _check_text(log, logged.row, edit.old_text, clean.texts[field][slice(*edit.old)])
                _check_text(log, logged.row, edit.new_text, changed.texts[field][slice(*edit.new)])


def _check_text(log: EditLog, row: int, expected: str, got: str) -> None:
    if expected != got:
        raise DataError(
            f"{log.path} is not the edit log of these data: in record {row} it has {expected!r:.60} where the text has "
            f"{got!r:.60}; write data and log anew, or give the log another name"
        )
