"""The metric of the library ``evaluate``: what an attack takes from predictions of classes."""

import pytest

from charrobust.errors import DataError
from charrobust.scoring.exchange.evaluate_metric import robustness, robustness_metric

RIGHT = ["a", "b", "a", "b"]


def test_what_is_lost_and_turned():
    found = robustness(["a", "b", "a", "a"], ["a", "a", "b", "b"], RIGHT)
    assert (found["accuracy"], found["attacked_accuracy"], found["lost"]) == (0.75, 0.5, 0.25)
    assert found["success"] == pytest.approx(2 / 3)
    assert found["lost_low"] <= 0.25 <= found["lost_high"]
    assert found["success_low"] < 2 / 3 < found["success_high"]


def test_nothing_was_right():
    found = robustness(["b", "a", "b", "a"], RIGHT, RIGHT)
    assert (found["lost"], found["success"], found["success_low"]) == (-1, None, None)


def test_too_few_examples():
    with pytest.raises(DataError):
        robustness(["a"], ["a"], ["a"])


@pytest.mark.nightly
@pytest.mark.needs("evaluate")
def test_the_library_computes_it():
    given = {"predictions": [1, 0, 1, 1], "attacked_predictions": [1, 1, 0, 1], "references": [1, 0, 1, 0]}
    assert robustness_metric().compute(**given) == robustness(*given.values())
