"""Which task a data set is for, told by its columns where nobody names it."""

from __future__ import annotations

from collections.abc import Sequence

from charrobust.datasets.options import DataOptions
from charrobust.errors import UserError
from charrobust.tasks.base import Task
from charrobust.tasks.records import Place, Record
from charrobust.tasks.registry import task_classes, task_names
from charrobust.tasks.text_columns import TextColumns

_LOOKED_AT = 1000  # so many records tell the columns


def filled(records: Sequence[Record]) -> Record:
    """Return the first record; what is not there or empty in it is that of the first record that has it.

    So a record without a label, such as one of which nobody knows what is right, does not hide the others' column.

    Args:
        records: The records, at least one.

    Returns:
        A record with all columns.
    """
    whole = dict(records[0])
    for record in records[1:_LOOKED_AT]:
        for column, value in record.items():
            if _is_empty(whole.get(column)):
                whole[column] = value
    return whole


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str | list | tuple | dict) and not value)


def told_by_columns(record: Record, place: Place, options: DataOptions) -> type[Task]:
    """Return the task that the columns of a data set tell.

    Args:
        record: A record with all columns.
        place: Where it stands.
        options: What is said of the data set.

    Returns:
        The only task that takes such a record for one of its own.

    Raises:
        UserError: None does, or several do.
    """
    texts, targets = options.columns
    seen = {column: value for column, value in record.items() if column not in options.plain_columns}
    label = TextColumns.find_label(seen, texts, targets)
    # What can be of no other task goes first, as it does where another task is named.
    found = [task for task in task_classes() if task.claims(seen, label)]
    if not found:
        found = [task for task in task_classes() if task.recognises(seen, named=texts, target=targets)]
    if len(found) == 1:
        return found[0]
    columns = ", ".join(map(str, record))
    if found:
        names = " or ".join(task.name for task in found)
        raise UserError(f"{place.source}: by its columns ({columns}) the task may be {names}; say which with `task`")
    problem = f"{place.source}: its columns ({columns}) do not tell what it is"
    remedy = "name the column of the texts with `text_column`, or say what it is with `task`"
    if place.source.removesuffix(".gz").endswith((".csv", ".tsv")) and not options.no_header:
        problem += ", or are no header (then set `no_header`)"
    raise UserError(f"{problem}; {remedy}: {', '.join(task_names())}")


def told_note(name: str, task: Task) -> str:
    """Say which task was told.

    Args:
        name: Name of the data set.
        task: The task.

    Returns:
        A sentence.
    """
    columns = f"texts: {', '.join(task.changed)}"
    if task.target_column is not None:
        columns += f"; targets: {task.target_column}"
    return f"{name}: by its columns the task is {task.name} ({columns}); `task` names another"
