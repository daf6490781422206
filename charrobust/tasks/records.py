"""What tasks and formats share: records, their places in a file, and the edits made to them."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from operator import attrgetter
from typing import Any

from charrobust.errors import DataError, hint
from charrobust.perturb import Edit, EditTable, Tally, revert
from charrobust.tasks.nesting import is_too_deep

Record = dict[str, Any]
_ALIKE = 0.75  # "lable" and "label" are; "pos_tags" and "ner_tags" are not


@dataclass(frozen=True)
class Place:
    """Where a record stands, for error messages.

    Attributes:
        source: The file or data set.
        line: ``line 12``, ``row 12``, ``paragraph 3 of article 1`` ...
    """

    source: str
    line: str

    def error(self, problem: str) -> DataError:
        """Return an error that starts with the place."""
        return DataError(f"{self.source}, {self.line}: {problem}")


@dataclass(frozen=True)
class LinePlaces(Sequence[Place]):
    """Places of records, of which each has a line; made on access, as few are ever looked at.

    Attributes:
        source: The file.
        numbers: The number of each record's line.
    """

    source: str
    numbers: Sequence[int]

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, number: Any) -> Any:
        """Return one place, or a list of them for a slice."""
        if isinstance(number, slice):
            return [Place(self.source, f"line {line}") for line in self.numbers[number]]
        return Place(self.source, f"line {self.numbers[number]}")


@dataclass(frozen=True)
class Batch:
    """Some consecutive records of a data set.

    Attributes:
        first: Number of the first record in the data set.
        records: The records, the fields of a task among them.
        places: Where each record stands.
        numbers: The number of each record in the data set, where they do not follow one on the other.
    """

    first: int
    records: list[Record]
    places: Sequence[Place]
    numbers: Sequence[int] | None = None

    def rows(self) -> Iterator[tuple[int, Record, Place]]:
        """Go through (number in the data set, record, place)."""
        yield from zip(self.row_numbers, self.records, self.places, strict=True)

    @property
    def row_numbers(self) -> Sequence[int]:
        """The number of each record in the data set."""
        return self.numbers or range(self.first, self.first + len(self.records))

    def part(self, chosen: Sequence[int]) -> Batch:
        """Return some of its records, by their places in the batch, at least one; they keep their numbers."""
        rows = list(self.rows())
        numbers, records, places = zip(*map(rows.__getitem__, chosen), strict=True)
        return Batch(numbers[0], list(records), list(places), numbers)


@dataclass(frozen=True)
class LoggedEdit:
    """One row of an edit log.

    Attributes:
        row: Number of the record in the data set.
        example: The record's (for question answering, the question's) id, or the number as a string.
        field: The field of the record.
        edit: The edit; ``edit.word`` counts words of a text or tokens of a sentence.
    """

    row: int
    example: str
    field: str
    edit: Edit


@dataclass
class Perturbation:
    """What an attack made of a batch.

    Attributes:
        records: The attacked records.
        tally: What happened to the words.
        logs: The edits of each attacked field.
    """

    records: list[Record]
    tally: Tally = field(default_factory=Tally)
    logs: list[FieldLog] = field(default_factory=list)

    def note(self, entries: Entries, edits: EditTable, tally: Tally) -> None:
        """Add the outcome of one call of an attack; ``entries`` tell what its examples are."""
        self.logs.append(FieldLog(entries, edits))
        self.tally.add(tally)

    def edits(self) -> list[LoggedEdit]:
        """Return all edits, by record."""
        found = [edit for log in self.logs for edit in log.edits()]
        # A stable sort: within a record, edits keep the order in which its fields were attacked.
        return sorted(found, key=lambda logged: logged.row)


@dataclass(frozen=True)
class Entry:
    """What an attacked text is in its data set.

    Attributes:
        row: Number of the record.
        example: Name of the example: an id, or else the number, alone or with more behind it.
        field: The field.
        numbered: Whether the name is the number, for want of an id.
    """

    row: int
    example: str
    field: str
    numbered: bool = False


@dataclass(frozen=True)
class Entries(Sequence[Entry]):
    """Entries in columns; see :class:`Entry`."""

    rows: Sequence[int]
    examples: Sequence[str]
    fields: Sequence[str]
    numbered: Sequence[bool]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Entries:
        """Put entries into columns."""
        return cls(
            rows=list(map(attrgetter("row"), entries)),
            examples=list(map(attrgetter("example"), entries)),
            fields=list(map(attrgetter("field"), entries)),
            numbered=list(map(attrgetter("numbered"), entries)),
        )

    def select(self, numbers: Sequence[int]) -> Entries:
        """Return the entries of some numbers alone."""
        return Entries(
            rows=list(map(self.rows.__getitem__, numbers)),
            examples=list(map(self.examples.__getitem__, numbers)),
            fields=list(map(self.fields.__getitem__, numbers)),
            numbered=list(map(self.numbered.__getitem__, numbers)),
        )

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: Any) -> Any:
        """Return one entry, or a list of them for a slice."""
        if isinstance(number, slice):
            return list(map(self.__getitem__, range(*number.indices(len(self)))))
        return Entry(self.rows[number], self.examples[number], self.fields[number], self.numbered[number])


@dataclass(frozen=True)
class FieldLog:
    """Edits of some entries."""

    entries: Entries
    table: EditTable

    def edits(self) -> Iterator[LoggedEdit]:
        """Go through the edits."""
        for number, example in enumerate(self.table.example.tolist()):
            # The table numbers the texts of one call of the attack; the entry says which record such a text is of.
            entry = self.entries[example]
            yield LoggedEdit(entry.row, entry.example, entry.field, self.table.row(number))


def require(record: Record, column: str, kind: type[str] | type[list[Any]], place: Place) -> Any:
    """Return a field of a record.

    Args:
        record: The record.
        column: Name of the column.
        kind: The type that its value must have.
        place: Where the record stands.

    Returns:
        The value.

    Raises:
        DataError: The column is missing (with the closest name) or its value is of another type.
    """
    if column not in record:
        raise place.error(f"column {column!r} is missing; {hint(column, map(str, record))}")
    value = record[column]
    if not isinstance(value, kind):
        wanted = "text" if kind is str else "a list"
        raise place.error(f"column {column!r} must be {wanted}, got {value!r}")
    return value


def check_not_misspelt(record: Record, column: str, place: Place) -> None:
    """Refuse a record that lacks a column and has one of nearly its name; without any it is a record without a label.

    Args:
        record: The record.
        column: The column that it should have.
        place: Where it stands.

    Raises:
        DataError: With the name that it has.
    """
    if column not in record and get_close_matches(column, map(str, record), cutoff=_ALIKE):
        raise place.error(f"label column {column!r} is missing; {hint(column, map(str, record))}")


def names_of(batch: Batch, column: str | None) -> list[str] | None:
    """Return the ids of a batch's records, or None where no column holds them."""
    if column is None:
        return None
    if any(column not in record for record in batch.records):
        record, place = next((r, p) for _, r, p in batch.rows() if column not in r)
        raise place.error(f"column {column!r} (for ids) is missing; {hint(column, map(str, record))}")
    return [str(record[column]) for record in batch.records]


def entries_of(batch: Batch, ids: list[str] | None, column: str) -> Entries:
    """Return what the texts of a column are, one a record: named by their ids, or else by their numbers."""
    count = len(batch.records)
    rows = batch.row_numbers
    names = list(map(str, rows)) if ids is None else ids
    return Entries(rows, names, [column] * count, [ids is None] * count)


def restored_columns(record: Record, edits: Iterable[LoggedEdit], place: Place) -> Record:
    """Return a record with the edits undone whose fields are its columns of texts.

    Args:
        record: The attacked record.
        edits: Its edits.
        place: Where it stands.

    Returns:
        A record as before the attack.

    Raises:
        DataError: A column is missing or no text, or edits do not fit its text.
    """
    restored = dict(record)
    for column, column_edits in by_field(edits).items():
        text = require(record, column, str, place)
        try:
            restored[column] = revert(text, column_edits)
        except DataError as error:
            raise place.error(str(error)) from error
    return restored


def literal(text: str) -> Any:
    """Return the value that a text writes down, as JSON or Python does; the text itself where it writes none."""
    # Python's notation is that of a data frame written as CSV: ['joy', 'fear'], with single quotes. `literal_eval`
    # reads literals alone, so that nothing in a data set is ever run.
    for parse in (json.loads, ast.literal_eval):
        try:
            value = parse(text)
        # Brackets nested too deep exhaust either parser: such a text is no list, and no reason to stop.
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        return text if is_too_deep(value, text) else value
    return text


def by_field(edits: Iterable[LoggedEdit]) -> dict[str, list[Edit]]:
    """Group the edits of one record by field."""
    groups: dict[str, list[Edit]] = {}
    for logged in edits:
        groups.setdefault(logged.field, []).append(logged.edit)
    return groups
