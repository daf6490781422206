"""Text classification, of one text or of a pair. Labels stay as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from charrobust.tasks.base import Task
from charrobust.tasks.classification.metrics import classification_metrics, equal
from charrobust.tasks.examples import Example, Prediction, Target
from charrobust.tasks.labels import number_of
from charrobust.tasks.learners import VectorLearner
from charrobust.tasks.margins import class_margins
from charrobust.tasks.metrics import Array, Mask, Metric, check_paired
from charrobust.tasks.prompts import Prompt, prompt_to_choose
from charrobust.tasks.records import Place, Record
from charrobust.tasks.registry import task_classes
from charrobust.tasks.text_columns import TextColumns

# A list or mapping as JSON, Python or NumPy write it, in a column of text.
_LIST = re.compile(r"""\s*(\[[\d\s.,]*\]|\[\s*['"{\[].*\]|\{\s*['"].*\})\s*""", re.DOTALL)


@dataclass(frozen=True)
class Classification(TextColumns):
    """The columns of a classification data set; see :class:`~charrobust.tasks.text_columns.TextColumns`."""

    name: ClassVar[str] = "classification"
    head: ClassVar[str] = "charrobust.tasks.classification.head:ClassificationHead"
    pipeline: ClassVar[str] = "text-classification"
    label_word: ClassVar[str] = "classes"
    target_word: ClassVar[str] = "a label"
    has_class_scores: ClassVar[bool] = True

    @classmethod
    def detect(cls, record: Record, place: Place, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> Task:
        """See the base class; labels that are no single class are those of the task that knows their shape."""
        texts = cls.find_texts(record, place, named)
        label = cls.find_label(record, texts, target)
        # Not in subclasses: who names a task of another package has chosen it.
        if cls is Classification:
            for task in task_classes():
                # This class claims nothing, so that it cannot be asked again by itself.
                if task.claims(record, label):
                    return task.detect(record, place, named=named, target=target)
        return cls(texts, label)

    @classmethod
    def recognises(cls, record: Record, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> bool:
        """See the base class: texts with one label, which is no list and no number between two whole ones."""
        texts = named or cls.usual_texts(record)
        column = cls.find_label(record, texts, target)
        if not texts or column is None or len(target) > 1:
            return False
        label = record.get(column)
        is_list = isinstance(label, list | tuple | dict)
        number = number_of(label)
        return not is_list and (number is None or number.is_integer())

    def target_of(self, record: Record, place: Place) -> Target:
        """See the base class: the name of the class."""
        label = self.label_value(record)
        if isinstance(label, list | tuple | dict) or (isinstance(label, str) and _LIST.fullmatch(label)):
            raise place.error(f"column {self.label!r} must hold one label, got {label!r}; is `task` multilabel?")
        return self.label_at(label, place)

    def labels_in(self, target: Target) -> Iterable[str]:
        """See the base class."""
        return () if target is None else (target,)

    def metrics(self, targets: Sequence[Target], labels: Sequence[str] = ()) -> tuple[Metric, ...]:
        """See the base class: accuracy, macro F1, for two classes F1 of the second, and Matthews."""
        return classification_metrics(targets, labels)

    def example_scores(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Array:
        """See the base class: 1 if right, else 0."""
        return self.right(targets, predictions).astype(np.float64)

    def right(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Mask:
        """See the base class: the right class."""
        check_paired(targets, predictions)
        return equal(targets, predictions)

    @classmethod
    def margins(
        cls,
        targets: Sequence[Target],
        predictions: Sequence[Prediction],
        scores: Array | None,
        labels: Sequence[str],
    ) -> Array | None:
        """See the base class: the lead of the right class."""
        return None if scores is None else class_margins(targets, scores, labels)

    @classmethod
    def is_prediction(cls, value: object, example: Example) -> bool:
        """See the base class: a class."""
        return isinstance(value, str)

    def renamed(self, prediction: Prediction, names: Mapping[str, str]) -> Prediction:
        """See the base class."""
        return names.get(prediction, prediction)

    def prompts(self, examples: Sequence[Example], classes: Sequence[str]) -> list[Prompt]:
        """See the base class: which of the classes fits; the texts of a pair are called as their columns."""
        names = self.texts if len(self.texts) > 1 else ("text",)
        return [prompt_to_choose(example, names, classes) for example in examples]

    def vector_learner(self, kind: str, targets: Sequence[Target]) -> VectorLearner:
        """See the base class."""
        from charrobust.tasks.classification.learner import ClassLearner

        return ClassLearner(kind, targets, self.classes(targets))
