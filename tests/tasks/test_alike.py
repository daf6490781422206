"""Of records that are alike one is checked: with the outcome of checking all."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.errors import DataError
from charrobust.perturb import Attack
from charrobust.tasks.alike import first_of_each, first_of_each_label
from charrobust.tasks.classification.record import Classification
from charrobust.tasks.multilabel.record import MultiLabel
from charrobust.tasks.records import Batch, LinePlaces
from charrobust.tasks.regression.record import Regression
from charrobust.tasks.text_columns import TextColumns

ATTACK = Attack.load("charbert")
LABELS = st.sampled_from([0, 1, 1.0, True, None, -1, "pos", "", "['a']", ["a"], ["a", "b"], 2**70, float("nan"), "1,5"])
TEXTS = st.sampled_from(["a good film", "", "[0, 3]", "{ it", 'so"', None, 3, "good"])
OTHERS = st.sampled_from([0, "a", [0, 4], {"start": 0, "end": 3}, "0-3", '[[0, 4, "x"]]', None])
RECORDS = st.fixed_dictionaries(
    {"text": TEXTS},
    optional={"label": LABELS, "lable": LABELS, "spans": OTHERS, "start": OTHERS, "end": OTHERS, "note": OTHERS},
)
# Most records of a data set are as they should be.
GOOD = st.fixed_dictionaries({"text": st.sampled_from(["a film", "[so it"]), "label": st.sampled_from([0, 1])})


def outcome(task, batch):
    """The records, edits and labels that come of a batch, or the error."""
    try:
        perturbed = task.perturb(batch, ATTACK)
    except DataError as error:
        return str(error)
    return repr(perturbed.records), perturbed.edits()


@given(st.lists(GOOD | RECORDS, max_size=6))
@pytest.mark.parametrize("task", [Classification(("text",)), Regression(("text",)), MultiLabel(("text",))], ids=repr)
def test_the_first_fault_is_found(task, records):
    batch = Batch(0, records, LinePlaces("in.jsonl", range(1, len(records) + 1)))
    found = outcome(task, batch)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TextColumns, "_to_check", lambda _, records: range(len(records)))
        assert found == outcome(task, batch)


@given(st.lists(RECORDS, max_size=6))
def test_all_types_of_labels_are_found(records):
    batch = Batch(0, records, LinePlaces("in.jsonl", range(1, len(records) + 1)))
    task = Classification(("text",))
    every = list(chain.from_iterable(map(task.raw_labels, records)))
    first = {type(label): repr(label) for label in reversed(every)}
    found = [label for label, _ in task.distinct_labels(batch)]
    assert first == {type(label): repr(label) for label in reversed(found)}


@given(st.lists(st.integers(0, 20)))
def test_the_first_of_each(keys):
    assert first_of_each(keys) == sorted({keys.index(key) for key in keys})


def test_equal_labels_of_other_types_are_others():
    labels = [1, True, 1.0, 1, True, "1"]
    assert first_of_each_label([{"label": label} for label in labels], ["label"]) == [0, 1, 2, 5]
