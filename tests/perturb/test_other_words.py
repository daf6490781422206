"""Words exchanged for others of their sets, and the shipped lists of sets."""

import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust import resources
from charrobust.perturb import Attack
from charrobust.perturb.listed import entries
from charrobust.perturb.operators.other_words import ConfusionSets, Dialect, Homophones, Inflections
from charrobust.perturb.word_sets import in_case_of, load_word_sets
from tests.word_operators import attack, outcomes

FOLDER = "attacks/word-sets"
LISTS = resources.names(FOLDER, ".txt")
OPERATORS = [Homophones(), ConfusionSets(), Inflections(), Dialect()]
each_list = pytest.mark.parametrize("name", LISTS)


def sets_of(name: str) -> list[list[str]]:
    path = resources.find(name, FOLDER, "list of word sets", suffix=".txt")
    return [line.split() for _, line in entries(path)]


@each_list
def test_every_list_is_of_words_and_cited(name):
    sets = sets_of(name)
    assert len(sets) > 100
    for words in sets:
        assert all(re.fullmatch(r"[a-z]+('[a-z]+)*", word) for word in words), words
    head = resources.shipped(FOLDER).joinpath(f"{name}.txt").read_text(encoding="utf-8").splitlines()[:4]
    assert any(mark in " ".join(head) for mark in ("MIT", "BSD", "Apache", "CC0"))


@each_list
def test_no_set_stands_twice_or_within_another(name):
    sets = sorted(map(frozenset, sets_of(name)), key=len)
    if name == "inflections-en":  # homonyms share forms: a saw and to saw
        assert len(set(sets)) == len(sets)
        return
    for number, words in enumerate(sets):
        assert not any(words <= other for other in sets[number + 1 :]), words


@each_list
def test_exchange_goes_both_ways_and_never_to_the_word_itself(name):
    others = load_word_sets(name)
    for word, found in others.items():
        assert word not in found
        assert all(word in others[other] for other in found)


def test_homophones_are_disjoint():
    words = [word for words in sets_of("homophones-en") for word in words]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(("operator", "word", "made"), [
    (Homophones(), "whether", {"weather"}), (Homophones(), "too", {"to", "two"}), (Homophones(), "Their", {"There", "They're"}),
    (Homophones(), "KNIGHT", {"NIGHT"}), (Homophones(), "wonderful", {"wonderful"}), (Homophones(), "wRight", {"wRight"}),
    (ConfusionSets(), "its", {"it's"}), (ConfusionSets(), "It’s", {"Its"}), (ConfusionSets(), "then", {"than"}),
    (ConfusionSets(), "affect", {"effect"}), (Inflections(), "went", {"go", "gone", "going", "goes"}),
    (Inflections(), "mice", {"mouse"}), (Inflections(), "Bigger", {"Big", "Biggest"}), (Dialect(), "colour", {"color"}),
    (Dialect(), "Color", {"Colour"}), (Dialect(), "practice", {"practice"}),
])  # fmt: skip
def test_what_becomes_of_words(operator, word, made):
    assert outcomes(operator, word) == made


def test_curly_apostrophes_stay_curly():
    assert outcomes(ConfusionSets(), "their") == {"there", "they're"}
    assert outcomes(ConfusionSets(), "who’s") == {"whose"}
    assert outcomes(ConfusionSets(), "you’re") == {"your"}
    assert outcomes(ConfusionSets(), "it’s") == {"its"}
    assert attack(Homophones()).text("Who’s there").text.startswith("Whose ")


@given(
    st.sampled_from(sorted(load_word_sets("homophones-en"))), st.sampled_from([str.lower, str.upper, str.capitalize])
)
def test_case_is_kept(word, case):
    for other in load_word_sets("homophones-en")[word]:
        assert in_case_of(other, case(word)) == case(other)


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
@given(word=st.text(min_size=1, max_size=10), bits=st.integers(0, 2**64 - 1))
def test_words_in_no_set_stay(operator, word, bits):
    if word.replace("’", "'").lower() not in load_word_sets(operator.sets):
        assert operator.rewrite(word, bits) == word


def test_a_recipe_with_an_own_list_is_sent_without_it(tmp_path):
    (tmp_path / "mine.txt").write_text("# Finnish\nkuusi kuuset\n", encoding="utf-8")
    path = tmp_path / "mine.toml"
    path.write_text("summary = 's'\nsource = 's'\nseed = 1\n[[operators]]\nname = 'inflections'\nsets = 'mine.txt'\n")
    loaded = Attack.load(str(path))
    fingerprint = loaded.recipe.fingerprint
    assert "kuusi kuuset" in fingerprint
    sent = pickle.dumps(loaded)
    (tmp_path / "mine.txt").unlink()
    load_word_sets.cache_clear()
    arrived = pickle.loads(sent)
    assert arrived.text("Kuusi").text == "Kuuset"
    assert arrived.recipe.fingerprint == fingerprint
