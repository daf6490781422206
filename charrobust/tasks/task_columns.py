"""The columns of a task: how they are found in a record, told by a user, and written for plain lists."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Self

from charrobust.errors import UserError
from charrobust.settings.reading import read_values
from charrobust.tasks.records import Place, Record

if TYPE_CHECKING:
    from charrobust.tasks.base import Task


@dataclass(frozen=True)
class TaskColumns(ABC):
    """What a task says of its columns, which are the fields of its class.

    Attributes:
        name: Its name.
        formats: Names of the formats of files that tell the task.
        target_option: What names the column of the targets, for messages.
    """

    name: ClassVar[str]
    formats: ClassVar[tuple[str, ...]] = ()
    target_option: ClassVar[str] = "`label_column`"

    @classmethod
    @abstractmethod
    def detect(cls, record: Record, place: Place, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> Task:
        """Find the columns of a data set by their usual names.

        Args:
            record: The first record.
            place: Where it stands.
            named: The text or token columns, if they are known.
            target: The label or tag columns, if they are known.

        Returns:
            The task with its columns.

        Raises:
            DataError: No usual name among the record's columns.
        """

    @classmethod
    def claims(cls, record: Record, target: str | None) -> bool:
        """Tell whether a record of texts can only be of this task, whatever else it was taken for.

        Args:
            record: The record.
            target: Its label column, if there is one.

        Returns:
            Whether it can be of no other task.
        """
        return False

    @classmethod
    def recognises(cls, record: Record, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> bool:
        """Tell whether a record looks like one of this task, where nobody names the task.

        Args:
            record: The record.
            named: The text or token columns, if they are known.
            target: The label or tag columns, if they are known.

        Returns:
            Whether its columns have the usual names and shapes.
        """
        return False

    @classmethod
    def of_columns(cls, columns: Mapping[str, Any]) -> Self:
        """Build a task from its fields, as ``asdict`` or TOML has them.

        Args:
            columns: The fields by name.

        Returns:
            The task.

        Raises:
            UserError: The task does not have one of them, or not with such a value.
        """
        known = {declared.name for declared in fields(cls)}
        unknown = [name for name in columns if name not in known]
        if unknown:
            raise UserError(f"the task {cls.name!r} has no {', '.join(unknown)}; it has: {', '.join(sorted(known))}")
        # TOML and JSON know lists alone; tasks are frozen, and hashable only with tuples in their fields.
        values = {name: _hashable(value) for name, value in columns.items()}
        return cls(**read_values(cls, values))

    @classmethod
    def of_texts(cls, columns: Sequence[str]) -> Self:
        """Build a task from the columns of its texts alone, whose targets are not checked.

        Args:
            columns: The columns.

        Returns:
            The task.

        Raises:
            UserError: More has to be said of this task's columns.
        """
        known = ", ".join(declared.name for declared in fields(cls))
        raise UserError(
            f"the columns of the task {cls.name!r} cannot be told by {', '.join(columns)} alone; name them as a "
            f"mapping of its fields: {known}"
        )

    @classmethod
    @abstractmethod
    def of_lists(cls, inputs: Sequence[Any]) -> Self:
        """Return the task of plain lists, with the columns that :meth:`record_of` writes.

        Args:
            inputs: For each example what is read; its shape is the task's.

        Returns:
            The task.
        """

    @abstractmethod
    def record_of(self, texts: Any, target: Any, place: Place) -> Record:
        """Return the record of one of the inputs of :meth:`of_lists` and its target.

        Args:
            texts: One of the inputs.
            target: What is right for it; None where that is not known.
            place: Where it stands, for messages.

        Returns:
            The record.

        Raises:
            DataError: The input or the target is not what the task asks for.
        """

    @property
    @abstractmethod
    def changed(self) -> tuple[str, ...]:
        """The columns that an attack may change."""

    @property
    def target_column(self) -> str | None:
        """The column that holds what is right; None where no column does, or that is not checked."""
        return None


def _hashable(value: Any) -> Any:
    """Return lists, also in lists, as tuples."""
    return tuple(map(_hashable, value)) if isinstance(value, list | tuple) else value
