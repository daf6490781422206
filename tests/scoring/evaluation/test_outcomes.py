"""The worst of several outcomes."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.scoring.evaluation.outcomes import worst_case
from charrobust.tasks.metrics import score
from charrobust.tasks.tagging.metrics import SPAN_F1
from tests.scoring.fakes import outcome_of
from tests.tasks.data import task_of

TAGS = st.sampled_from(["O", "B-A", "I-A", "B-C"])
SENTENCE = st.lists(TAGS, min_size=3, max_size=3).map(tuple)
WORDS = st.sampled_from(["north", "south", "north south", "south north", ""])


def value(metric, outcome):
    return score(metric, outcome.first.targets, outcome.first.predictions)


@given(st.lists(SENTENCE, min_size=3, max_size=3), st.lists(st.lists(SENTENCE, min_size=3, max_size=3), max_size=3))
def test_no_choice_of_versions_has_a_lower_span_f1(targets, versions):
    versions = [targets, *versions]
    outcomes = [outcome_of(task_of("tagging"), targets, said) for said in versions]
    choices = (outcome_of(task_of("tagging"), targets, said) for said in product(*zip(*versions, strict=True)))
    lowest = min(value(SPAN_F1, outcome) for outcome in choices)
    assert value(SPAN_F1, worst_case(outcomes, SPAN_F1)) == pytest.approx(lowest)


@given(st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=1, max_size=4))
def test_no_attack_is_worse_than_the_worst_case(versions):
    targets = [("north south",), ("south", "north"), ()]
    outcomes = [outcome_of(task_of("qa"), targets, said) for said in versions]
    for metric in task_of("qa").metrics(targets):
        assert value(metric, worst_case(outcomes, metric)) <= min(value(metric, outcome) for outcome in outcomes)
