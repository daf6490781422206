"""Models that do not fit the data."""

import pytest

from charrobust.datasets import load_data
from charrobust.errors import UserError
from charrobust.systems.labels import label_names
from tests.scoring.fakes import fake_system, names, reviews


def test_another_task():
    with pytest.raises(UserError, match="model 'm' is for the task 'qa', the data set 'reviews' for 'classification'"):
        label_names(fake_system("m", task="qa", labels=()), reviews())


@pytest.mark.parametrize("told", [("good", "ill"), ("yes", "no"), ("LABEL_0", "LABEL_1"), ("GOOD", "Good")])
def test_other_classes(told):
    listed = ", ".join(map(repr, told))
    message = f"the classes of model 'm' are {listed}; those of the data set 'reviews' are 'bad', 'good'; give data"
    with pytest.raises(UserError, match=message):
        label_names(fake_system("m", labels=told), reviews())


def test_numbers_beyond_those_of_the_model():
    with pytest.raises(UserError, match="'LABEL_0', 'LABEL_1'; those of the data set 'data' are '1', '2'"):
        label_names(fake_system(labels=("LABEL_0", "LABEL_1")), load_data(["a", "b"], [1, 2]))


def test_other_tags():
    with pytest.raises(UserError, match=r"the tags of model 'm' are 'NOUN', 'VERB'; those .* are 'B-PER', 'O'"):
        label_names(fake_system("m", task="tagging", labels=("NOUN", "VERB")), names())


def test_long_lists_are_cut():
    told = tuple(f"class {number}" for number in range(30))
    with pytest.raises(UserError, match="'class 19' and 10 more; those"):
        label_names(fake_system(labels=told), reviews())


def test_pairs_and_single_texts():
    system = fake_system(texts=2)
    with pytest.raises(
        UserError, match="was trained on examples of 2 texts, those of the data set 'reviews' have 1; name"
    ):
        label_names(system, reviews())
    assert label_names(fake_system(texts=1), reviews())


def test_the_remedy_shows_a_label_map():
    with pytest.raises(UserError, match="rename those of either with `label_map`, such as pos=positive"):
        label_names(fake_system("m", labels=("yes", "no")), reviews())


@pytest.mark.parametrize("label_map", ["pos", ["pos"], [("a", "b", "c")], [("a", None)], 5, {"a": ""}])
def test_label_maps_of_another_shape(label_map):
    with pytest.raises(UserError, match="expected LABEL=NAME, such as pos=positive"):
        load_data(["a"], ["b"], label_map=label_map)


def test_a_label_that_is_renamed_twice():
    with pytest.raises(UserError, match="'a' is renamed twice, to 'b' and 'c'; give one name"):
        load_data(["a"], ["b"], label_map=["a=b", "a=c"])
