"""Tasks whose records hold one text or a pair in columns of their own: what classification and its kin share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from charrobust.errors import UserError, hint
from charrobust.perturb import Attack
from charrobust.tasks.alike import first_of_each, first_of_each_label
from charrobust.tasks.examples import Example, Target
from charrobust.tasks.labelled import LabelledTask
from charrobust.tasks.offsets import check_no_offsets, may_hold_offsets
from charrobust.tasks.records import (
    Batch,
    LoggedEdit,
    Perturbation,
    Place,
    Record,
    check_not_misspelt,
    entries_of,
    names_of,
    require,
    restored_columns,
)

# Pairs first: where both columns of (question, sentence) are there, "sentence" is not all of the text.
_TEXTS = (
    ("text_a", "text_b"),
    ("sentence1", "sentence2"),
    ("question1", "question2"),
    ("premise", "hypothesis"),
    ("question", "sentence"),
    ("text",),
    ("sentence",),
)
# Names of many things, which beside a label are those of texts.
_TEXTS_BESIDE_A_LABEL = ("review", "comment", "tweet", "message", "content", "utterance")
LABELS = ("label", "labels", "gold_label", "sentiment", "category", "intent")


@dataclass(frozen=True)
class TextColumns(LabelledTask):
    """The columns of a data set of texts or pairs.

    Attributes:
        texts: Name of the text column, or names of the two of a pair.
        label: Name of the label column, or names of several where a task reads such; None where labels are not checked.
        attacked: Which of the text columns are attacked; empty for all.
        id_column: Column with the examples' ids; None lets the text identify itself.
        several_columns: Whether the task reads several label columns.
        plain_columns: Columns that only look as if they held offsets into a text, which edits would make stale.
    """

    several_columns: ClassVar[bool] = False

    texts: tuple[str, ...]
    label: str | tuple[str, ...] | None = "label"
    attacked: tuple[str, ...] = ()
    id_column: str | None = None
    plain_columns: tuple[str, ...] = ()

    # Without an annotation: with one it would be a field of the dataclass.
    paired_texts = True

    def __post_init__(self) -> None:
        """Check that no column is named twice, the attacked columns are text columns, and the label columns none."""
        named = {"text_column": self.texts, "label_column": self.label_columns, "field": self.attacked}
        for option, columns in named.items():
            if len(set(columns)) < len(columns):
                raise UserError(f"`{option}` names a column twice: {', '.join(columns)}; name each once")
        for column in self.label_columns:
            if column in self.texts:
                raise UserError(f"column {column!r} cannot be both text and label; name another with `label_column`")
        if isinstance(self.label, tuple) and not self.several_columns:
            raise UserError(
                f"the task {self.name!r} reads one `label_column`, got {', '.join(self.label)}; "
                "for several labels a text name another `task`"
            )
        for column in self.attacked:
            if column not in self.texts:
                raise UserError(f"cannot attack {column!r} alone: not a text column; {hint(column, self.texts)}")

    @classmethod
    def find_texts(cls, record: Record, place: Place, named: tuple[str, ...]) -> tuple[str, ...]:
        """Return the text columns of a record.

        Args:
            record: The record.
            place: Where it stands.
            named: The text columns, if they are known.

        Returns:
            The names of the columns.

        Raises:
            DataError: None is known, and there is no usual name among the record's columns.
        """
        texts = named or cls.usual_texts(record)
        if texts:
            return texts
        problem = (
            f"no text column found among {', '.join(map(str, record))}; name it with `text_column` (two for a pair)"
        )
        if place.source.removesuffix(".gz").endswith((".csv", ".tsv")):
            problem += "; a file without a header needs `no_header`"
            if len(record) == 1:
                problem += "; if another sign than a comma (.csv) or a tab (.tsv) sets fields apart, set `delimiter`"
        raise place.error(problem)

    @classmethod
    def usual_texts(cls, record: Record) -> tuple[str, ...]:
        """Return the text columns of a record that have usual names; none where it has none."""
        for texts in _TEXTS:
            if all(column in record for column in texts):
                return texts
        if cls.find_label(record, (), ()) is None:
            return ()
        return tuple([column for column in _TEXTS_BESIDE_A_LABEL if column in record][:1])

    @classmethod
    def find_label(cls, record: Record, texts: Sequence[str], named: Sequence[str]) -> str | None:
        """Return the label column of a record: the named one, or one of a usual name; None where it has none."""
        if named:
            return named[0]
        for column in LABELS:
            if column in record and column not in texts:
                return column
        return None

    @classmethod
    def of_texts(cls, columns: Sequence[str]) -> Self:
        """See the base class."""
        return cls(tuple(columns), None)

    @classmethod
    def of_lists(cls, inputs: Sequence[Any]) -> Self:
        """See the base class; an input is a text, or a pair of texts."""
        single = all(isinstance(texts, str) for texts in inputs)
        return cls(("text",) if single else ("text_a", "text_b"))

    def record_of(self, texts: Any, target: Any, place: Place) -> Record:
        """See the base class."""
        columns = (texts,) if isinstance(texts, str) else texts
        if not isinstance(columns, list | tuple):
            raise place.error(f"expected a text or a pair of texts, got {texts!r}")
        if len(columns) != len(self.texts):
            expected = f"expected {len(self.texts)} texts ({', '.join(self.texts)}) as of other examples"
            raise place.error(f"{expected}, got {texts!r}")
        return {**dict(zip(self.texts, columns, strict=True)), "label": target}

    @property
    def changed(self) -> tuple[str, ...]:
        """The columns that an attack may change."""
        return self.attacked or self.texts

    @property
    def target_column(self) -> str | None:
        """The label column, where it is one."""
        return self.label if isinstance(self.label, str) else None

    @property
    def label_columns(self) -> tuple[str, ...]:
        """The columns that hold what is right; none where that is not checked."""
        if self.label is None:
            return ()
        return (self.label,) if isinstance(self.label, str) else self.label

    def label_value(self, record: Record) -> Any:
        """Return what the label column of a record holds; None where there is none."""
        return None if self.target_column is None else record.get(self.target_column)

    @abstractmethod
    def target_of(self, record: Record, place: Place) -> Target:
        """Return what is right for a record, by its label columns alone; None where that is missing.

        Args:
            record: The record.
            place: Where it stands.

        Returns:
            The target, or None.

        Raises:
            DataError: It is not what the task asks for.
        """

    def examples(self, batch: Batch) -> Iterator[Example]:
        """See the base class."""
        ids = names_of(batch, self.id_column) or [str(row) for row, _, _ in batch.rows()]
        for name, (_, record, place) in zip(ids, batch.rows(), strict=True):
            texts = tuple(require(record, column, str, place) for column in self.texts)
            yield Example(name, texts, self.target_of(record, place))

    def perturb(self, batch: Batch, attack: Attack) -> Perturbation:
        """See the base class."""
        ids = names_of(batch, self.id_column)
        # All of the batch before any of it: an attack refuses what is no text, too, but cannot tell its place.
        for number in self._to_check(batch.records):
            self._check(batch.records[number], batch.places[number])
        perturbed = Perturbation([dict(record) for record in batch.records])
        for column in self.changed:
            edited = attack.texts([record[column] for record in batch.records], ids=ids, field=column)
            for record, text in zip(perturbed.records, edited.texts, strict=True):
                record[column] = text
            perturbed.note(entries_of(batch, ids, column), edited.edits, edited.tally)
        return perturbed

    def _to_check(self, records: Sequence[Record]) -> Iterable[int]:
        """Return the numbers of the records that are enough to check: the first with a fault is always one of them.

        Whether a record has one hangs on the names of its columns, its labels, the types of its texts, and on what may
        hold offsets: of records that are alike in all that, the first is enough.
        """
        kinds: set[type] = set()
        for column in self.texts:
            kinds.update(type(record.get(column)) for record in records)
        labels = first_of_each_label(records, self.label_columns)
        suspects = may_hold_offsets(records)
        if labels is None or kinds != {str}:
            return range(len(records))
        return sorted({*first_of_each(map(tuple, records)), *labels, *suspects})

    def _check(self, record: Record, place: Place) -> None:
        """Refuse a record whose texts or target are not what the task asks for.

        Raises:
            DataError: With its place.
        """
        for column in self.texts:
            require(record, column, str, place)
        check_no_offsets(record, [record[column] for column in self.texts], self.plain_columns, place)
        for column in self.label_columns:
            check_not_misspelt(record, column, place)
        self.target_of(record, place)

    def restore(self, record: Record, edits: Iterable[LoggedEdit], place: Place) -> Record:
        """See the base class."""
        return restored_columns(record, edits, place)

    def perturb_examples(self, examples: Sequence[Example], attack: Attack, ids: Sequence[str]) -> list[Example]:
        """See the base class."""
        texts = [list(example.texts) for example in examples]
        for number in (self.texts.index(column) for column in self.changed):
            edited = attack.texts([mine[number] for mine in texts], ids=ids, field=str(number))
            for mine, text in zip(texts, edited.texts, strict=True):
                mine[number] = text
        return [replace(example, texts=tuple(mine)) for example, mine in zip(examples, texts, strict=True)]

    def sentences(self, examples: Sequence[Example]) -> dict[str, list[Any]]:
        """See the base class: the texts of the attacked columns."""
        return {column: self._column(examples, column) for column in self.changed}

    def _column(self, examples: Sequence[Example], column: str) -> list[Any]:
        number = self.texts.index(column)
        return [example.texts[number] for example in examples]

    def text_of_edit(self, edit: LoggedEdit, example: Example) -> int | None:
        """See the base class."""
        return self.texts.index(edit.field)

    def raw_labels(self, record: Record) -> Iterable[object]:
        """See the base class; missing labels are of no type."""
        label = self.label_value(record)
        return () if self.is_missing(label) else (label,)

    def distinct_labels(self, batch: Batch) -> Iterator[tuple[object, Place]]:
        """See the base class."""
        numbers = first_of_each_label(batch.records, self.label_columns)
        for number in range(len(batch.records)) if numbers is None else numbers:
            for label in self.raw_labels(batch.records[number]):
                yield label, batch.places[number]
