"""Augmenters of nlpaug that cannot do what is asked of them: said before, and with what does."""

import importlib.util

import pytest

from charrobust.errors import RecipeError
from charrobust.perturb.operators import Nlpaug
from tests.word_operators import attack


@pytest.mark.parametrize(("options", "instead"), [
    ({}, "drop-word"), ({"action": "delete"}, "drop-word"), ({"action": "swap"}, "swap-words"), ({"action": "crop"}, "drop-word"),
])  # fmt: skip
def test_actions_across_words(options, instead):
    with pytest.raises(RecipeError, match=f"RandomWordAug is given one word at a time.*use the operator '{instead}'"):
        Nlpaug(augmenter="RandomWordAug", options=options)


@pytest.mark.needs("nlpaug")
class TestLacking:
    def test_one_word_for_another_is_done(self):
        operator = Nlpaug(augmenter="RandomWordAug", options={"action": "substitute", "target_words": ["x"]})
        assert attack(operator).text("good weather").text == "x x"

    @pytest.mark.skipif(importlib.util.find_spec("nltk") is not None, reason="needs an installation without nltk")
    def test_a_package_that_is_not_there(self):
        with pytest.raises(RecipeError, match=r"SynonymAug needs another package: .*pip install nltk"):
            attack(Nlpaug(augmenter="SynonymAug")).text("good weather")

    def test_data_that_are_not_there(self):
        with pytest.raises(RecipeError, match=r"TfIdfAug does not find its data: .*No such file"):
            attack(Nlpaug(augmenter="TfIdfAug", options={"model_path": "no/such"})).text("good weather")
