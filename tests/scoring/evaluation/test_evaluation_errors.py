"""Evaluations that cannot be made."""

import pytest

from charrobust.errors import DataError, UserError
from charrobust.scoring import evaluate
from tests.scoring.fakes import fake_system, reviews


def test_too_few_examples():
    with pytest.raises(DataError, match="a confidence interval needs at least two examples, got 1"):
        evaluate([fake_system()], reviews(1))


def test_no_system():
    with pytest.raises(UserError, match="no model to evaluate"):
        evaluate([], reviews())


def test_two_systems_of_one_name():
    with pytest.raises(UserError, match="2 models are called 'fake'"):
        evaluate([fake_system(), fake_system()], reviews())


def test_nothing_is_asked_of_systems_that_do_not_fit():
    good, other = fake_system("good"), fake_system("other", labels=("x", "y"))
    with pytest.raises(UserError, match="the classes of model 'other' are 'x', 'y'"):
        evaluate([good, other], reviews())
    assert good.system.asked == []
