"""The spelling corrector, on a small dictionary."""

import pytest

from charrobust.systems.spelling import Spelling

DICTIONARY = {"london": 90, "charming": 50, "actor": 30, "not": 99, "the": 1000, "don't": 60, "them": 80}


@pytest.fixture(scope="module")
def spelling():
    """A corrector that knows a few words."""
    symspellpy = pytest.importorskip("symspellpy", reason="needs the extra spelling")
    checker = symspellpy.SymSpell(max_dictionary_edit_distance=2)
    for word, count in DICTIONARY.items():
        checker.create_dictionary_entry(word, count)
    return Spelling(checker, "a few words")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Lodnon", "London"),
        ("LODNON", "LONDON"),
        ("cmraming", "charming"),
        ("charming", "charming"),
        ("thm", "the"),  # of two at the same distance, the more frequent
        ("actor's", "actor's"),
        ("actor’s", "actor’s"),
        ("dont'", "don't"),
        ("n't", "n't"),
        ("x", "x"),
        ("1990", "1990"),
        ("l0ndon", "l0ndon"),
        ("...", "..."),
        ("incomprehensible", "incomprehensible"),
        ("", ""),
    ],
)
def test_words(spelling, written, expected):
    assert spelling.words([[written]]) == [[expected]]


def test_sentences_are_corrected_word_by_word(spelling):
    assert spelling.words([["Lodnon", "teh"], [], ["teh"]]) == [["London", "the"], [], ["the"]]


def test_fingerprints_tell_dictionaries_apart(spelling):
    other = Spelling(spelling._checker, "other words")
    assert spelling.fingerprint != other.fingerprint


def margin_of(spelling, word):
    return spelling.margins([[word]], [(0, 0)])[0, 0]


def test_a_margin_says_how_many_times_likelier_than_the_next_best_a_correction_is(spelling):
    assert margin_of(spelling, "thm") == 1000 / 80  # the, them
    assert margin_of(spelling, "Notx") == 150  # nothing is near but what is written, an edit less likely
    assert margin_of(spelling, "cmraming") == 1  # two edits are no likelier than that the word is right
    assert margin_of(spelling, "incomprehensible") == 0


def test_margins_of_the_places_asked(spelling):
    assert spelling.margins([["thm", "the"], [], ["Notx"]], [(2, 0), (0, 0)]) == {(2, 0): 150, (0, 0): 12.5}
