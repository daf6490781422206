"""Plain text: lines of a file, or a column of texts of which nobody says what is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from charrobust.errors import UserError
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction, Target
from charrobust.tasks.metrics import Array, Metric
from charrobust.tasks.records import Place, Record
from charrobust.tasks.safety import CERTAIN, Safety
from charrobust.tasks.text_columns import TextColumns

_NO_TARGETS = (
    "the task 'text' says nothing of what is right, so that there is nothing to learn or to score; name the task that "
    "the data are of with `task`, and where its targets stand with `label_column`. Texts without targets can be "
    "attacked, and a model's predictions of the clean and the attacked texts compared (attack, predict)"
)


@dataclass(frozen=True)
class PlainText(TextColumns):
    """The columns of plain text; see :class:`~charrobust.tasks.text_columns.TextColumns`."""

    name: ClassVar[str] = "text"
    head: ClassVar[str] = ""
    pipeline: ClassVar[str] = "text-generation"
    formats: ClassVar[tuple[str, ...]] = ("txt",)
    why_no_targets: ClassVar[str] = _NO_TARGETS
    safety: ClassVar[dict[str, Safety]] = dict.fromkeys(TextColumns.safety, Safety(CERTAIN, "there are no labels"))

    @classmethod
    def detect(cls, record: Record, place: Place, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> Task:
        """See the base class."""
        if target:
            raise UserError(f"column {target[0]!r}: {_NO_TARGETS}")
        return cls(cls.find_texts(record, place, named), None)

    @classmethod
    def recognises(cls, record: Record, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> bool:
        """See the base class: texts without a label."""
        texts = named or cls.usual_texts(record)
        return bool(texts) and cls.find_label(record, texts, target) is None

    def target_of(self, record: Record, place: Place) -> Target:
        """See the base class: there is none."""
        return None

    def metrics(self, targets: Sequence[Target], labels: Sequence[str] = ()) -> tuple[Metric, ...]:
        """See the base class: nothing can be scored.

        Args:
            targets: What is right.
            labels: The labels.

        Returns:
            Never.

        Raises:
            UserError: Always.
        """
        raise UserError(_NO_TARGETS)

    def example_scores(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Array:
        """See the base class: all are alike."""
        return np.zeros(len(targets))

    def right(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> None:
        """See the base class: there is no right and wrong."""

    @classmethod
    def prediction_of(cls, answer: Any, example: Example) -> Prediction:
        """See the base class: as it is."""
        return str(answer)

    @classmethod
    def is_prediction(cls, value: object, example: Example) -> bool:
        """See the base class: a text."""
        return isinstance(value, str)

    @classmethod
    def head_class(cls) -> Any:
        """See the base class: there is none.

        Returns:
            Never.

        Raises:
            UserError: Always.
        """
        raise UserError(_NO_TARGETS)
