"""Families of Unicode: look-alikes, invisible and control characters, full width, normal forms."""

import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from charrobust.perturb import Attack, Recipe, load_recipe, recipe_names, replay, revert
from charrobust.perturb.operators import OPERATORS
from charrobust.perturb.operators.controls import Backspace, Reorder
from charrobust.perturb.operators.forms import FullWidth, NormalForm
from charrobust.perturb.operators.homoglyphs import Homoglyph
from charrobust.perturb.operators.invisible import INVISIBLE, Invisible
from charrobust.perturb.operators.tables import load_table
from tests.perturb.test_joining import joining
from tests.perturb.test_operators import outcomes
from tests.strategies import any_texts, tokens


def attack_of(*operators, **rules) -> Attack:
    return Attack(Recipe(name="test", summary="", source="", seed=0, operators=operators, **rules), 0)


OPERATORS_OF_UNICODE = (
    Homoglyph(positions="all"), Homoglyph(positions="all", scope="word"), Invisible(), Invisible(positions="all"),
    Reorder(), Reorder(positions="all"), Backspace(), Backspace(positions="all"), FullWidth(positions="all"),
    NormalForm(positions="all"), NormalForm(positions="all", scope="word"), NormalForm(form="NFC", positions="all"),
    NormalForm(form="NFKC", positions="all", scope="word"), NormalForm(form="NFKD", positions="all"),
)  # fmt: skip
ATTACKS = [attack_of(operator) for operator in OPERATORS_OF_UNICODE]
ATTACKS += [attack_of(*OPERATORS_OF_UNICODE, edits_per_word=3)]
any_attack = st.sampled_from(ATTACKS)


@pytest.mark.parametrize(("operator", "word", "expected"), [
    (Homoglyph(), "xax", {"xαx", "xаx"}),
    (Homoglyph(), "хах", {"хaх", "хɑх", "хαх"}),
    (Invisible(letters="\u200b"), "ab", {"a\u200bb"}),
    (Invisible(letters="\u200d", positions="all"), "ab", {"\u200dab", "a\u200db", "ab\u200d"}),
    (Backspace(letters="x"), "ab", {"ax\x08b"}),
    (Reorder(positions="all"), "ab", {"\u202d\u2066\u202e\u2066b\u2069\u2066a\u2069\u202c\u2069\u202c"}),
    (FullWidth(positions="all", scope="word"), "A1é", {"Ａ１é"}),
    (NormalForm(), "xéx", {"xe\u0301x"}),
    (NormalForm(positions="all"), "가", {"\u1100\u1161"}),
    (NormalForm(form="NFC"), "xe\u0301x", {"xéx"}),
    (NormalForm(form="NFKC"), "xﬁx", {"xfix"}),
])  # fmt: skip
def test_what_an_operator_makes_of_a_word(operator, word, expected):
    assert outcomes(operator, word) == expected


@pytest.mark.parametrize(("operator", "word"), [
    (Reorder(positions="all"), "שלום"), (Reorder(positions="all"), "مُدَرِّس"), (Reorder(positions="all"), "12"),
    (Reorder(positions="all"), "aa"), (FullWidth(positions="all"), "жук"), (Homoglyph(positions="all"), "日本"),
    (NormalForm(positions="all"), "abc"),
])  # fmt: skip
def test_a_word_without_a_place_stays_and_is_counted(operator, word):
    made = attack_of(operator).tokens([[word]])
    assert made.sentences == [[word]]
    assert made.tally.left == {(operator.name, "no place for it"): 1}


@given(attack=any_attack, many=st.lists(any_texts | joining, max_size=3))
def test_edits_are_on_record_between_whole_letters_and_can_be_undone(attack, many):
    for source, pair in zip(many, attack.texts(many), strict=True):
        assert revert(pair.text, pair.edits) == source
        assert replay(source, pair.edits) == pair.text
        borders = {0} | {match.end() for match in regex.finditer(r"\X", source)}
        for edit in pair.edits:
            assert {*edit.old} <= borders
            assert edit.old_text != edit.new_text


@given(attack=any_attack, sentence=tokens)
def test_a_token_stays_one_token_of_one_line(attack, sentence):
    made = attack.tokens([sentence]).sentences[0]
    for old, new in zip(sentence, made, strict=True):
        if not any(map(str.isspace, old)):
            assert new.split() == new.splitlines() == [new]


def displayed(text: str) -> str:
    """Return what readers see of what the operators write: UAX 9 for exchanged letters, backspaces carried out."""
    exchanged = "\u202d\u2066\u202e\u2066(\\X)\u2069\u2066(\\X)\u2069\u202c\u2069\u202c"
    text = regex.sub(exchanged, r"\2\1", text)
    return regex.sub(f"\\X\x08|[{INVISIBLE}]", "", text)


@given(text=st.text("abcxyz Éüжи", max_size=30))
def test_what_is_displayed_is_the_original(text):
    attack = attack_of(Invisible(), Reorder(positions="all"), Backspace(positions="all"))
    assert displayed(attack.text(text).text) == text


@given(text=any_texts)
def test_normal_forms_say_the_same(text):
    made = attack_of(NormalForm(positions="all", scope="word")).text(text).text
    assert unicodedata.normalize("NFC", made) == unicodedata.normalize("NFC", text)


def test_look_alikes_are_letters_of_another_script_in_normal_form():
    for letter, written in load_table("confusables").items():
        script = next(s for s in ("Latin", "Greek", "Cyrillic") if regex.match(rf"\p{{Script={s}}}", letter))
        assert unicodedata.is_normalized("NFC", written)
        assert not regex.search(rf"\p{{Script={script}}}|\P{{L}}", written)


def test_invisible_characters_are_no_blanks_and_no_line_ends():
    for character in INVISIBLE:
        assert len(f"a{character}b".split()) == len(f"a{character}b".splitlines()) == 1


def test_every_recipe_of_a_family_is_cited_like_its_operators():
    for name in OPERATORS.names():
        operator = OPERATORS.find(name)
        assert operator is not None
        if operator.level == "unicode":
            assert operator.source
    assert {"homoglyphs", "invisible", "bidi", "backspace", "bad-characters", "full-width", "nfd"} <= set(
        recipe_names()
    )
    assert {operator.level for operator in load_recipe("bad-characters").operators} == {"unicode"}
