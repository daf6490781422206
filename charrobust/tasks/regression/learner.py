"""Numbers from the vectors of texts."""

from __future__ import annotations

from typing import Any, ClassVar

from charrobust.tasks.examples import Prediction
from charrobust.tasks.learners import VectorLearner
from charrobust.tasks.metrics import Array


class NumberLearner(VectorLearner):
    """Ridge regression, or the mean of the nearest examples."""

    has_scores: ClassVar[bool] = False

    def wanted(self) -> list[float]:
        """See the base class: the numbers."""
        return list(self.targets)

    def linear(self) -> Any:
        """See the base class."""
        from sklearn.linear_model import Ridge

        return Ridge()

    def nearest(self, **options: Any) -> Any:
        """See the base class."""
        from sklearn.neighbors import KNeighborsRegressor

        return KNeighborsRegressor(**options)

    def predictions(self, vectors: Array) -> list[Prediction]:
        """See the base class."""
        return list(map(float, self._model.predict(vectors)))
