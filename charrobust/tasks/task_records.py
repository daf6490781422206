"""The records of a task: how they are read as examples, attacked, and taken back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from charrobust.errors import UserError
from charrobust.perturb import Attack
from charrobust.tasks.examples import Example
from charrobust.tasks.languages import perturbed_by_language
from charrobust.tasks.records import Batch, LoggedEdit, Perturbation, Place, Record


@dataclass(frozen=True)
class TaskRecords(ABC):
    """What a task does with records and their examples.

    Attributes:
        pretokenized: Whether the texts of an example are the words of one sentence.
        shared_fields: Fields of a record that several of its examples read.
        language_column: Column that tells the language of each record, for :meth:`attack_records`; None for that of the
            attack.
    """

    pretokenized: ClassVar[bool] = False
    shared_fields: ClassVar[frozenset[str]] = frozenset()

    language_column: str | None = field(default=None, kw_only=True)

    # Reading, perturbing, writing back.

    @abstractmethod
    def examples(self, batch: Batch) -> Iterator[Example]:
        """Go through the examples of a batch.

        Args:
            batch: The records.

        Returns:
            The examples, in order; a record may have several.

        Raises:
            DataError: A record is not what the task asks for.
        """

    def attack_records(self, batch: Batch, attack: Attack) -> Perturbation:
        """Attack a batch, each record in its language.

        Args:
            batch: The records.
            attack: The attack.

        Returns:
            The attacked records, and the edits made to them.

        Raises:
            UserError: The attack has a language of its own, or cannot be had in one of the records.
            DataError: A record is not what the task asks for, or its language is not known.
        """
        if self.language_column is None:
            return self.perturb(batch, attack)
        return perturbed_by_language(self.perturb, batch, attack, self.language_column)

    def check_one_language(self) -> None:
        """Check that examples can be attacked without their records, which alone tell their languages.

        Raises:
            UserError: A column of the records tells them.
        """
        if self.language_column is not None:
            raise UserError(
                f"`language_column` {self.language_column!r} tells the languages of records, and here texts are "
                "attacked without theirs; leave it out, and name the language with the recipe, as in charbert:de"
            )

    def check_one_record(self) -> None:
        """Check that a record can be attacked by itself, as searches do.

        Raises:
            UserError: What it reads is attacked with other records.
        """
        return

    def check_followed(self, batch: Batch) -> None:
        """Check records that are written after an attack that moves tokens: nothing else in them is told by token.

        Args:
            batch: The records.

        Raises:
            DataError: Something is, which does not follow.
        """
        return

    @abstractmethod
    def perturb(self, batch: Batch, attack: Attack) -> Perturbation:
        """Attack a batch, all records in the language of the attack.

        Args:
            batch: The records.
            attack: The attack.

        Returns:
            The attacked records, and the edits made to them.

        Raises:
            DataError: A record is not what the task asks for.
        """

    @abstractmethod
    def restore(self, record: Record, edits: Iterable[LoggedEdit], place: Place) -> Record:
        """Undo the edits of a record.

        Args:
            record: The attacked record.
            edits: Its edits, in order.
            place: Where it stands, for messages.

        Returns:
            The record as it was.

        Raises:
            DataError: The edits do not fit it.
        """

    @abstractmethod
    def perturb_examples(self, examples: Sequence[Example], attack: Attack, ids: Sequence[str]) -> list[Example]:
        """Attack examples, as training on noise does; their targets stay right.

        Args:
            examples: The examples.
            attack: The attack.
            ids: The identity of each.

        Returns:
            The attacked examples, in order.
        """

    @abstractmethod
    def sentences(self, examples: Sequence[Example]) -> dict[str, list[Any]]:
        """Return what is measured word by word: by the field of the attack, a text or the tokens of each example."""

    def identities(self, examples: Sequence[Example]) -> list[str] | None:
        """Return what the edits of :meth:`sentences` are drawn by, as :meth:`perturb` does.

        Args:
            examples: The examples.

        Returns:
            The identity of each, by default its id where a column holds one; None where texts identify themselves.
        """
        if getattr(self, "id_column", None) is None:
            return None
        return [example.id for example in examples]

    def protected(self, examples: Sequence[Example]) -> list[Any] | None:
        """Return what stays of the :meth:`sentences`, as :meth:`perturb` has it.

        Args:
            examples: The examples.

        Returns:
            For each, spans of its text or a mark for each of its tokens; None where nothing has to stay.

        Raises:
            DataError: Nothing says what has to stay.
        """
        return None

    def raw_labels(self, record: Record) -> Iterable[object]:
        """Return the labels of a record as they are written, for the check that all are of one type."""
        return ()

    def distinct_labels(self, batch: Batch) -> Iterator[tuple[object, Place]]:
        """Go through :meth:`raw_labels` of a batch with their places, in order.

        Args:
            batch: The records.

        Yields:
            A label and its place. What equals one that came before may be left out.
        """
        for _, record, place in batch.rows():
            for label in self.raw_labels(record):
                yield label, place

    def shortened(self, record: Record, most: int) -> Record:
        """Return a record with no more than some examples."""
        return record

    def remarks(self, examples: Sequence[Example]) -> list[str]:
        """Return what a reader of results should know of the targets, such as some that no model can say."""
        return []

    # Edits and versions.

    def text_of_edit(self, edit: LoggedEdit, example: Example) -> int | None:
        """Return which of an example's texts an edit of its record is in; None for another example's."""
        return 0

    def common_facts(self, clean: Example, attacked: Example) -> list[tuple[str, Any, Any]]:
        """Return what two versions of an example must have in common: (what, in the clean one, in the attacked one)."""
        return [("the id", clean.id, attacked.id), ("the label", clean.target, attacked.target)]

    def check_comparable(self) -> None:
        """Check that predictions for a noised and a clean form of an example can be compared place by place.

        Raises:
            UserError: They cannot.
        """
        return
