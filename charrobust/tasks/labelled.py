"""Tasks whose targets hold labels: what classification, tagging and spans share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from charrobust.errors import UserError
from charrobust.tasks.base import Task
from charrobust.tasks.labels import LabelReading, parse_label_map
from charrobust.tasks.records import Place


@dataclass(frozen=True, kw_only=True)
class LabelledTask(Task, LabelReading):
    """A task whose targets hold labels, which may be written as numbers, under other names, or be missing."""

    @classmethod
    def of_columns(cls, columns: Mapping[str, Any]) -> Self:
        """See the base class; a label map may be a table, as in cards."""
        label_map = parse_label_map(columns.get("label_map", ()))
        return super().of_columns({**columns, "label_map": label_map})

    @property
    def names_in_order(self) -> tuple[str, ...]:
        """See the base class."""
        return self.renamed_in_order(self.class_names)

    @property
    def renamed_labels(self) -> tuple[tuple[str, str], ...]:
        """See the base class: the label map."""
        return self.label_map

    def label_at(self, label: object, place: Place) -> str | None:
        """Return the name of a label; None where it is missing.

        Args:
            label: The label as it is written.
            place: Where it stands, for messages.

        Returns:
            The name, or None.

        Raises:
            DataError: It is a number without a name; with its place.
        """
        try:
            return self.name_of(label)
        except UserError as error:
            raise place.error(str(error)) from error

    def with_names(self, names: Sequence[str]) -> Self:
        """Return the task with names for the numbers of its labels, unless it has some."""
        return replace(self, class_names=tuple(names)) if names and not self.class_names else self
