"""An attacked data set back to what it was, by its edit log."""

from __future__ import annotations

from pathlib import Path

from charrobust.datasets.attack_file import check_distinct
from charrobust.datasets.edit_log import EditLog
from charrobust.datasets.formats import Format
from charrobust.errors import DataError
from charrobust.files import replacing
from charrobust.progress import Progress, no_progress
from charrobust.tasks.base import Task
from charrobust.tasks.records import LoggedEdit


def revert_file(source: Format, task: Task, edits: EditLog, *, output: Path, progress: Progress = no_progress) -> int:
    """Undo an attack.

    Args:
        source: The attacked data set.
        task: Its task and columns.
        edits: The log of the attack.
        output: File to write.
        progress: See :data:`charrobust.progress.Progress`.

    Returns:
        The number of edits undone.

    Raises:
        DataError: The log does not fit the data set; nothing is left behind then.
    """
    check_distinct(input=source.path, log=edits.path, output=output)
    rows = edits.by_row()
    # Log and data are in the same order, so both stream: `waiting` is the next record that has edits.
    waiting = next(rows, None)
    count, total = 0, source.total()
    with replacing(output, like=source.path) as temporary, source.writer(temporary) as writer:
        for block in source.blocks():
            batch = source.parse(block)
            restored = []
            for number, record, place in batch.rows():
                record_edits: list[LoggedEdit] = []
                if waiting is not None and waiting[0] == number:
                    record_edits = waiting[1]
                    waiting = next(rows, None)
                count += len(record_edits)
                restored.append(task.restore(record, record_edits, place))
            writer.write(source.render(block, restored, task.changed))
            progress("revert", block.position, total, {})
        # Still inside, so that an output which is not the original never gets its name.
        if waiting is not None:
            raise DataError(f"{source.path}: the edit log goes on at record {waiting[0]}, where the data set has ended")
    return count
