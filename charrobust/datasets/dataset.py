"""Data sets in memory: examples, with the records that they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from charrobust.datasets.formats import Format
from charrobust.datasets.options import REFUSE, SKIP
from charrobust.errors import DataError, hint
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example
from charrobust.tasks.languages import language_counts
from charrobust.tasks.records import Batch, Place, Record

_SAMPLE_SEED = 20  # of samples and of what is held out: the same for all seeds of a run, so that they can be compared
_HELD_OUT = 10  # one of this many examples is held out
_LISTED = 5  # bad records that a message lists


@dataclass(frozen=True, eq=False)
class DataSet:
    """Examples, and the records that attacks change.

    Attributes:
        name: Name of the data set.
        task: Its task and columns.
        batches: The records.
        examples: What models read of them; at least one.
        owners: The (batch, record in it) that each example comes from; several questions may come from one.
        positions: The number of each example among all that the task reads of the records.
        limit: No more than this many examples were read; None for all.
        source: The format that they were read in; None for data that were in memory.
        unlabelled: Number of examples left out because nothing says what is right.
        skipped: What was wrong with each record that was left out, with its place.
        label_names: Names of the classes or tags of the data that these are a part of; empty for those of the examples.
        told: What a user should know of how it is understood, as a task that its columns told.
    """

    name: str
    task: Task
    batches: tuple[Batch, ...]
    examples: tuple[Example, ...]
    owners: tuple[tuple[int, int], ...]
    positions: tuple[int, ...]
    limit: int | None = None
    source: Format | None = None
    unlabelled: int = 0
    skipped: tuple[str, ...] = ()
    label_names: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.examples)

    def record_of(self, number: int) -> Batch:
        """Return the record of an example, as a batch of its own."""
        number, row = self.owners[number]
        batch = self.batches[number]
        return Batch(batch.first + row, [batch.records[row]], [batch.places[row]])

    def place_of(self, number: int) -> Place:
        """Return where the record of an example stands."""
        batch, row = self.owners[number]
        return self.batches[batch].places[row]

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The classes or tags, in the order of their numbers, others after them; none for tasks without labels."""
        return self.label_names or self.task.classes(example.target for example in self.examples)

    @cached_property
    def examples_by_language(self) -> dict[str, list[int]]:
        """The numbers of the examples of each language that a column of their records tells; none without one."""
        column = self.task.language_column
        if column is None:
            return {}
        found: dict[str, list[int]] = {}
        for number, (batch, row) in enumerate(self.owners):
            language = self.batches[batch].records[row].get(column)
            if language is not None:
                found.setdefault(str(language), []).append(number)
        return dict(sorted(found.items()))

    def notes(self) -> list[str]:
        """Return what a reader of results should know: how it is understood, examples and records left out."""
        notes = list(self.told)
        if self.unlabelled:
            examples, are = ("example", "is") if self.unlabelled == 1 else ("examples", "are")
            notes.append(f"{self.name}: {self.unlabelled:,} {examples} without {self.task.target_word} {are} left out")
        if self.skipped:
            listed = "; ".join(self.skipped[:_LISTED])
            more = f"; and {len(self.skipped) - _LISTED:,} more" if len(self.skipped) > _LISTED else ""
            notes.append(f"{self.name}: {len(self.skipped):,} bad records are left out: {listed}{more}")
        if self.task.language_column is not None:
            notes.append(f"{self.name}: {language_counts(self.batches, self.task.language_column)}")
        notes += [f"{self.name}: {remark}" for remark in self.task.remarks(self.examples)]
        return notes

    def sample(self, limit: int | None) -> DataSet:
        """Return no more than some examples, drawn at random, in order; the labels stay those of all."""
        if limit is None or limit >= len(self):
            return self
        # The beginning of one permutation: a larger sample of the same data holds every smaller one.
        chosen = np.sort(np.random.default_rng(_SAMPLE_SEED).permutation(len(self))[:limit])
        return self._part(self.name, chosen.tolist())

    def held_out(self) -> tuple[DataSet, DataSet]:
        """Take a tenth of the examples, at least one, as what is measured on.

        Returns:
            What is trained on, and what is measured on.

        Raises:
            DataError: There are less than two examples.
        """
        count = len(self)
        if count < 2:
            raise DataError(f"{self.name}: expected two examples or more, so that one can be held out, got {count}")
        order = np.random.default_rng(_SAMPLE_SEED).permutation(count)
        kept = set(order[: max(1, count // _HELD_OUT)].tolist())
        train = self._part(self.name, [number for number in range(count) if number not in kept])
        return train, self._part(f"a tenth of {self.name}", sorted(kept))

    def _part(self, name: str, numbers: Sequence[int]) -> DataSet:
        examples = tuple(self.examples[number] for number in numbers)
        owners = tuple(self.owners[number] for number in numbers)
        positions = tuple(self.positions[number] for number in numbers)
        part = replace(self, name=name, examples=examples, owners=owners, positions=positions)
        # A part may lack a class that the whole has; models must number the classes alike for both.
        return replace(part, label_names=self.classes)

    def excerpt(self, numbers: Sequence[int]) -> DataSet:
        """Return some examples with their records alone, a record for each, also where several come from one.

        Args:
            numbers: The numbers of the examples.

        Returns:
            The data set.
        """
        batches = tuple(map(self.record_of, numbers))
        chosen = tuple(self.examples[number] for number in numbers)
        positions = []
        seen = 0
        for example, batch in zip(chosen, batches, strict=True):
            of_record = list(self.task.examples(batch))
            positions.append(seen + of_record.index(example))
            seen += len(of_record)
        owners = tuple((number, 0) for number in range(len(batches)))
        return replace(
            self,
            batches=batches,
            examples=chosen,
            owners=owners,
            positions=tuple(positions),
            label_names=self.classes,
        )

    def with_records(self, records: Sequence[Sequence[Record]]) -> tuple[Example, ...]:
        """Return the examples with other records in the place of the data set's own.

        Args:
            records: The records of each batch.

        Returns:
            The examples, in the order of the data set.
        """
        examples: list[Example] = []
        for batch, changed in zip(self.batches, records, strict=True):
            # All examples of the records, also those that were left out for want of a target: positions count them.
            examples += self.task.examples(replace(batch, records=list(changed)))
        return tuple(examples[position] for position in self.positions)


@dataclass
class Gathering:
    """Examples that are read record by record.

    Attributes:
        task: The task.
        limit: No more than this many examples; None for all.
        labelled: Whether examples without a target are left out.
        bad_records: ``refuse`` or ``skip``.
        left_out: Number of bad records that were left out so far, those before the first one here among them: records
            are numbered as if they had never been there, which is how an attack writes them.
    """

    task: Task
    limit: int | None = None
    labelled: bool = True
    bad_records: str = REFUSE
    left_out: int = 0
    _batches: list[Batch] = field(default_factory=list)
    _examples: list[Example] = field(default_factory=list)
    _owners: list[tuple[int, int]] = field(default_factory=list)
    _positions: list[int] = field(default_factory=list)
    _seen: int = 0
    _skipped: list[str] = field(default_factory=list)
    _unlabelled: int = 0

    def add(self, batch: Batch) -> bool:
        """Take the examples of a batch.

        Args:
            batch: The records.

        Returns:
            Whether more examples are wanted.

        Raises:
            DataError: A record is not what the task asks for.
        """
        kept: list[Record] = []
        places: list[Place] = []
        first = batch.first - self.left_out
        for _, record, place in batch.rows():
            if self._left == 0:
                break
            # A record may hold more examples than are still wanted, as a paragraph with many questions does.
            shown = record if self._left is None else self.task.shortened(record, self._left)
            examples = self._read(first + len(kept), shown, place)
            if examples is not None:
                self._keep(examples, len(kept))
                kept.append(shown)
                places.append(place)
        self._batches.append(Batch(first, kept, places))
        return self._left != 0

    def _keep(self, examples: Sequence[Example], row: int) -> None:
        """Keep the examples of a record, those without a target only where that is wanted."""
        for example in examples:
            if example.target is None and self.labelled:
                self._unlabelled += 1
            else:
                self._examples.append(example)
                # The batch under way is added when it is done: until then, the length of the list is its number.
                self._owners.append((len(self._batches), row))
                self._positions.append(self._seen)
            self._seen += 1

    @property
    def is_empty(self) -> bool:
        """Whether there is no example yet."""
        return not self._examples

    @property
    def _left(self) -> int | None:
        """How many more examples are wanted; None for all."""
        return None if self.limit is None else self.limit - len(self._examples)

    def _read(self, row: int, record: Record, place: Place) -> list[Example] | None:
        """Return the examples of a record; None for a bad one that is skipped.

        Raises:
            DataError: It is not what the task asks for, and bad records are refused.
        """
        try:
            return list(self.task.examples(Batch(row, [record], [place])))
        except DataError as error:
            if self.bad_records != SKIP:
                raise
            self.skip(error)
            return None

    def skip(self, error: DataError) -> None:
        """Note a bad record that is left out."""
        self._skipped.append(str(error))
        self.left_out += 1

    def data_set(self, name: str, source: Format | None = None) -> DataSet:
        """Return the examples that were read, as a data set.

        Args:
            name: Its name.
            source: The format that its records were read in; None where they are in memory.

        Returns:
            The data set.

        Raises:
            DataError: There is none.
        """
        if not self._examples:
            raise DataError(self._why_empty(name))
        return DataSet(
            name,
            self.task,
            tuple(self._batches),
            examples=tuple(self._examples),
            owners=tuple(self._owners),
            positions=tuple(self._positions),
            limit=self.limit,
            source=source,
            unlabelled=self._unlabelled,
            skipped=tuple(self._skipped),
        )

    def _why_empty(self, name: str) -> str:
        """Say why there is no example."""
        if not self._unlabelled:
            skipped = f"; {len(self._skipped)} bad records are left out: {self._skipped[0]}" if self._skipped else ""
            return f"{name} holds no examples; expected at least one{skipped}"
        if self.task.why_no_targets:
            return f"{name}: {self.task.why_no_targets}"
        batch = next(batch for batch in self._batches if batch.records)
        record, place = batch.records[0], batch.places[0]
        column, task = self.task.target_column, self.task
        if column is None:
            columns = ", ".join(map(str, record))
            return str(place.error(f"there is no target column; columns: {columns}; name it with {task.target_option}"))
        if column not in record:
            wanted = f"expected {task.target_word} in the column {column!r}, which is missing"
            return str(place.error(f"{wanted}; {hint(column, map(str, record))}"))
        return (
            f"{name}: none of {self._unlabelled} examples has {task.target_word} (column {column!r}); training and "
            f"scoring need to know what is right: name the column with {task.target_option}"
        )


def gather(name: str, task: Task, batches: Iterable[Batch], **options: Any) -> DataSet:
    """Read examples batch by batch.

    Args:
        name: Name of the data set.
        task: Its task and columns.
        batches: The records.
        options: As fields of :class:`Gathering`.

    Returns:
        The data set.

    Raises:
        DataError: A record is not what the task asks for, or there is none.
    """
    gathering = Gathering(task, **options)
    for batch in batches:
        if not gathering.add(batch):
            break
    return gathering.data_set(name)
