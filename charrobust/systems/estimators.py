"""Pipelines and estimators of scikit-learn as systems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from charrobust.errors import UserError
from charrobust.progress import Progress, no_progress
from charrobust.systems.finite import finite_scores
from charrobust.systems.functions import FunctionSystem
from charrobust.systems.naming import SystemOptions
from charrobust.systems.system import Judgement, System
from charrobust.tasks.examples import Example
from charrobust.tasks.metrics import Array

_TEXTS = 4096  # that are given to an estimator at once


class EstimatorSystem(FunctionSystem):
    """Asks a fitted pipeline of scikit-learn that reads texts, by its method ``predict``."""

    def __init__(
        self,
        estimator: Any,
        options: SystemOptions,
        *,
        labels: tuple[str, ...] = (),
        version: str | None = None,
        name: str | None = None,
    ) -> None:
        """Take an estimator.

        Args:
            estimator: The pipeline or estimator, fitted; it reads what plain lists of the task hold.
            options: Its task, and how many inputs it is given at once.
            labels: Names of the labels, where it knows only their numbers; None for its ``classes_``.
            version: As for :class:`~charrobust.systems.functions.FunctionSystem`.
            name: Name in tables; None for that of its last step.

        Raises:
            UserError: It is not fitted, or its task is not known.
        """
        known = labels or tuple(map(str, getattr(estimator, "classes_", ())))
        super().__init__(estimator, options, labels=known, version=version, name=name or _name_of(estimator))
        self.estimator = estimator
        # It reads no batches of tensors: in one call it does its checks once.
        self._batch_size = _TEXTS
        _check_fitted(estimator, self.name)

    def scores(self, examples: Sequence[Example], progress: Progress = no_progress) -> Array | None:
        """See the base class: what ``predict_proba`` returns; None without that method."""
        if not hasattr(self.estimator, "predict_proba"):
            return None
        inputs = [self.task.plain_input(example) for example in examples]
        scores = np.asarray(self.estimator.predict_proba(inputs), np.float64)
        progress(self.name, len(examples), len(examples), {})
        return finite_scores(scores, examples, self.name)

    def judge(
        self,
        examples: Sequence[Example],
        names: Mapping[str, str] | None = None,
        progress: Progress = no_progress,
    ) -> Judgement:
        """See the base class: an estimator tells classes and probabilities by two methods, which may differ."""
        return System.judge(self, examples, names, progress)


def _name_of(estimator: Any) -> str:
    steps = getattr(estimator, "steps", None)
    return type(steps[-1][1] if steps else estimator).__name__


def _check_fitted(estimator: Any, name: str) -> None:
    """Refuse an estimator that is not fitted.

    Raises:
        UserError: It is not.
    """
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(estimator)
    except NotFittedError as error:
        raise UserError(f"system {name!r} is not fitted; call its method fit first") from error
    except TypeError:
        return  # an estimator of another library, which does not say
