"""What is fitted on the vectors of texts or pairs, in the place of a head; rooms say how, with scikit-learn."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from charrobust.tasks.examples import Prediction, Target
from charrobust.tasks.metrics import Array

LINEAR, NEIGHBOURS = "linear", "neighbours"
KINDS = (LINEAR, NEIGHBOURS)
STEPS = 1000  # of the optimiser of a linear classifier at most: many more than it takes
_NEIGHBOURS = 5


class VectorLearner(ABC):
    """Learns the targets of a task from vectors.

    Attributes:
        labels: Names of the classes, the columns of :meth:`scores`; none for numbers.
        has_scores: Whether it says how probable each class is.
    """

    labels: tuple[str, ...] = ()
    has_scores: ClassVar[bool] = True

    def __init__(self, kind: str, targets: Sequence[Target], labels: tuple[str, ...] = ()) -> None:
        """Take targets.

        Args:
            kind: Of :data:`KINDS`.
            targets: What is right for each example.
            labels: The classes of the targets.
        """
        self.kind, self.targets, self.labels = kind, tuple(targets), labels
        self._model: Any = None

    def fit(self, vectors: Array) -> None:
        """Learn.

        Args:
            vectors: Those of the examples of the targets, shape (examples, size).
        """
        wanted = np.asarray(self.wanted())
        # Neighbours are compared by the cosine, as vectors of texts are made to be.
        count = min(_NEIGHBOURS, len(self.targets))
        self._model = self.linear() if self.kind == LINEAR else self.nearest(n_neighbors=count, metric="cosine")
        self._model.fit(vectors, wanted)

    @abstractmethod
    def wanted(self) -> Sequence[Any]:
        """Return what is to be learnt of each example, in the shape that scikit-learn takes."""

    @abstractmethod
    def linear(self) -> Any:
        """Return an estimator of scikit-learn that is linear in the vectors."""

    @abstractmethod
    def nearest(self, **options: Any) -> Any:
        """Return an estimator of scikit-learn that asks the nearest examples."""

    @abstractmethod
    def predictions(self, vectors: Array) -> list[Prediction]:
        """Return a prediction for each of some vectors, in the shape that the task defines."""

    def scores(self, vectors: Array) -> Array:
        """Return how probable each class is, shape (vectors, labels)."""
        return np.asarray(self._model.predict_proba(vectors), np.float64)
