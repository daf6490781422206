"""Folding: what attacks by characters of Unicode did is undone, and what belongs to a language stays."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.perturb import Attack, Recipe, load_recipe
from charrobust.perturb.operators.controls import Backspace, Reorder
from charrobust.perturb.operators.invisible import Invisible
from charrobust.systems.defended import Defended
from charrobust.systems.displayed import displayed
from charrobust.systems.folding import Fold, fold, fold_passage
from charrobust.systems.naming import parse_system
from charrobust.systems.restoration import load_restorer, restore
from charrobust.systems.system import System
from charrobust.tasks.examples import Example
from charrobust.tasks.registry import task_class
from tests.strategies import any_texts

ENGLISH = (
    "Typing errors change what language models read, sometimes badly. The film was made in London by a small crew "
    "that had never worked on anything like it before; every actor, I think, got better with each scene."
)
OF_LANGUAGES = (
    "Съешь же ещё этих мягких французских булок да выпей чаю. Он сор и не рос; а СССР — хор. НАТО и ООН, 1995 год.",
    "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. Ο καιρός είναι καλός και το νερό κρύο.",
    "Жебракують філософи при ґанку церкви в Гадячі, ще й шатро їхнє п'яне знаємо.",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
    "Pijamalı hasta, yağız şoföre çabucak güvendi; ılık İzmir'de.",
    "Σήμερα ο Петр συνάντησε τον John: Latin, Ελληνικά и кириллица in einem Satz.",
    "می‌خواهم کتاب‌ها را بخوانم",
    "हिन्दी में क्‍ष और र्‍य", "日本語のＡＢＣ！（テスト）".replace("ＡＢＣ", "ABC"), "한국어 문장입니다.",
    "👩‍👩‍👧 🇩🇪 👍🏽 ❤️", "TNFα and IFNγ bind; the α level of CD4β cells", "Բարեւ ձեզ, սա հայերեն է",
)  # fmt: skip


@pytest.mark.parametrize("text", OF_LANGUAGES)
def test_texts_of_languages_stay(text):
    assert fold(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    "recipe", ["homoglyphs", "invisible", "bidi", "backspace", "full-width", "nfd", "bad-characters"]
)
def test_attacked_texts_are_displayed_as_they_were_and_fold_back(recipe):
    text = ENGLISH if recipe != "nfd" else OF_LANGUAGES[3]
    attack = Attack.load(recipe, severity=1)
    made = attack.texts([text] * 20, ids=list(map(str, range(20)))).texts
    folded = list(map(fold, made))
    assert all(changed != text for changed in made)
    wrong = [word for one in folded for word, old in zip(one.split(), text.split(), strict=True) if word != old]
    # A Greek letter alone may be a sign, and what looks like a capital I or a small l is one of the two.
    assert all(word.strip(",") in ("α", "Ι") or "I" in word or "l" in word for word in wrong), wrong
    assert len(wrong) <= 0.05 * 20 * len(text.split())


def test_look_alikes_in_texts_of_other_scripts_fold_back():
    text = "Съешь ещё этих мягких французских булок, пока доктор работает"
    made = Attack.load("homoglyphs").text(text).text
    assert made != text
    assert fold(made) == text


@given(text=st.text("abcxyzÉüжиשמ .,\n", max_size=40))
def test_letters_exchanged_hidden_and_deleted_come_back(text):
    operators = Invisible(), Reorder(positions="all"), Backspace()
    attack = Attack(Recipe(name="test", summary="", source="", seed=0, operators=operators), 0)
    assert displayed(attack.text(text).text) == text


@given(text=any_texts)
def test_folding_twice_is_folding_once(text):
    once = fold(text)
    assert unicodedata.is_normalized("NFC", once)
    assert fold(once) == once


@pytest.mark.parametrize(("text", "folded"), [
    ("The сор was big", "The cop was big"),  # a word of Cyrillic letters in a text of Latin ones
    ("The сор was шум", "The сор was шум"),  # but not beside another word of Cyrillic
    ("сор", "сор"),
    ("an а here", "an a here"),
    ("an α here", "an α here"),  # a sign, too
    ("letter with a sоft o", "letter with a soft o"),
    ("mіlІ", "mill"),
    ("ab\u202ec d\u202c e", "abd c e"),
    ("ab\u202e\u05d0\u05d1\u202c", "ab\u05d0\u05d1"),
    ("\u2066a\u202ebc\u2069d", "acbd"),  # the end of an isolate ends the override in it
    ("a\u2069b\u202cc", "abc"),
    ("a\b\b b\b", " "),
    ("ｌｅｔｔｅｒ！", "letter！"),
    ("a\u0000\u007fb\u200db", "abb"),
])  # fmt: skip
def test_single_texts(text, folded):
    assert fold(text) == folded


def test_tokens_stay_tokens_and_are_read_together():
    assert fold_passage(["The", "сор", "", "\u200b", "big"]) == ["The", "cop", "", "\u200b", "big"]
    example = Example("1", ("Lon\u200bdon", "саll\u2060s"), ("B-LOC", "O"))
    (made,) = restore(Fold(), [example], task_class("tagging"))
    assert made.texts == ("London", "calls")


def test_the_defence_has_a_name():
    assert parse_system("fold+models/sst2").defences == ("fold",)
    assert load_restorer("fold").name == "fold"
    assert load_restorer("fold").fingerprint == Fold().fingerprint


def test_spans_are_carried_back_to_the_text_that_was_given():
    task = task_class("spans")

    class Finder(System):
        """Finds London."""

        def __init__(self):
            self.name, self.task = "finder", task

        fingerprint = "0"

        def predict(self, examples, progress=None):
            found = [example.texts[0].find("London") for example in examples]
            return [((start, start + 6, "LOC"),) for start in found]

    text = "In L\u200bo\u202d\u2066\u202e\u2066d\u2069\u2066n\u2069\u202c\u2069\u202cоn at last"
    (prediction,) = Defended("folded", Finder(), [Fold()]).predict([Example("1", (text,), ())])
    assert prediction == ((3, text.index(" at"), "LOC"),)


def test_all_recipes_of_the_family_are_of_its_level():
    for name in ("homoglyphs", "invisible", "bidi", "backspace", "full-width", "nfd", "bad-characters"):
        assert {operator.level for operator in load_recipe(name).operators} == {"unicode"}
