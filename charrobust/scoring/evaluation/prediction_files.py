"""Files of predictions that were made elsewhere: which is for which version, and what rows say of which example."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from charrobust.attackers.versions import Version
from charrobust.datasets.dataset import DataSet
from charrobust.datasets.formats import SUFFIXES, Delimited, format_of, suffix_of
from charrobust.datasets.formats.base import decode, line_blocks
from charrobust.errors import DataError, UserError
from charrobust.scoring.attacked_folder.manifest import Part
from charrobust.tasks.answers import shortened
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.records import Batch, Place, Record

PREDICTION = "prediction"
LABEL = "label"  # the column of predictions where there is no other
IDS = ("id", "_id")
TEXT = ".txt"
DEFAULT_NAME = "predictions"


@dataclass(frozen=True)
class GivenSystem:
    """The files of a system.

    Attributes:
        name: Its name.
        files: What each is for, and the file; in the order of the versions.
    """

    name: str
    files: tuple[tuple[Part, Path], ...]


@dataclass(frozen=True)
class _Row:
    """A row of a file, and where it stands."""

    record: Record
    place: Place


def find_systems(parts: Sequence[Part], given: Sequence[str | Path], name: str | None = None) -> list[GivenSystem]:
    """Say which file holds whose predictions for which version.

    Args:
        parts: What there are to be predictions for.
        given: ``FILE``, ``VERSION=FILE`` or ``[NAME=]FOLDER``.
        name: Name of the system whose files are given one by one; None for ``predictions``.

    Returns:
        The systems, each with a file for each part.

    Raises:
        UserError: Nothing of that name, a file that is for no part, a part without a file or with two, or two systems
            of one name.
    """
    named = [_named(text) for text in given]
    files = [pair for pair in named if not pair[1].is_dir()]
    systems: list[GivenSystem] = []
    if files:
        systems.append(_of_files(parts, files, name or DEFAULT_NAME))
    elif name is not None:
        raise UserError("`name` is that of a system whose files are given one by one; of a folder write NAME=FOLDER")
    for own_name, folder in named:
        if folder.is_dir():
            systems.append(_of_folder(parts, folder, own_name or folder.resolve().name))
    if not systems:
        raise UserError("there are no `predictions` to score; give a file for each version, or a folder of them")
    names = [system.name for system in systems]
    for twice in names:
        if names.count(twice) > 1:
            raise UserError(f"two systems are called {twice!r}; tell them apart with NAME=FOLDER or `name`")
    return systems


def _named(given: str | Path) -> tuple[str | None, Path]:
    """Take ``[NAME=]PATH`` apart.

    Raises:
        UserError: There is no such path.
    """
    text = str(given)
    if Path(text).exists():
        return None, Path(text)
    name, equals, path = text.partition("=")
    if name and equals and Path(path).exists():
        return name, Path(path)
    raise UserError(
        f"predictions {text!r}: there is no such file or folder; expected FILE, VERSION=FILE or [NAME=]FOLDER"
    )


def _of_files(parts: Sequence[Part], files: Sequence[tuple[str | None, Path]], name: str) -> GivenSystem:
    """Return the system of files that are given one by one.

    Raises:
        UserError: A file is of no version, or two are of one.
    """
    found: dict[Part, Path] = {}
    for version, path in files:
        part = _part_called(parts, version or _stem(path))
        if part is None:
            told = f"there is no version {version!r}" if version else "its name is that of no version"
            raise UserError(f"{path}: {told}; expected one of {_listed(parts)}; or name it with VERSION=FILE")
        if part in found:
            raise UserError(f"there are two files of predictions for {part.stem!r}: {found[part]} and {path}")
        found[part] = path
    return _whole(parts, found, name, given=", ".join(str(path) for _, path in files))


def _of_folder(parts: Sequence[Part], folder: Path, name: str) -> GivenSystem:
    """Return the system of a folder; files in it that are for no version are passed over.

    Raises:
        UserError: Two files are for one version.
    """
    found: dict[Part, Path] = {}
    paths = [path for path in sorted(folder.iterdir()) if suffix_of(path) in (*SUFFIXES, TEXT)]
    for path in paths:
        part = _part_called(parts, _stem(path))
        if part in found:
            raise UserError(f"{folder}: two files hold predictions for {part.stem!r}: {found[part].name}, {path.name}")
        if part is not None:
            found[part] = path
    return _whole(parts, found, name, given=", ".join(path.name for path in paths) or f"nothing in {folder}")


def _whole(parts: Sequence[Part], found: Mapping[Part, Path], name: str, *, given: str) -> GivenSystem:
    """Return a system, if it has a file for each part.

    Raises:
        UserError: With the part that has none.
    """
    missing = [part for part in parts if part not in found]
    if missing:
        raise UserError(
            f"system {name!r} has no predictions for {_listed(missing)}; expected a file for each of {_listed(parts)}, "
            f"such as {parts[0].stem}.csv; got {given}"
        )
    return GivenSystem(name, tuple((part, found[part]) for part in parts))


def _part_called(parts: Sequence[Part], name: str) -> Part | None:
    """Return the part of a file's name, or of a version's name where that has one draw alone."""
    for part in parts:
        if part.stem == name:
            return part
    of_version = [part for part in parts if part.version == name]
    return of_version[0] if len(of_version) == 1 else None


def _listed(parts: Sequence[Part]) -> str:
    return ", ".join(repr(part.stem) for part in parts)


def _stem(path: Path) -> str:
    """Return the name of a file without its suffix and ``.gz``."""
    return Path(path.name.removesuffix(".gz")).stem


def read_answers(system: GivenSystem, data: DataSet, versions: Sequence[Version]) -> dict[str, list[list[Prediction]]]:
    """Read the predictions of a system.

    Args:
        system: Its files.
        data: The clean data set.
        versions: Its versions.

    Returns:
        By version, the predictions of each draw, in the order of the examples.

    Raises:
        UserError: A file is of no known format.
        DataError: A prediction is missing, given twice, or none of the task; with its place.
    """
    said: dict[str, list[list[Prediction]]] = {version.name: [] for version in versions}
    draws = {version.name: iter(version.draws) for version in versions}
    for part, path in system.files:
        said[part.version].append(_predictions_in(path, data, next(draws[part.version])))
    return said


def _predictions_in(path: Path, data: DataSet, examples: Sequence[Example]) -> list[Prediction]:
    """Read a file.

    Args:
        path: The file.
        data: The data set, whose records tell the ids.
        examples: The examples of the version, of which the rows speak.

    Raises:
        DataError: It holds none, or not one for each example.
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
