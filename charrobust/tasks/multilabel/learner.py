"""Any number of labels from the vectors of texts: a probability for each."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from charrobust.errors import UserError
from charrobust.tasks.examples import Prediction, Target
from charrobust.tasks.learners import NEIGHBOURS, STEPS, VectorLearner
from charrobust.tasks.metrics import Array

_THRESHOLD = 0.5  # of the probability of a label that is chosen


class LabelsLearner(VectorLearner):
    """A logistic regression for each label, or the share of the nearest examples that have it."""

    def __init__(self, kind: str, targets: Sequence[Target], labels: tuple[str, ...]) -> None:
        """Take targets.

        Args:
            kind: See the base class.
            targets: The labels of each example.
            labels: All labels that occur.

        Raises:
            UserError: There is none.
        """
        super().__init__(kind, targets, labels)
        if not labels:
            raise UserError(
                f"none of the {len(targets)} examples of the training set has a label; give `fit_on` data with labels"
            )

    def wanted(self) -> list[list[int]]:
        """See the base class: 1 for each label that holds, else 0, shape (examples, labels)."""
        return list(map(self._held, self.targets))

    def _held(self, target: Target) -> list[int]:
        return [int(label in target) for label in self.labels]

    def linear(self) -> Any:
        """See the base class."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.multiclass import OneVsRestClassifier

        return OneVsRestClassifier(LogisticRegression(max_iter=STEPS))

    def nearest(self, **options: Any) -> Any:
        """See the base class: the mean of 0 and 1 is the share."""
        from sklearn.neighbors import KNeighborsRegressor

        return KNeighborsRegressor(**options)

    def fit(self, vectors: Array) -> None:
        """See the base class."""
        with warnings.catch_warnings():
            # A label that all examples have is no mistake: it is always predicted.
            warnings.filterwarnings("ignore", message=r"Label .* is present in all training examples")
            super().fit(vectors)

    def scores(self, vectors: Array) -> Array:
        """See the base class."""
        if self.kind == NEIGHBOURS:
            return np.asarray(self._model.predict(vectors), np.float64)
        # Of a single label, scikit-learn returns two columns, the first for "does not hold".
        return super().scores(vectors)[:, -len(self.labels) :]

    def predictions(self, vectors: Array) -> list[Prediction]:
        """See the base class: the labels that are probable enough, and the probability of each."""
        found: list[Prediction] = []
        for probabilities in self.scores(vectors).tolist():
            ranked = tuple(zip(self.labels, probabilities, strict=True))
            chosen = tuple(label for label, probability in ranked if probability >= _THRESHOLD)
            found.append((chosen, ranked))
        return found
