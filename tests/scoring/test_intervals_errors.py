"""Too few examples, examples that are not the same, and levels that are none."""

import re

import numpy as np
import pytest

from charrobust.errors import DataError, UserError
from charrobust.scoring.intervals import (
    bootstrap,
    check_confidence,
    paired_difference,
    permutation_test,
    resample,
    wilson,
)
from charrobust.tasks.metrics import Metric, mean_of

MEAN = Metric("mean", lambda targets, predictions: np.ones((len(targets), 2)), mean_of)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_examples(count):
    few = np.ones((count, 2))
    message = f"needs at least two examples, got {count}; give more data"
    for call in (paired_difference, permutation_test):
        with pytest.raises(DataError, match=message):
            call(MEAN, few, few)
    with pytest.raises(DataError, match=message):
        bootstrap(MEAN, few)


def test_other_examples():
    for call in (paired_difference, permutation_test):
        with pytest.raises(DataError, match="needs the same examples twice, got 3 and 2"):
            call(MEAN, np.ones((3, 2)), np.ones((2, 2)))
    (one,), (other,) = resample([(MEAN, np.ones((3, 2)))]), resample([(MEAN, np.ones((2, 2)))])
    with pytest.raises(ValueError, match="of 3 and of 2 examples"):
        one - other


def test_a_share_of_nothing():
    with pytest.raises(DataError, match="a share needs at least one case, got none"):
        wilson(0, 0)


@pytest.mark.parametrize(("level", "hint"), [(95, "got 95; did you mean 0.95?"), (1, "such as 0.95, got 1"), (0, "got 0"), (float("nan"), "got nan")])  # fmt: skip
def test_levels_that_are_none(level, hint):
    with pytest.raises(UserError, match=re.escape(hint)):
        check_confidence(level)
    with pytest.raises(UserError, match="`confidence` must lie between 0 and 1"):
        wilson(1, 2, confidence=level)
