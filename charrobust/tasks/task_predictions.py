"""The targets and predictions of a task: what is right, what systems say of it, and how both are compared and shown."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from charrobust.tasks.answers import label_in
from charrobust.tasks.examples import Example, Prediction, Target
from charrobust.tasks.labels import sorted_labels
from charrobust.tasks.metrics import Array, Mask, Metric


class TaskPredictions(ABC):
    """What a task says of its targets, and of the predictions that systems make of them.

    Attributes:
        label_word: What its labels are called: ``classes``, ``tags``; empty where there are none.
        target_word: What a target is called in messages.
        why_no_targets: Why its examples never have a target, and what to do instead; empty where they may have one.
        tells_places: Whether predictions tell places in the text of an example.
        has_class_scores: Whether a text as a whole has classes, each of which a system may give a score.
        may_answer_nothing: Whether an empty text is an answer: that there is none.
    """

    label_word: ClassVar[str] = ""
    target_word: ClassVar[str] = "a target"
    why_no_targets: ClassVar[str] = ""
    tells_places: ClassVar[bool] = False
    has_class_scores: ClassVar[bool] = False
    may_answer_nothing: ClassVar[bool] = False

    def labels_in(self, target: Target) -> Iterable[str]:
        """Return the classes or tags that a target holds; none for tasks without labels."""
        return ()

    def classes(self, targets: Iterable[Target]) -> tuple[str, ...]:
        """Return the classes or tags of targets: those with numbers in their order, others after them."""
        occurring: set[str] = set()
        for target in targets:
            occurring.update(self.labels_in(target))
        # The order matters beyond looks: a new model's outputs have it, and F1 of two classes is that of the second.
        named = [name for name in self.names_in_order if name in occurring]
        return (*named, *sorted_labels(occurring - set(named)))

    @property
    def names_in_order(self) -> tuple[str, ...]:
        """The names of the classes or tags in the order of their numbers, where the data set tells."""
        return ()

    @property
    def renamed_labels(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a label and the name that a user gives it, in the data and in what systems answer."""
        return ()

    def labels_suffice(self, known: Iterable[str], wanted: Iterable[str]) -> bool:
        """Tell whether a model that knows some labels can be scored on data with others."""
        return set(wanted) <= set(known)

    @abstractmethod
    def metrics(self, targets: Sequence[Target], labels: Sequence[str] = ()) -> tuple[Metric, ...]:
        """Return the metrics, the main one first.

        Args:
            targets: What is right.
            labels: The classes in order, among them any that a model may say besides those of the targets.

        Returns:
            The metrics; some need certain targets, such as two classes.
        """

    @abstractmethod
    def example_scores(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Array:
        """Return a score of each example, more being better, shape (examples,)."""

    @abstractmethod
    def right(self, targets: Sequence[Target], predictions: Sequence[Prediction]) -> Mask | None:
        """Tell which examples are right, shape (examples,); None where right and wrong do not apply."""

    @classmethod
    def margins(
        cls,
        targets: Sequence[Target],
        predictions: Sequence[Prediction],
        scores: Array | None,
        labels: Sequence[str],
    ) -> Array | None:
        """Return how surely the target of each example wins (:mod:`charrobust.tasks.margins`).

        Where :meth:`right` tells right from wrong, a positive margin is that of a right example, and a negative one
        that of a wrong one.

        Args:
            targets: What is right.
            predictions: What a system says, in its own words.
            scores: A number for each class, more being more probable, shape (examples, classes); None where it has
                none.
            labels: What the data call each class.

        Returns:
            Shape (examples,), NaN where a target is not known; None where what is given does not tell, as by default.
        """
        return None

    @classmethod
    def plain_input(cls, example: Example) -> Any:
        """Return what a function is given of an example: what plain lists of the task hold (:meth:`of_lists`)."""
        return example.texts[0] if len(example.texts) == 1 else example.texts

    @classmethod
    def prediction_of(cls, answer: Any, example: Example) -> Prediction:
        """Return the prediction that an answer of a function, of a service or in a file is.

        Args:
            answer: A plain value: by default a label, or a score for each.
            example: The example.

        Returns:
            The prediction, in the shape that the task defines.

        Raises:
            UserError: It is none.
        """
        return label_in(answer)

    @classmethod
    def answer_of_labels(cls, labels: Sequence[str]) -> Any:
        """Return the answer of a free text in which labels occur, for :meth:`prediction_of`.

        Args:
            labels: The distinct labels that occur in it, in order.

        Returns:
            The answer; None where they make none. By default there must be one label.
        """
        return labels[0] if len(labels) == 1 else None

    def labels_predicted(self, prediction: Prediction) -> Iterable[str]:
        """Return the classes or tags that a prediction holds; by default as a target holds them."""
        return self.labels_in(prediction)

    @classmethod
    @abstractmethod
    def is_prediction(cls, value: object, example: Example) -> bool:
        """Tell whether a value can be a prediction for an example."""

    def renamed(self, prediction: Prediction, names: Mapping[str, str]) -> Prediction:
        """Return a prediction with other names for its labels."""
        return prediction

    @classmethod
    def carried_back(cls, prediction: Prediction, read: Example, example: Example) -> Prediction:
        """Return the prediction for an example of that for what a model read in its place, restored by a defence."""
        return prediction

    @classmethod
    def carried_on(cls, target: Target, example: Example, read: Example) -> Target:
        """Return the target of what a model reads in the place of an example: the way back of :meth:`carried_back`."""
        return target

    def target_text(self, target: Target) -> str:
        """Return a target as text."""
        return "" if target is None else self.prediction_text(target)

    def prediction_text(self, prediction: Prediction) -> str:
        """Return a prediction as text."""
        return str(prediction)

    def target_remark(self, example: Example) -> str:
        """Return what is to be known of a target besides its text, such as what a name in it stands for; or nothing."""
        return ""

    def prediction_remarks(self, prediction: Prediction, example: Example) -> tuple[str, ...]:
        """Return what is to be known of a prediction for an example besides its text, a line each; or nothing."""
        return ()

    @classmethod
    def filters(cls, target_text: str) -> list[str]:
        """Return the words by which an example is found on a page, from its target as text."""
        return [target_text]
