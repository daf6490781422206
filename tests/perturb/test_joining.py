"""An edit never makes letters join: its borders are borders of letters, before it and after it."""

import unicodedata
from dataclasses import replace

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from charrobust.perturb import Attack, load_recipe, revert
from charrobust.perturb.edits import EditedText
from charrobust.perturb.operators import Add, Drop, Keyboard, Swap, WordOperator
from charrobust.perturb.operators.capitals import Capitals
from charrobust.perturb.operators.diacritics import Diacritics
from charrobust.perturb.operators.doubling import Double, Undouble
from charrobust.perturb.operators.rewriting import Phonetic
from charrobust.perturb.words import word_spans


class Backwards(WordOperator):
    """Writes the code points of a word from back to front."""

    name = "backwards"

    def rewrite(self, word: str, bits: int) -> str:
        return word[::-1]


OPERATORS = (
    Drop(),
    Drop(positions="all"),
    Swap(),
    Swap(positions="all"),
    Add(),
    Add(positions="all"),
    Add(letters="repeat", positions="all"),
    Add(letters="\u0301e\u1161\u0e33\u212b", positions="all"),
    Keyboard(positions="all"),
    Double(positions="all"),
    Undouble(positions="all"),
    Capitals(positions="all"),
    Capitals(positions="all", scope="word"),
    Diacritics(positions="all"),
    Diacritics(positions="all", action="add"),
    Phonetic(),
    Backwards(),
)
# Letters whose borders hang on what stands beside them, and few of all others.
JOINING = "ae\u0301\u0323\u0345\u1100\u1161\u11a8가각\U0001f1e9\U0001f1ea\u200d\ufe0f👩❤👍🏽\u0e01\u0e33\u0915\u094d\u093f\u09c7\u09be\u0600\x07\u200b\r\n'"
joining = st.text(JOINING, max_size=12) | st.text(max_size=12) | st.text(st.sampled_from(JOINING) | st.characters())
composed = joining.map(lambda text: unicodedata.normalize("NFC", text))


def attack_of(operator, edits_per_word=1) -> Attack:
    changes = {"min_length": 1, "operators": (operator,), "edits_per_word": edits_per_word}
    return Attack(replace(load_recipe("drop"), name=operator.label, **changes), 1)


ATTACKS = [*map(attack_of, OPERATORS), *(attack_of(operator, 3) for operator in OPERATORS[:6:2])]
ATTACKS += [Attack.load("charbert@1x2"), Attack.load("pruthi-random@2")]
any_attack = st.sampled_from(ATTACKS)


def borders(text: str) -> set[int]:
    return {0} | {match.end() for match in regex.finditer(r"\X", text)}


def is_composed(text: str) -> bool:
    return unicodedata.is_normalized("NFC", text)


def check(pair: EditedText) -> None:
    for edit in pair.edits:
        assert {*edit.old} <= borders(pair.source)
        assert {*edit.new} <= borders(pair.text)
        assert edit.old_text != edit.new_text
    assert revert(pair.text, pair.edits) == pair.source
    assert is_composed(pair.text) or not is_composed(pair.source)


@settings(max_examples=200)
@given(attack=any_attack, texts=st.lists(joining | composed, max_size=4))
def test_letters_of_a_text_stay_apart(attack, texts):
    for pair in attack.texts(texts):
        check(pair)


@settings(max_examples=200)
@given(attack=any_attack, sentence=st.lists(joining | composed, max_size=4))
def test_letters_of_tokens_stay_apart(attack, sentence):
    made = attack.tokens([sentence])
    for number, (old, new) in enumerate(zip(sentence, made.sentences[0], strict=True)):
        check(EditedText(old, new, made.edits.rows(number)))


@pytest.mark.parametrize(
    ("operator", "word"),
    [
        (Drop(), "\u1100x\u1161"),  # consonant and vowel would make a syllable
        (Drop(), "\U0001f1e9x\U0001f1ea"),  # a flag
        (Drop(), "a\n\u0301"),  # an accent for the a
        (Drop(), "\rx\n"),  # a line end
        (Swap(positions="all"), "\u0301e"),  # é
        (Swap(positions="all"), "\U0001f1e9\U0001f1e9\U0001f1e9"),  # the same again
        (Add(letters="\u0301"), "ee"),
        (Add(letters="\u0e33"), "ab"),  # a vowel of Thai that belongs to what stands before it
    ],
)
def test_an_edit_that_would_join_letters_is_left_and_counted(operator, word):
    made = attack_of(operator).tokens([[word]])
    assert made.sentences == [[word]]
    reasons = {reason for _, reason in made.tally.left} | set(made.tally.excluded)
    assert reasons <= {"would join its neighbours", "no letter or digit"}
    assert not made.tally.edited[operator.name]


def test_letters_to_draw_are_composed():
    made = attack_of(Add(letters="e\u0301\u212b")).tokens([["ab"]] * 50, ids=list(map(str, range(50))))
    assert {token for (token,) in made.sentences} == {"aéb", "aÅb"}


def test_other_words_are_edited_as_ever():
    text = "letters and a\u0301ccents, 한국어 words"
    edited = Attack.load("charbert").text(text)
    assert [edit.word for edit in edited.edits] == [0, 2, 4]
    assert len(word_spans(text)) == 5


@pytest.mark.needs("nlpaug")
@pytest.mark.parametrize("name", ["ocr", "spelling"])
def test_words_without_end_are_not_rewritten(name):
    made = Attack.load(name, severity=1).texts(["a" * 251])
    assert made.texts == ["a" * 251]
    assert sum(made.tally.left.values()) == 1
    assert [reason for _, reason in made.tally.left] == ["longer than 250 letters"]
