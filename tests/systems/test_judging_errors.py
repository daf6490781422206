"""Judgements that cannot be had."""

import numpy as np
import pytest

from charrobust.errors import UserError
from charrobust.systems.seeds import Seeds
from charrobust.systems.system import System
from charrobust.tasks.examples import Example
from tests.scoring.fakes import FakePredictor

EXAMPLES = [Example(name, ("wonderful weather",), "good") for name in ("first", "second", "third")]


def test_models_of_several_seeds_are_judged_one_by_one():
    seeds = Seeds("both", [FakePredictor(name="one"), FakePredictor(name="two")])
    for asked in (seeds.judge, seeds.margins):
        with pytest.raises(UserError, match=r"both holds models of several seeds: one, two; ask one of its `members`"):
            asked(EXAMPLES)
    assert seeds.members[0].judge(EXAMPLES).predictions == ["good"] * 3


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            lambda texts: [{"good": 1.0, "bad": 0.0}, {"good": 1.0}, {"good": 1.0}],
            r"example second: expected a score for each label \(good, bad\), got scores of good; have it give all",
        ),
        (
            lambda texts: [{"good": 1.0}, {"good": 0.1, "bad": 0.9}, {"good": 1.0}],
            r"example first: expected a score for each label \(good, bad\), got scores of good; have it give all",
        ),
        (lambda texts: [{"good": np.nan}] * 3, r"example first: expected a finite number"),
        (lambda texts: [{"good": 1.0}], r"returned 1 answers for 3 inputs"),
    ],
)
def test_scores_that_cannot_be_compared(function, message):
    system = System.of(function, task="classification")
    with pytest.raises(UserError, match=message):
        system.judge(EXAMPLES)


def test_scores_of_a_label_that_was_not_there_before():
    answers = [{"good": 1.0, "bad": 0.0}]
    system = System.of(lambda texts: answers * len(texts), task="classification")
    assert (system.judge(EXAMPLES).margins > 0).all()
    answers[0] = {"good": 0.1, "bad": 0.1, "odd": 0.8}
    with pytest.raises(UserError, match=r"label \(good, bad\), got scores of good, bad, odd"):
        system.judge(EXAMPLES)
