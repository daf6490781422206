"""Multi-label classification: a text or a pair has any number of labels, none included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from charrobust.errors import UserError, hint
from charrobust.tasks.answers import list_of, scores_in, texts_of
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction, Target
from charrobust.tasks.labels import LABEL_FORMS, MULTI_HOT, NAMES, NUMBERS, sorted_labels
from charrobust.tasks.learners import VectorLearner
from charrobust.tasks.margins import label_margins
from charrobust.tasks.metrics import Array, Mask, Metric, check_paired
from charrobust.tasks.multilabel.label_lists import check_items, form_of, is_held, items_of, list_in
from charrobust.tasks.multilabel.metrics import exact_matches, example_f1, multilabel_metrics
from charrobust.tasks.records import Place, Record
from charrobust.tasks.text_columns import TextColumns

_BETWEEN = ", "  # labels of a target as text
_NO_LABEL = "(no label)"
_THRESHOLD = 0.5  # of the probability of a label that is chosen


@dataclass(frozen=True)
class MultiLabel(TextColumns):
    """The columns of a multi-label data set; see :class:`~charrobust.tasks.text_columns.TextColumns`.

    A target is the tuple of the labels that hold, in the order of their numbers or names.

    Attributes:
        label: The column of the labels: a list of names, of numbers, or of 0 and 1 for each label; or several columns,
            named by the labels, of 0 and 1.
        label_separator: What stands between labels that are written as one text; None where lists are.
        label_form: What lists hold: ``names``, ``numbers`` or ``multi-hot``; None where each list tells.
        label_count: Items of each multi-hot list; None where the names tell, or nobody.
    """

    name: ClassVar[str] = "multilabel"
    head: ClassVar[str] = "charrobust.tasks.multilabel.head:MultiLabelHead"
    pipeline: ClassVar[str] = "text-classification"
    label_word: ClassVar[str] = "labels"
    target_word: ClassVar[str] = "labels"
    has_class_scores: ClassVar[bool] = True
    several_columns: ClassVar[bool] = True

    label_separator: str | None = None
    label_form: str | None = None
    label_count: int | None = None

    def __post_init__(self) -> None:
        """Check the columns and how labels are written.

        Raises:
            UserError: They do not fit.
        """
        super().__post_init__()
        if self.label_separator == "":
            raise UserError("`label_separator` is empty; expected what stands between labels, such as |")
        if self.label_form not in (None, *LABEL_FORMS):
            raise UserError(f"`label_form` is {self.label_form!r}; expected {', '.join(LABEL_FORMS)}")
        if isinstance(self.label, tuple) and self.class_names and len(self.class_names) != len(self.label):
            raise UserError(
                f"there are {len(self.label)} label columns ({', '.join(self.label)}) and {len(self.class_names)} "
                "`class_names`; the columns name the labels"
            )

    @classmethod
    def detect(cls, record: Record, place: Place, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> Task:
        """See the base class; the first list tells what all hold, where it can."""
        texts = cls.find_texts(record, place, named)
        if len(target) > 1:
            return cls(texts, target)
        label = cls.find_label(record, texts, target)
        items = None
        if label is not None:
            items = _items_in(record.get(label))
        if items is None:
            return cls(texts, label)
        form = form_of(items)
        # a multi-hot list has as many items as any other, also where only an option will say that it is one
        count = None
        if items and form not in (NAMES, NUMBERS):
            count = len(items)
        return cls(texts, label, label_form=form, label_count=count)

    @classmethod
    def recognises(cls, record: Record, *, named: tuple[str, ...] = (), target: tuple[str, ...] = ()) -> bool:
        """See the base class: texts with several label columns; lists of labels are claimed."""
        return len(target) > 1 and bool(named or cls.usual_texts(record))

    @classmethod
    def claims(cls, record: Record, target: str | None) -> bool:
        """See the base class: a list of names, of numbers or of 0 and 1, and no list of as many tokens beside it."""
        items = None if target is None else _items_in(record.get(target))
        if not items or not _are_labels(items):
            return False
        for column, value in record.items():
            # A list of as many items beside it are the words that the labels are tags of.
            if column != target and isinstance(value, list) and len(value) == len(items):
                return False
        return True

    def target_of(self, record: Record, place: Place) -> Target:
        """See the base class: the labels that hold."""
        try:
            return self._labels_of(record)
        except UserError as error:
            columns = ", ".join(map(repr, self.label_columns))
            raise place.error(f"column {columns}: {error}") from error

    def _labels_of(self, record: Record) -> tuple[str, ...] | None:
        """Return the labels that hold; None where they are missing.

        Raises:
            UserError: The record's labels are not written as the task has them.
        """
        if isinstance(self.label, tuple):
            items = self._cells(record, self.label)
            form: str | None = MULTI_HOT
        else:
            value = self.label_value(record)
            if self.is_missing(value):
                return None
            items = items_of(value, self.label_separator)
            form = self.label_form
        # All cells empty is a record that nobody labelled; a list without any item says that no label holds.
        if items and all(map(self.is_missing, items)):
            return None
        form = form or form_of(items) or self._form_by_count(items)
        if form == MULTI_HOT:
            return self._ordered(self._held(items))
        return self._ordered(self._listed(items, form))

    def _cells(self, record: Record, columns: Sequence[str]) -> list[Any]:
        """Return what several label columns hold; nothing in each where a record has none of them.

        Raises:
            UserError: It has some of them alone.
        """
        absent = [column for column in columns if column not in record]
        if absent and len(absent) < len(columns):
            raise UserError(f"label column {absent[0]!r} is missing; {hint(absent[0], map(str, record))}")
        return [record.get(column) for column in columns]

    def _listed(self, items: Sequence[Any], form: str) -> list[str]:
        """Return the names of labels that are listed by name or by number.

        Raises:
            UserError: One is missing, of another form, listed twice, or a number without a name.
        """
        check_items(items, form)
        names: list[str] = []
        for item in items:
            name = self.name_of(item)
            if name is None:
                raise UserError(f"the missing label {item!r} stands among others in {items!r}")
            names.append(name)
        return names

    def _form_by_count(self, items: Sequence[Any]) -> str:
        """Return what the items of a list are that could be numbers or multi-hot by themselves.

        Raises:
            UserError: It cannot be told either from the number of labels.
        """
        # No label holds, whichever way labels are written.
        if not items:
            return NAMES
        if not all(item in (0, 1) for item in items):
            raise UserError(f"expected names or numbers of labels, or 0 or 1 for each label, got {items!r}")
        # A multi-hot list has an item for each name, so this is none.
        if self.class_names and len(items) != len(self.class_names):
            return NUMBERS
        raise UserError(
            f"{items!r} may be numbers of labels, or 0 or 1 for each label; say with `label_form` = {NUMBERS} or "
            f"{MULTI_HOT}"
        )

    def _held(self, values: Sequence[Any]) -> list[str]:
        """Return the labels that hold, of 0 or 1 for each.

        Raises:
            UserError: There are more or less than labels, or some are neither 0 nor 1.
        """
        labels = self.names_in_order or tuple(map(str, range(len(values))))
        if len(values) != len(labels):
            raise UserError(f"expected 0 or 1 for each of {len(labels)} labels, got {len(values)}: {list(values)!r}")
        held = []
        for label, value in zip(labels, values, strict=True):
            if is_held(value):
                held.append(label)
        return held

    @property
    def names_in_order(self) -> tuple[str, ...]:
        """See the base class; columns name labels, and items of multi-hot lists without names are numbers."""
        names = self.class_names
        if not names and isinstance(self.label, tuple):
            names = self.label
        elif not names and self.label_form == MULTI_HOT:
            names = tuple(map(str, range(self.label_count or 0)))
        return self.renamed_in_order(names)

    def _ordered(self, labels: Iterable[str]) -> tuple[str, ...]:
        """Return labels, each once, in the order of their numbers, others after them."""
        held = set(labels)
        # A label map may give several labels one name, which then stands in the order more than once.
        numbered = [name for name in dict.fromkeys(self.names_in_order) if name in held]
        return (*numbered, *sorted_labels(held.difference(numbered)))

    def raw_labels(self, record: Record) -> Iterable[object]:
        """See the base class; how lists are written is checked where they are read."""
        return ()

    def labels_in(self, target: Target) -> Iterable[str]:
        """See the base class."""
        return target or ()

    def metrics(self, targets: Sequence[Target], labels: Sequence[str] = ()) -> tuple[Metric, ...]:
        """See the base class: micro F1, macro F1, subset accuracy, label-ranking average precision."""
        return multilabel_metrics(targets, labels)

    def example_scores(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Array:
        """See the base class: F1 of the labels; 1 where there are none to find and none are predicted."""
        check_paired(targets, predictions)
        return example_f1(targets, predictions)

    def right(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Mask:
        """See the base class: exactly the right labels."""
        check_paired(targets, predictions)
        return exact_matches(targets, predictions)

    @classmethod
    def margins(
        cls,
        targets: Sequence[Target],
        predictions: Sequence[Prediction],
        scores: Array | None,
        labels: Sequence[str],
    ) -> Array | None:
        """See the base class: that of the least sure label; a half chooses one."""
        return None if scores is None else label_margins(targets, scores, labels, _THRESHOLD)

    @classmethod
    def prediction_of(cls, answer: Any, example: Example) -> Prediction:
        """See the base class: a list of labels, or the probability of each label, of which a half chooses one."""
        probabilities = scores_in(answer)
        if probabilities is None:
            chosen = texts_of(list_of(answer, "labels"))
            probabilities = dict.fromkeys(chosen, 1.0)
        for label, probability in probabilities.items():
            if not 0 <= probability <= 1:
                raise UserError(f"expected the probability of each label, got {probability} of {label!r}")
        chosen = tuple(label for label, probability in probabilities.items() if probability >= _THRESHOLD)
        return chosen, tuple(probabilities.items())

    @classmethod
    def answer_of_labels(cls, labels: Sequence[str]) -> list[str]:
        """See the base class: any number of labels."""
        return list(labels)

    def labels_predicted(self, prediction: Prediction) -> Iterable[str]:
        """See the base class: those chosen, and all that have a probability."""
        chosen, probabilities = prediction
        return dict.fromkeys([*chosen, *(label for label, _ in probabilities)])

    @classmethod
    def is_prediction(cls, value: object, example: Example) -> bool:
        """See the base class: the labels chosen, and (label, probability) of each label that the model knows."""
        if not isinstance(value, tuple) or len(value) != 2:
            return False
        chosen, probabilities = value
        if not isinstance(chosen, tuple) or not isinstance(probabilities, tuple):
            return False
        # A saved prediction of another task may be a pair of tuples too.
        return all(isinstance(label, str) for label in chosen) and all(map(_is_probability, probabilities))

    def renamed(self, prediction: Prediction, names: Mapping[str, str]) -> Prediction:
        """See the base class."""
        chosen, probabilities = prediction
        renamed_chosen = [names.get(label, label) for label in chosen]
        renamed_probabilities = []
        for label, probability in probabilities:
            renamed_probabilities.append((names.get(label, label), probability))
        return tuple(renamed_chosen), tuple(renamed_probabilities)

    def target_text(self, target: Target) -> str:
        """See the base class: the labels with commas between."""
        return "" if target is None else _text_of(target)

    def prediction_text(self, prediction: Prediction) -> str:
        """See the base class: the chosen labels with commas between."""
        chosen, _ = prediction
        return _text_of(chosen)

    @classmethod
    def filters(cls, target_text: str) -> list[str]:
        """See the base class: the labels."""
        return target_text.split(_BETWEEN)

    def vector_learner(self, kind: str, targets: Sequence[Target]) -> VectorLearner:
        """See the base class."""
        from charrobust.tasks.multilabel.learner import LabelsLearner

        return LabelsLearner(kind, targets, self.classes(targets))


def _items_in(value: Any) -> list[Any] | None:
    """Return the items of a list, or of one that a text holds; None for anything else."""
    if isinstance(value, str):
        return list_in(value)
    is_list = isinstance(value, list | tuple | set | frozenset) or hasattr(value, "tolist")
    # NumPy's numbers have `tolist` as its arrays do, but no axis; an array of two is no list of labels either.
    if is_list and getattr(value, "ndim", 1) == 1:
        return items_of(value)
    return None


def _are_labels(items: Sequence[Any]) -> bool:
    """Tell whether the items of a list are all names, all numbers, or all 0 or 1."""
    if all(isinstance(item, str) for item in items):
        return True
    return all(isinstance(item, int) or item in (0.0, 1.0) for item in items)


def _is_probability(pair: object) -> bool:
    if not isinstance(pair, tuple) or len(pair) != 2:
        return False
    label, probability = pair
    return isinstance(label, str) and isinstance(probability, float)


def _text_of(labels: Sequence[str]) -> str:
    return _BETWEEN.join(labels) or _NO_LABEL
