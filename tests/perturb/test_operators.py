"""What each operator does to a word."""

import pytest

from charrobust.perturb import Attack, Recipe
from charrobust.perturb.operators import Add, Drop, Keyboard, Nlpaug, Operator, Swap


def outcomes(operator: Operator, word: str, draws: int = 400, **rules) -> set[str]:
    """Return all forms that an operator makes of a word."""
    recipe = Recipe(name="test", summary="", source="", seed=0, operators=(operator,), **rules)
    made = Attack(recipe, 0).tokens([[word]] * draws, ids=[str(number) for number in range(draws)])
    return {tokens[0] for tokens in made.sentences}


def test_drop_leaves_out_any_inner_letter():
    assert outcomes(Drop(), "abcde") == {"acde", "abde", "abce"}


def test_drop_may_leave_out_the_ends():
    assert outcomes(Drop(positions="all"), "abc") == {"bc", "ac", "ab"}


@pytest.mark.parametrize(("operator", "word"), [
    (Drop(), "ab"), (Drop(positions="all"), "a"), (Swap(), "abc"), (Swap(positions="all"), "a"), (Swap(), "abba"),
    (Swap(positions="all"), "aaa"), (Add(), "a"), (Keyboard(), "ab"), (Keyboard(), "aжb"), (Keyboard(), "a1b"),
])  # fmt: skip
def test_a_word_without_a_place_stays_and_is_counted(operator, word):
    recipe = Recipe(name="test", summary="", source="", seed=0, operators=(operator,))
    made = Attack(recipe, 0).tokens([[word]])
    assert made.sentences == [[word]]
    assert made.tally.left == {(operator.name, "no place for it"): 1}
    assert not made.tally.edited


def test_swap_exchanges_inner_neighbours():
    assert outcomes(Swap(), "abcde") == {"acbde", "abdce"}


def test_swap_may_exchange_the_ends():
    assert outcomes(Swap(positions="all"), "abc") == {"bac", "acb"}


def test_swap_of_equal_letters_is_no_edit():
    assert outcomes(Swap(), "xaabx") == {"xabax"}


def test_add_inserts_a_letter_between_any_two():
    made = outcomes(Add(letters="z"), "abc")
    assert made == {"azbc", "abzc"}


def test_add_at_the_ends_belongs_to_the_word():
    assert outcomes(Add(letters="z", positions="all"), "ab") == {"zab", "azb", "abz"}
    recipe = Recipe(name="t", summary="", source="", seed=0, operators=(Add(letters="z", positions="all"),))
    for seed in range(30):
        pair = Attack(recipe, seed).text("one")
        assert pair.moved(0, 3) == (0, 4)


def test_add_keeps_the_case_of_its_neighbour():
    assert outcomes(Add(letters="z"), "AbC") == {"AZbC", "AbzC"}


def test_add_of_either_case():
    assert outcomes(Add(letters="z", case="any"), "ab") == {"azb", "aZb"}


def test_add_may_repeat_a_letter():
    assert outcomes(Add(letters="repeat"), "abc") == {"aabc", "abbc"}


def test_add_takes_letters_of_the_word_in_other_scripts():
    made = outcomes(Add(), "жук")
    assert made
    assert all(set(word) == set("жук") and len(word) == 4 for word in made)


def test_keyboard_writes_a_neighbour():
    assert outcomes(Keyboard(), "xgx") == {f"x{key}x" for key in "tfhvb"}


def test_keyboard_keeps_case_or_not():
    assert outcomes(Keyboard(), "XGX") == {f"X{key}X" for key in "TFHVB"}
    assert outcomes(Keyboard(case="lower"), "XGX") == {f"X{key}X" for key in "tfhvb"}


def test_keyboard_may_write_signs():
    assert outcomes(Keyboard(), "xlx") == {"xkx", "xox"}
    assert {"x;x", "x.x"} <= outcomes(Keyboard(keys="all"), "xlx")


def test_keyboard_of_other_languages():
    assert outcomes(Keyboard(layout="ru-jcuken"), "жпж") == {f"ж{key}ж" for key in "еарми"}
    assert "xzx" in outcomes(Keyboard(layout="de-qwertz"), "xux")
    assert "xİx" in outcomes(Keyboard(layout="tr-q"), "xŞx")


def test_combining_marks_stay_with_their_letters():
    word = "ne\u0301o\u0302x"
    assert outcomes(Swap(), word) == {"no\u0302e\u0301x"}
    assert outcomes(Drop(), word) == {"no\u0302x", "ne\u0301x"}
    for made in outcomes(Add(letters="z"), word):
        assert made.replace("z", "", 1) == word


def test_min_length_and_kinds_of_words():
    recipe = Recipe(
        name="t", summary="", source="", seed=0, operators=(Drop(min_length=5, skip=("stop-words", "numbers")),)
    )
    made = Attack(recipe, 0).tokens([["four", "their", "1:20.5", "12345", "letters", "..."]])
    assert made.sentences[0][:4] == ["four", "their", "1:20.5", "12345"]
    assert made.sentences[0][4] != "letters"
    assert made.tally.left == {
        ("drop", "shorter than 5 letters"): 1,
        ("drop", "stop-words"): 1,
        ("drop", "numbers"): 2,
    }
    assert made.tally.excluded == {"no letter or digit": 1}


def test_pure_digits_are_a_kind_of_their_own():
    recipe = Recipe(name="t", summary="", source="", seed=0, operators=(Drop(),), skip=("digits",))
    made = Attack(recipe, 0).tokens([["1995", "1:20"]])
    assert made.sentences[0][0] == "1995"
    assert made.sentences[0][1] != "1:20"


@pytest.mark.needs("nlpaug")
class TestNlpaug:
    """The adapter of the nlpaug library."""

    def test_spacing_is_never_touched(self):
        operator = Nlpaug(augmenter="OcrAug", options={"aug_word_p": 1.0, "aug_char_min": 1, "min_char": 1})
        recipe = Recipe(name="t", summary="", source="", seed=0, operators=(operator,))
        text = "The  U.S. (or \tUSA) can't\nlose, so boldly"
        made = Attack(recipe, 3).text(text)
        assert made.text != text
        assert [c for c in made.text if c.isspace()] == [c for c in text if c.isspace()]
        assert "(" in made.text

    def test_global_generators_are_left_alone(self):
        import random

        import numpy as np

        random.seed(1)
        np.random.seed(1)
        before = random.getstate(), np.random.get_state()[1].tolist()
        Attack.load("ocr@1").text("boldly going somewhere")
        assert (random.getstate(), np.random.get_state()[1].tolist()) == before

    def test_other_augmenters(self):
        keyboard = Nlpaug(augmenter="KeyboardAug", options={"aug_word_p": 1.0, "aug_char_max": 1, "min_char": 1})
        assert len(outcomes(keyboard, "wonderful", 50)) > 10
        swap = Nlpaug(augmenter="RandomCharAug", options={"action": "swap", "aug_word_p": 1.0, "min_char": 1})
        assert all(sorted(word.lower()) == sorted("wonderful") for word in outcomes(swap, "wonderful", 50))

    def test_a_token_is_never_split(self):
        split = Nlpaug(augmenter="SplitAug", options={"aug_p": 1.0, "min_char": 1})
        assert outcomes(split, "wonderful", 20) == {"wonderful"}

    def test_a_text_may_be_split_inside_a_word(self):
        split = Nlpaug(augmenter="SplitAug", options={"aug_p": 1.0, "min_char": 1})
        recipe = Recipe(name="t", summary="", source="", seed=0, operators=(split,))
        made = Attack(recipe, 0).text("wonderful weather")
        assert made.text.replace(" ", "") == "wonderfulweather"
        assert made.text.count(" ") == 3
