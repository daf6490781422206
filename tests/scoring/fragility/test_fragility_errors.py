"""What cannot be measured is refused, with what to do about it."""

import pytest

from charrobust.errors import DataError, UserError
from charrobust.perturb import Attack
from charrobust.scoring.fragility.measure import measure_fragility, tag_groups
from charrobust.scoring.noised import NoisedSentences
from tests.models.tokenizers import wordpiece

NOISED = NoisedSentences.attacked([["wonderful", "storms"]], Attack.load("drop"))


def test_no_words():
    with pytest.raises(DataError, match="fragility needs words, and there is none in 1 sentences"):
        measure_fragility({"x": wordpiece()}, NoisedSentences.given([[]], [[]]))


def test_words_without_sub_tokens():
    blank = NoisedSentences.given([["\u200b"]], [["\u200b"]])
    with pytest.raises(DataError, match="none of the words of the group 'all' has sub-tokens"):
        measure_fragility({"x": wordpiece()}, blank)


def test_groups_that_do_not_fit():
    with pytest.raises(DataError, match="the group 'g' must say for each word of each sentence"):
        measure_fragility({"x": wordpiece()}, NOISED, groups={"g": [[True]]})
    with pytest.raises(DataError, match="the group 'g' holds no word"):
        measure_fragility({"x": wordpiece()}, NOISED, groups={"g": [[False, False]]})
    with pytest.raises(DataError, match=r"no tag matches 'MN\*'; .*Known: NN, O"):
        tag_groups(["MN*"], [["NN", "O"]])


def test_unknown_tokenizer(tmp_path):
    with pytest.raises(UserError, match="no such directory"):
        measure_fragility({"x": tmp_path / "no"}, NOISED)
