"""Text classification, of one text or of a pair. Labels stay as they are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from charrobust.errors import DataError, UserError, hint
from charrobust.perturb import Attack, revert
from charrobust.tasks.examples import Example, Target
from charrobust.tasks.records import (
    Batch,
    LoggedEdit,
    Perturbation,
    Place,
    Record,
    by_field,
    entries_of,
    names_of,
    require,
)

_TEXTS = (
    ("text_a", "text_b"),
    ("sentence1", "sentence2"),
    ("question1", "question2"),
    ("premise", "hypothesis"),
    ("question", "sentence"),
    ("text",),
    ("sentence",),
)
_LABELS = ("label", "labels", "gold_label")


@dataclass(frozen=True)
class Classification:
    """The columns of a classification data set.

    Attributes:
        texts: Name of the text column, or names of the two of a pair.
        label: Name of the label column; None where labels are not checked.
        attacked: Which of the text columns are attacked; empty for all.
        id_column: Column with the examples' ids; None lets the text identify itself.
    """

    name: ClassVar[str] = "classification"
    texts: tuple[str, ...]
    label: str | None = "label"
    attacked: tuple[str, ...] = ()
    id_column: str | None = None

    def __post_init__(self) -> None:
        """Check that the attacked columns are text columns."""
        if self.label in self.texts:
            raise UserError(f"column {self.label!r} cannot be both text and label; name another with --label-column")
        for column in self.attacked:
            if column not in self.texts:
                raise UserError(f"cannot attack {column!r} alone: not a text column; {hint(column, self.texts)}")

    @classmethod
    def detect(cls, record: Record, place: Place, named: tuple[str, ...] = ()) -> Classification:
        """Find the columns of a data set by their usual names.

        Args:
            record: The first record.
            place: Where it stands.
            named: The text columns, if they are known.

        Raises:
            DataError: No usual name among the record's columns.
        """
        for texts in (named,) if named else _TEXTS:
            if named or all(column in record for column in texts):
                label = next((column for column in _LABELS if column in record and column not in texts), None)
                return cls(texts, label)
        raise place.error(
            f"no text column found among {', '.join(map(str, record))}; name it with --text-column (twice for a pair)"
            + ("; a file without a header needs --no-header" if place.source.endswith((".csv", ".tsv")) else "")
        )

    @property
    def changed(self) -> tuple[str, ...]:
        """The columns that an attack may change."""
        return self.attacked or self.texts

    def perturb(self, batch: Batch, attack: Attack) -> Perturbation:
        """Attack a batch.

        Raises:
            DataError: A column is missing or of the wrong type.
        """
        ids = names_of(batch, self.id_column)
        for _, record, place in batch.rows():
            for column in self.texts:
                require(record, column, str, place)
            if self.label is not None and self.label not in record:
                raise place.error(f"label column {self.label!r} is missing; {hint(self.label, map(str, record))}")
        out = Perturbation([dict(record) for record in batch.records])
        for column in self.changed:
            made = attack.texts([record[column] for record in batch.records], ids=ids, field=column)
            for record, text in zip(out.records, made.texts, strict=True):
                record[column] = text
            out.note(entries_of(batch, ids, column), made.edits, made.tally)
        return out

    def restore(self, record: Record, edits: Iterable[LoggedEdit], place: Place) -> Record:
        """Undo the edits of a record."""
        restored = dict(record)
        for column, made in by_field(edits).items():
            try:
                restored[column] = revert(require(record, column, str, place), made)
            except DataError as error:
                raise place.error(str(error)) from error
        return restored

    def labels_of(self, record: Record) -> Iterable[object]:
        """Return the label of a record, for the check that all are of one type."""
        return () if self.label is None else (record[self.label],)

    def examples(self, batch: Batch) -> Iterator[Example]:
        """Go through the examples of a batch.

        Raises:
            DataError: A column is missing or of the wrong type.
        """
        ids = names_of(batch, self.id_column) or [str(row) for row, _, _ in batch.rows()]
        for name, (_, record, place) in zip(ids, batch.rows(), strict=True):
            texts = tuple(require(record, column, str, place) for column in self.texts)
            yield Example(name, texts, self._target(record, place))

    def _target(self, record: Record, place: Place) -> Target:
        label = None if self.label is None else record.get(self.label)
        return None if label is None else str(label)


@dataclass(frozen=True)
class Regression(Classification):
    """The columns of a data set whose labels are numbers to be predicted, such as the similarity of two texts."""

    name: ClassVar[str] = "regression"

    def _target(self, record: Record, place: Place) -> Target:
        label = None if self.label is None else record.get(self.label)
        try:
            number = None if label is None else float(label)
        except (TypeError, ValueError):
            number = float("nan")
        if number is not None and not math.isfinite(number):
            raise place.error(
                f"column {self.label!r} must hold a number, got {label!r}; for classes use --task classification"
            )
        return number
