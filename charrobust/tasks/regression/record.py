"""Regression: numbers to be predicted of a text or a pair, such as the similarity of two texts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from charrobust.tasks.answers import number_in
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction, Target
from charrobust.tasks.labels import number_of
from charrobust.tasks.learners import VectorLearner
from charrobust.tasks.metrics import Array, Metric, check_paired
from charrobust.tasks.records import Place, Record
from charrobust.tasks.regression.metrics import regression_metrics
from charrobust.tasks.text_columns import TextColumns


@dataclass(frozen=True)
class Regression(TextColumns):
    """The columns of a regression data set; see :class:`~charrobust.tasks.text_columns.TextColumns`."""

    name: ClassVar[str] = "regression"
    head: ClassVar[str] = "charrobust.tasks.regression.head:RegressionHead"
    pipeline: ClassVar[str] = "text-classification"
    target_word: ClassVar[str] = "a number"

    @classmethod
    def detect(cls, record: Record, place: Place, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> Task:
        """See the base class."""
        texts = cls.find_texts(record, place, named)
        return cls(texts, cls.find_label(record, texts, target))

    @classmethod
    def recognises(cls, record: Record, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> bool:
        """See the base class: texts with a number that is written with a point."""
        texts = named or cls.usual_texts(record)
        column = cls.find_label(record, texts, target)
        if not texts or column is None or len(target) > 1:
            return False
        label = record.get(column)
        return number_of(label) is not None and "." in str(label)

    def is_missing(self, label: object) -> bool:
        """Tell whether a value stands for a number that is not there; -1 and -100 are numbers here."""
        if self.missing_labels is None and str(label).strip() in ("-1", "-100", "-1.0", "-100.0"):
            return False
        return super().is_missing(label)

    def target_of(self, record: Record, place: Place) -> Target:
        """See the base class: a finite number."""
        label = self.label_value(record)
        if self.is_missing(label):
            return None
        try:
            number = float(label)
        except (TypeError, ValueError, OverflowError):
            # Refused below, as infinite numbers are.
            number = math.nan
        if not math.isfinite(number) or isinstance(label, bool):
            remedy = "for classes `task` is classification"
            if isinstance(label, str) and "," in label:
                remedy = "write a decimal point, not a comma"
            raise place.error(f"column {self.label!r} must hold a number, got {label!r:.80}; {remedy}")
        return number

    def metrics(self, targets: Sequence[Target], labels: Sequence[str] = ()) -> tuple[Metric, ...]:
        """See the base class: Pearson and Spearman."""
        return regression_metrics()

    def example_scores(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Array:
        """See the base class: minus the distance."""
        check_paired(targets, predictions)
        return -np.abs(np.asarray(targets, np.float64) - np.asarray(predictions, np.float64))

    def right(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> None:
        """See the base class: right and wrong do not apply to numbers."""
        check_paired(targets, predictions)

    @classmethod
    def margins(
        cls,
        targets: Sequence[Target],
        predictions: Sequence[Prediction],
        scores: Array | None,
        labels: Sequence[str],
    ) -> Array | None:
        """See the base class: minus the distance, which is never positive."""
        # As floats, None is NaN.
        return -np.abs(np.array(targets, np.float64) - np.array(predictions, np.float64))

    @classmethod
    def prediction_of(cls, answer: Any, example: Example) -> Prediction:
        """See the base class: a number."""
        return number_in(answer)

    @classmethod
    def is_prediction(cls, value: object, example: Example) -> bool:
        """See the base class: a number."""
        return isinstance(value, float)

    def prediction_text(self, prediction: Prediction) -> str:
        """See the base class: four digits."""
        return f"{prediction:.4g}"

    @classmethod
    def filters(cls, target_text: str) -> list[str]:
        """See the base class: numbers are not filtered by."""
        return []

    def vector_learner(self, kind: str, targets: Sequence[Target]) -> VectorLearner:
        """See the base class."""
        from charrobust.tasks.regression.learner import NumberLearner

        return NumberLearner(kind, targets)
