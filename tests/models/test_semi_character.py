"""The semi-character network: what it sees of words, and what is kept of it."""

import random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from charrobust.models.semi_character import SemiCharacterFeatures, SemiCharacterRecogniser, is_recogniser
from tests.models.semi_character import WORDS, network
from tests.strategies import WORDS as ODD

LETTERS = "abcdefghijklmnopqrstuvwxyz'"
features = SemiCharacterFeatures(LETTERS)
words = st.text(LETTERS + "AZéß書-", min_size=1, max_size=12) | st.sampled_from(ODD)


@given(words, st.randoms(use_true_random=False))
def test_the_order_of_inner_letters_is_not_seen(word, rng: random.Random):
    lowered = word.lower()
    inner = list(lowered[1:-1])
    rng.shuffle(inner)
    shuffled = lowered[:1] + "".join(inner) + lowered[1:][-1:]
    assert features([word]).equal(features([shuffled]))


@given(words)
def test_each_character_is_seen_once_and_a_lone_one_twice(word):
    lowered = word.lower()
    first, inner, last = features([word]).view(3, -1)
    assert first.sum() == last.sum() == 1
    assert inner.sum() == max(0, len(lowered) - 2)


def test_first_inner_and_last_characters_are_told_apart():
    first, inner, last = features(["baab"]).view(3, -1)
    place = "".join(sorted(LETTERS)).index
    assert first[place("b")] == last[place("b")] == 1
    assert inner[place("a")] == 2
    assert features(["on"]).ne(features(["no"])).any()


def test_words_are_seen_alike_in_any_company():
    together = features(["London", "", "x", "north"])
    for number, word in enumerate(["London", "", "x", "north"]):
        assert together[number].equal(features([word])[0])
    assert not together[1].any()


@pytest.mark.parametrize(("one", "other"), [("London", "lONDON"), ("n書rth", "n☃rth")])
def test_case_and_rare_characters_are_not_seen(one, other):
    assert features([one]).equal(features([other]))


def test_a_network_without_an_alphabet_sees_lengths():
    assert SemiCharacterFeatures("")(["abc"]).tolist() == [[1, 1, 1]]


def test_sentences_are_read_each_for_itself():
    made, sentences = network(), [["the", "Lodnon", "x"], ["north", "wnderful", "the"]]
    vectors = made(sentences)
    assert vectors.shape == (2, 3, 6)
    assert made.output(vectors).shape == (2, 3, len(WORDS) + 1)
    for vector, sentence in zip(vectors, sentences, strict=True):
        torch.testing.assert_close(vector, made([sentence])[0])


def test_the_words_around_a_word_matter():
    made = network()
    assert not made([["the", "Lodnon"]])[0, 1].equal(made([["north", "Lodnon"]])[0, 1])


@pytest.mark.parametrize(
    ("word", "asked"), [("the", True), ("th", False), ("1990", False), ("1990s", True), ("...", False)]
)
def test_words_that_are_asked_for(word, asked):
    assert network(shortest=3).asks_for(word) is asked


def test_what_is_saved_comes_back(tmp_path):
    made = network(backoff="neutral", neutral="it")
    made.save(tmp_path / "folder")
    assert is_recogniser(tmp_path / "folder")
    back = SemiCharacterRecogniser.load(tmp_path / "folder")
    assert (back.config, back.words, back.training) == (made.config, made.words, False)
    assert back([["Lodnon"]]).equal(made([["Lodnon"]]))
    assert {path.suffix for path in (tmp_path / "folder").iterdir()} == {".json", ".safetensors"}
