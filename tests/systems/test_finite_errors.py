"""Scores that are no numbers, of systems that are no models of the transformers library."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from charrobust.errors import UserError
from charrobust.systems.system import System
from tests.systems.tiny import examples

SOME = examples("classification")


@pytest.mark.parametrize("ask", ["predict", "scores"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_functions(ask, value):
    system = System.of(lambda texts: [{"a": 0.5, "b": 0.5 if text else value} for text in texts], task="classification")
    with pytest.raises(UserError, match="answer for example 2: expected a finite number"):
        getattr(system, ask)(SOME)


def test_functions_of_numbers():
    system = System.of(lambda texts: np.array([1.0 if text else np.nan for text in texts]), task="regression")
    with pytest.raises(UserError, match="answer for example 2: expected a finite number"):
        system.predict(SOME)


def test_estimators(monkeypatch):
    fitted = DummyClassifier().fit([[0], [1]], ["a", "b"])
    monkeypatch.setattr(
        fitted, "predict_proba", lambda texts: np.array([[0.5, 0.5 if text else np.nan] for text in texts])
    )
    with pytest.raises(UserError, match="gives NaN or an infinite score for example 2"):
        System.of(fitted, task="classification").scores(SOME)
