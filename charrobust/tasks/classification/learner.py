"""Classes from the vectors of texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from charrobust.errors import UserError
from charrobust.tasks.examples import Prediction, Target
from charrobust.tasks.learners import STEPS, VectorLearner
from charrobust.tasks.metrics import Array


class ClassLearner(VectorLearner):
    """Logistic regression, or the classes of the nearest examples."""

    def __init__(self, kind: str, targets: Sequence[Target], labels: tuple[str, ...]) -> None:
        """Take targets.

        Args:
            kind: See the base class.
            targets: The class of each example.
            labels: The classes, all of which occur.

        Raises:
            UserError: There is only one.
        """
        super().__init__(kind, targets, labels)
        if len(labels) < 2:
            raise UserError(
                f"all {len(targets)} examples of the training set are {labels[0]!r}; give `fit_on` data of two classes "
                "or more"
            )

    def wanted(self) -> list[int]:
        """See the base class: numbers of classes, so that the columns of scores have the order of the labels."""
        numbers = {label: number for number, label in enumerate(self.labels)}
        return [numbers[target] for target in self.targets]

    def linear(self) -> Any:
        """See the base class."""
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(max_iter=STEPS)

    def nearest(self, **options: Any) -> Any:
        """See the base class."""
        from sklearn.neighbors import KNeighborsClassifier

        return KNeighborsClassifier(**options)

    def predictions(self, vectors: Array) -> list[Prediction]:
        """See the base class: the most probable class."""
        return [self.labels[number] for number in self.scores(vectors).argmax(-1)]
