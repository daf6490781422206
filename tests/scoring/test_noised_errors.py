"""Sentences of which nothing says what is to stay are refused."""

import pytest

from charrobust.errors import DataError
from charrobust.perturb import Attack
from charrobust.scoring.noised import NoisedSentences
from charrobust.tasks.examples import Example
from charrobust.tasks.tagging.record import Tagging


def test_entities_without_tags():
    examples = [Example("s1", ("wonderful",), ("O",)), Example("s2", ("weather",), None)]
    with pytest.raises(DataError, match="sentence s2 has no tags, so that nothing says what is an entity"):
        NoisedSentences.of_examples(examples, Tagging(protect_entities=True), Attack.load("drop"))
