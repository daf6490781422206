"""Lists that do not fit the examples are refused with the first example that differs."""

import pytest

from charrobust.perturb import Attack


@pytest.mark.parametrize(("protect", "message"), [
    ([[True], [False, False, False]], "protect must have one mark for each of the 2 tokens of sentence 0, got 1"),
    ([[True, False], [True]], "protect must have one mark for each of the 2 tokens of sentence 1, got 1"),
    ([[True, False], [True, False, False]], "each of the 2 tokens of sentence 1, got 3"),
])  # fmt: skip
def test_marks_of_each_sentence_are_counted(protect, message):
    # The wrong lengths of the first case make up for each other: the marks of the whole batch are as many as its tokens.
    with pytest.raises(ValueError, match=message):
        Attack.load("drop").tokens([["wonderful", "weather"], ["unbelievable", "storms"]], protect=protect)
