"""Accuracy, losses and their intervals."""

import numpy as np
import pytest

from charrobust.errors import DataError
from charrobust.scoring import accuracy, paired_loss


def test_accuracy_has_the_wilson_interval():
    score = accuracy([True] * 8 + [False] * 2)
    assert score.value == 0.8
    # Wilson's formula with z = 1.959964
    assert score.low == pytest.approx(0.49016, abs=1e-4)
    assert score.high == pytest.approx(0.94332, abs=1e-4)


def test_a_loss_is_paired():
    clean = np.array([True] * 90 + [False] * 10)
    attacked = np.array([True] * 60 + [False] * 40)
    loss = paired_loss(clean, attacked)
    assert loss.value == pytest.approx(0.3)
    assert 0.2 < loss.low < 0.25
    assert 0.35 < loss.high < 0.41
    assert paired_loss(clean, attacked) == loss


def test_no_loss_at_all():
    loss = paired_loss([True, False], [True, False])
    assert (loss.value, loss.low, loss.high) == (0, 0, 0)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = [
        interval.low <= 0.3 <= interval.high for interval in (accuracy(rng.random(100) < 0.3) for _ in range(500))
    ]
    assert 0.92 < np.mean(covered) < 0.98


def test_too_few_examples_are_refused():
    with pytest.raises(DataError, match="needs at least one example"):
        accuracy([])
    with pytest.raises(DataError, match="expected the same two or more examples, got 1 clean and 1 attacked"):
        paired_loss([True], [True])
    with pytest.raises(DataError, match="got 3 clean and 2 attacked"):
        paired_loss([True] * 3, [True] * 2)
