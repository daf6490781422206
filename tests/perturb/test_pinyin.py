"""Pinyin: another character of the same reading, one for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust import resources
from charrobust.errors import RecipeError
from charrobust.perturb import Attack, Recipe, revert
from charrobust.perturb.operators.pinyin import Pinyin

TEXT = "今天天气很好，我们去公园散步。他们在学校里学习中文和数学，明天还要考试。"
LINES = resources.find("zh", "attacks/homophones", "list", suffix=".txt").read_text("utf-8").splitlines()
READINGS = [line.partition("#")[0].strip() for line in LINES if line and not line.startswith("#")]
OTHERS = {character: set(reading) - {character} for reading in READINGS for character in reading}


def attack_of(**options) -> Attack:
    return Attack(Recipe(name="test", summary="", source="", seed=0, operators=(Pinyin(**options),)), 3)


def test_the_list_has_the_common_characters_once():
    assert sum(map(len, READINGS)) == len(OTHERS) == 3727
    assert {"再", "栽", "载"} <= OTHERS["在"]


def test_a_tenth_of_the_characters_is_another_of_the_same_reading():
    edited = Attack.load("pinyin").text(TEXT * 10)
    assert 0.05 < len(edited.edits) / (30 * 10) < 0.15
    assert len(edited.text) == len(edited.source)
    for old, new in zip(edited.source, edited.text, strict=True):
        assert new == old or new in OTHERS[old]


@given(st.text(st.sampled_from("今天abc 的了あ，") | st.characters(), max_size=20))
def test_other_characters_stay_and_all_is_undone(text):
    edited = attack_of().text(text)
    assert revert(edited.text, edited.edits) == text
    assert all(edit.new_text in OTHERS[edit.old_text] for edit in edited.edits)


def test_an_own_list(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("# of one reading\nかが  # ka\n", encoding="utf-8")
    attack = attack_of(homophones=str(path))
    assert attack.text("かabcが").text == "がabcか"
    assert str(tmp_path) not in attack.recipe.fingerprint


@pytest.mark.parametrize(("content", "message"), [
    ("ab\nbc", r"line 2: 'b' has a place already; give each character one"),
    ("aab", r"line 1: 'a' has a place already"),
    ("a\nb # bc", r"holds no line with two characters or more"),
    ("", r"holds no line with two characters or more"),
])  # fmt: skip
def test_lists_that_do_not_serve(tmp_path, content, message):
    path = tmp_path / "mine.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RecipeError, match=message):
        Pinyin(homophones=str(path))


def test_an_unknown_list():
    with pytest.raises(RecipeError, match=r"unknown list of homophones 'ja'; .*Known: zh"):
        Pinyin(homophones="ja")
