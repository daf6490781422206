"""Rows of files of predictions: which example each speaks of, and what it says of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from charrobust.datasets.dataset import DataSet
from charrobust.datasets.formats import Delimited, format_of, suffix_of
from charrobust.datasets.formats.base import decode, line_blocks
from charrobust.errors import DataError, UserError
from charrobust.tasks.answers import shortened
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.records import Batch, Place, Record

PREDICTION = "prediction"
LABEL = "label"  # the column of predictions where there is no other
IDS = ("id", "_id")
TEXT = ".txt"


@dataclass(frozen=True)
class _Row:
    """A row of a file, and where it stands."""

    record: Record
    place: Place


def predictions_in(path: Path, data: DataSet, examples: Sequence[Example]) -> list[Prediction]:
    """Read a file of predictions.

    Args:
        path: The file.
        data: The data set, whose records tell the ids.
        examples: The examples of the version, of which the rows speak.

    Returns:
        The prediction for each example, in order.

    Raises:
        UserError: The file is of no known format.
        DataError: It holds none, or not one for each example, or one is none of the task; with its place.
    """
    rows = list(_rows(path))
    if not rows:
        raise DataError(f"{path} holds no predictions; expected {len(data)}")
    columns = rows[0].record
    column = _prediction_column(rows[0], data.task)
    id_column = next((name for name in (getattr(data.task, "id_column", None), *IDS) if name in columns), None)
    chosen = _in_order(rows, path, data) if id_column is None else _by_id(rows, path, data, id_column)
    said: list[Prediction] = []
    for row, example in zip(chosen, examples, strict=True):
        try:
            said.append(_prediction(row.record.get(column), data, example))
        except UserError as error:
            name = example.id if id_column is None else row.record[id_column]
            raise row.place.error(f"column {column!r}, id {name!r}: {error}") from error
    return said


def _rows(path: Path) -> Iterator[_Row]:
    """Go through the rows of a file; of a text file each is a prediction."""
    if suffix_of(path) == TEXT:
        for first, lines, _ in line_blocks(path, choosable=False):
            for number, line in enumerate(lines, first):
                text = decode(line, path, number, mark_allowed=True).removeprefix("\ufeff").rstrip("\r\n")
                yield _Row({PREDICTION: text}, Place(str(path), f"line {number}"))
        return
    # Programs that write tables quote fields in TSV files as in CSV files, unlike the data sets that are read so.
    table = Delimited(path, delimiter="\t") if suffix_of(path) == ".tsv" else format_of(path)
    for block in table.blocks():
        for _, record, place in table.parse(block).rows():
            yield _Row(record, place)


def _prediction_column(row: _Row, task: Task) -> str:
    """Return the column that holds predictions.

    Raises:
        DataError: There is none, or what might be one rather holds what is right.
    """
    columns = ", ".join(map(str, row.record))
    if PREDICTION in row.record:
        return PREDICTION
    if LABEL not in row.record:
        raise row.place.error(f"expected a column {PREDICTION!r}, got the columns {columns}")
    # A copy of the data set has labels, too: those that are right.
    if any(name in row.record for name in task.changed):
        raise row.place.error(
            f"expected a column {PREDICTION!r}, got the columns {columns}; beside a text, {LABEL!r} holds what is right"
        )
    return LABEL


def _in_order(rows: Sequence[_Row], path: Path, data: DataSet) -> list[_Row]:
    """Return the row of each example, by the order of the file.

    Raises:
        DataError: There are more or fewer.
    """
    total = sum(len(list(data.task.examples(batch))) for batch in data.batches)
    if len(rows) == total:
        return [rows[position] for position in data.positions]
    # Examples of which nobody knows what is right need no prediction.
    if len(rows) == len(data):
        return list(rows)
    raise DataError(
        f"{path}: expected {total} predictions, one for each example of {data.name} in order, got {len(rows)}, the "
        f"last in {rows[-1].place.line}; a column 'id' would tell which is missing"
    )


def _by_id(rows: Sequence[_Row], path: Path, data: DataSet, column: str) -> list[_Row]:
    """Return the row of each example, by its id.

    Raises:
        DataError: An id is missing, unknown or given twice.
    """
    ids = ids_of(data, column)
    if [str(row.record.get(column)) for row in rows] == ids:
        # All of them in order, as `predict` writes them: no two need to differ.
        return [rows[position] for position in data.positions]
    known = {name: number for number, name in enumerate(ids)}
    if len(known) < len(ids):
        twice = next(name for number, name in enumerate(ids) if known[name] != number)
        raise DataError(
            f"{path}: cannot tell examples by {column!r}, as two of {data.name} have the id {twice!r}; leave out the "
            "column, and give a prediction for each example in order"
        )
    found: dict[int, _Row] = {}
    for row in rows:
        name = _id_in(row, column)
        number = known.get(name)
        if number is None:
            known_ids = f"the {len(ids)} ids of {data.name}: {', '.join(map(repr, islice(ids, 3)))}, ..."
            remedy = "without this column, predictions are taken in order"
            raise row.place.error(f"column {column!r}: {name!r} is none of {known_ids}; {remedy}")
        if number in found:
            raise row.place.error(f"column {column!r}: the id {name!r} stands in {found[number].place.line} already")
        found[number] = row
    missing = [ids[position] for position in data.positions if position not in found]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise DataError(
            f"{path}: expected a prediction for each example of {data.name}, got none for id {missing[0]!r}{more}"
        )
    return [found[position] for position in data.positions]


def _id_in(row: _Row, column: str) -> str:
    """Return the id of a row.

    Raises:
        DataError: It has none.
    """
    value = row.record.get(column)
    if is_missing(value):
        raise row.place.error(f"column {column!r}: expected an id, got nothing")
    # As a column of numbers with gaps, or of a data frame, has them.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def ids_of(data: DataSet, column: str) -> list[str]:
    """Return the ids of all examples, those without a target among them.

    A column of the records tells them where it has that name, also where no attack was told so; else an example is
    called as everywhere: by its question's id, or by its number.

    Args:
        data: The data set.
        column: Name of the column.

    Returns:
        An id for each example of the records, in order.
    """
    ids: list[str] = []
    for number, record, place in (row for batch in data.batches for row in batch.rows()):
        names = [example.id for example in data.task.examples(Batch(number, [record], [place]))]
        ids += [str(record[column])] if len(names) == 1 and column in record else names
    return ids


def _prediction(value: Any, data: DataSet, example: Example) -> Prediction:
    """Return what a cell says."""
    # What data frames write for a missing value where they are told to write something.
    if isinstance(value, str) and value.strip().lower() == "nan" and value not in data.classes:
        value = None
    return prediction_in(data.task, value, example)


def prediction_in(task: Task, answer: Any, example: Example) -> Prediction:
    """Return what an answer of elsewhere predicts.

    Args:
        task: The task.
        answer: A cell of a table, or a plain value.
        example: The example.

    Returns:
        The prediction, in the shape that the task defines.

    Raises:
        UserError: There is no answer, or it is none of the task.
    """
    if is_missing(answer):
        # Of a sentence without tokens, nothing is all there is to say.
        if not task.may_answer_nothing and example.texts:
            raise UserError("expected a prediction, got nothing")
        answer = ""
    prediction = task.prediction_of(answer, example)
    if not task.is_prediction(prediction, example):
        raise UserError(f"expected a prediction of the task {task.name!r}, got {shortened(answer)}")
    return prediction


def is_missing(value: object) -> bool:
    """Tell whether a value says nothing: None, NaN or blank."""
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or (isinstance(value, str) and not value.strip())
