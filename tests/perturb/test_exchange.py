"""Families of letters: doubled ones, vowels, capitals, diacritics, signs, and groups that sound alike."""

import pickle
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.perturb import Attack, Recipe
from charrobust.perturb.operators import Add, Drop, Swap
from charrobust.perturb.operators.capitals import Capitals
from charrobust.perturb.operators.diacritics import Diacritics
from charrobust.perturb.operators.doubling import Double, Undouble
from charrobust.perturb.operators.rewriting import Phonetic
from charrobust.perturb.operators.substitution import Substitute
from charrobust.perturb.operators.tables import Leet
from charrobust.perturb.operators.vowels import Vowels
from tests.perturb.test_operators import outcomes
from tests.strategies import texts


def attack_of(*operators) -> Attack:
    return Attack(Recipe(name="test", summary="", source="", seed=0, operators=operators), 0)


@pytest.mark.parametrize(("operator", "word", "expected"), [
    (Double(), "abc", {"abbc"}),
    (Double(positions="all"), "a1c", {"aa1c", "a1cc"}),
    (Undouble(), "aabbc", {"aabc"}),
    (Undouble(positions="all"), "aabb", {"abb", "aab"}),
    (Vowels(), "tag", {"teg", "tig", "tog", "tug"}),
    (Vowels(vowels="yi", positions="all"), "IYi", {"YYi", "IIi", "IYy"}),
    (Drop(letters="aeiou"), "lettér", {"lttér"}),
    (Drop(letters="t"), "aTtb", {"atb", "aTb"}),
    (Substitute(letters="ab"), "xax", {"xbx"}),
    (Substitute(letters="aб", positions="first"), "Éx", {"Ax", "Бx"}),
    (Substitute(letters="аб", positions="last"), "жа", {"жб"}),
    (Capitals(), "abc", {"aBc"}),
    (Capitals(positions="first"), "Paris", {"paris"}),
    (Capitals(positions="all", scope="word", case="upper"), "straße", {"STRAßE"}),
    (Capitals(positions="all", scope="word", case="lower"), "NASA", {"nasa"}),
    (Diacritics(), "naïve", {"naive"}),
    (Diacritics(positions="all", scope="word"), "ÉTÉ", {"ETE"}),
    (Diacritics(positions="all"), "не\u0308о", {"нео"}),
    (Diacritics(positions="all", action="add"), "ŵh", {"ŵĥ"}),
    (Leet(), "tab", {"t4b", "t@b"}),
    (Leet(positions="all", scope="word"), "toe", {"703", "+03"}),
    (Phonetic(positions="first"), "phone", {"fone"}),
    (Phonetic(positions="first"), "PHONE", {"FONE"}),
    (Phonetic(positions="first"), "Phone", {"Fone"}),
    (Phonetic(positions="last"), "comb", {"com"}),
    (Drop(positions="first"), "abc", {"bc"}),
    (Drop(positions="last"), "abc", {"ab"}),
    (Swap(positions="last"), "abcd", {"abdc"}),
    (Add(positions="last", letters="x"), "ab", {"abx"}),
    (Add(positions="first", letters="x"), "ab", {"xab"}),
])  # fmt: skip
def test_what_an_operator_makes_of_a_word(operator, word, expected):
    assert outcomes(operator, word) == expected


@pytest.mark.parametrize(("operator", "word"), [
    (Double(positions="all"), "12"), (Undouble(positions="all"), "abab"), (Vowels(positions="all"), "xyz"),
    (Capitals(positions="all"), "ß12漢"), (Diacritics(positions="all"), "øłab"), (Leet(positions="all"), "xyw"),
    (Leet(positions="all", scope="word"), "xyw"), (Leet(scope="word"), "at"), (Phonetic(), "aaaa"),
    (Swap(positions="first"), "a"), (Drop(positions="last"), "a"),
])  # fmt: skip
def test_a_word_without_a_place_stays_and_is_counted(operator, word):
    made = attack_of(operator).tokens([[word]])
    assert made.sentences == [[word]]
    assert made.tally.left == {(operator.name, "no place for it"): 1}


def test_rules_of_ends_hold_at_ends_alone():
    everywhere = outcomes(Phonetic(), "aknambo")
    assert not any("mo" in word for word in everywhere)
    assert all(word.startswith(("akn", "acn", "ackn")) for word in everywhere)


def test_the_longest_rule_holds_where_several_fit():
    assert outcomes(Phonetic(), "atche") == {"ache"}


def test_letters_that_stay_are_those_of_the_positions():
    for word in outcomes(Leet(scope="word"), "total"):
        assert (word[0], word[-1]) == ("t", "l")
        assert not any(letter.isalpha() for letter in word[1:-1])


def test_forms_of_a_letter_are_drawn_alike_at_each_place():
    made = outcomes(Leet(positions="all", scope="word"), "aa")
    assert sorted(made) == ["44", "4@", "@4", "@@"]


@given(text=texts)
def test_lost_diacritics_are_those_of_unicode(text):
    made = attack_of(Diacritics(positions="all", scope="word")).text(text).text
    assert not [mark for mark in unicodedata.normalize("NFD", made) if mark in "\u0301\u0302\u0303\u0308\u030c\u0327"]


@given(text=texts)
def test_capitals_say_the_same_in_another_case(text):
    made = attack_of(Capitals(positions="all"), Capitals(scope="word", positions="all")).text(text).text
    assert made.casefold() == text.casefold()


@given(text=st.text("abAB éÉ", max_size=30))
def test_undoubled_letters_were_doubled(text):
    for edit in attack_of(Undouble(positions="all")).text(text).edits:
        assert edit.old_text == edit.new_text * 2


def test_an_own_table_and_own_rules_go_where_the_recipe_goes(tmp_path):
    table, rules = tmp_path / "mine.toml", tmp_path / "rules.toml"
    table.write_text("[forms]\n'к' = 'k'", encoding="utf-8")
    rules.write_text("[rules]\n'тс' = ['ц']", encoding="utf-8")
    operators = Leet(table=str(table)), Phonetic(rules=str(rules))
    sent = pickle.dumps(operators)
    table.unlink()
    rules.unlink()
    leet, phonetic = pickle.loads(sent)
    assert outcomes(leet, "аке") == {"аkе"}
    assert outcomes(phonetic, "отсос") == {"оцос"}
