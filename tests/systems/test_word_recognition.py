"""Word recognition as a defence."""

import pytest
import torch

from charrobust.systems import recognition
from charrobust.systems.recognition import WordRecognition
from tests.models.semi_character import WORDS, network, stubborn

TEXT = ["The", "Wnderful", "weather", "1990", "at", "nrth", "-"]


def test_words_that_are_recognised_come_in_the_case_of_those_written():
    assert WordRecognition(stubborn("london")).words([TEXT]) == [
        ["London", "London", "london", "1990", "at", "london", "-"]
    ]


def test_known_words_stay_unless_the_network_is_sure():
    made = WordRecognition(stubborn("london", share=0.6)).words([TEXT])
    assert made == [["The", "London", "weather", "1990", "at", "london", "-"]]


@pytest.mark.parametrize(("backoff", "expected"), [("pass-through", "nrth"), ("neutral", "it")])
def test_backoffs(backoff, expected):
    made = WordRecognition(stubborn(None, backoff=backoff, neutral="it"))
    assert made.words([["at", "nrth", "1990"]]) == [["at", expected, "1990"]]


def test_the_neutral_word_takes_no_place_of_a_known_one_that_is_in_doubt():
    made = WordRecognition(stubborn(None, share=0.6, backoff="neutral", neutral="it"))
    assert made.words([["weather", "wther"]]) == [["weather", "it"]]


def test_the_background_decides_on_unknown_words_alone():
    unsure, london = stubborn(None, backoff="background"), stubborn("london")
    assert WordRecognition(unsure, london).words([["nrth", "at"]]) == [["london", "at"]]
    assert WordRecognition(unsure, stubborn(None)).words([["nrth", "at"]]) == [["nrth", "at"]]
    sure = stubborn("north", backoff="background")
    assert WordRecognition(sure, london).words([["nrth", "at"]]) == [["north", "at"]]


def test_a_margin_says_how_many_times_likelier_than_the_next_best_a_word_is():
    # Of 6 classes, the others share what is left.
    made = WordRecognition(stubborn("london", share=0.9))
    assert made.margins([TEXT], [(0, 1), (0, 5)]) == pytest.approx({(0, 1): 45, (0, 5): 45}, rel=1e-4)
    assert made.margins([TEXT], []) == {}


def test_the_margin_is_that_of_the_network_that_decides():
    unsure = stubborn(None, share=0.5, backoff="background")
    made = WordRecognition(unsure, stubborn("london", share=0.9))
    assert made.margins([["nrth"]], [(0, 0)]) == pytest.approx({(0, 0): 45}, rel=1e-4)


def test_sure_networks_have_finite_margins():
    made = WordRecognition(network())
    with torch.no_grad():
        made.network.output.bias[1] += 1e6
    assert 0 < made.margins([["nrth"]], [(0, 0)])[0, 0] < float("inf")


def test_sentences_do_not_depend_on_their_company():
    made = WordRecognition(network())
    sentences = [["the", "wthr", "of", "Lndn"], [], ["nrth"], ["wndrfl", "lndn", "the", "nrth"]]
    assert made.words(sentences) == [made.words([sentence])[0] for sentence in sentences]
    assert made.words([]) == []


@pytest.mark.parametrize("length", [1, 9, 10, 11, 17, 40])
def test_long_texts_are_read_in_windows(length, monkeypatch):
    monkeypatch.setattr(recognition, "_WINDOW", 10)
    monkeypatch.setattr(recognition, "_MARGIN", 3)
    windows = list(recognition._windows(0, length))
    assert [place for window in windows for place in window.inner] == list(range(length))
    for window in windows:
        assert window.end - window.start == min(length, 10)
        assert window.start == 0 or window.inner.start - window.start >= 3
        assert window.end == length or window.end - window.inner.stop >= 3
    assert WordRecognition(stubborn("the")).words([["x12"] * length]) == [["the"] * length]


def test_fingerprints_tell_networks_and_backoffs_apart(tmp_path):
    made = WordRecognition(network())
    made.save(tmp_path)
    changed = network()
    torch.nn.init.zeros_(changed.output.bias)
    others = [changed, network(backoff="neutral"), network(neutral="it")]
    others = [*map(WordRecognition, others), WordRecognition(network(backoff="background"), network())]
    found = {each.fingerprint for each in (made, WordRecognition.load(tmp_path), *others)}
    assert len(found) == 5


def test_a_background_is_saved_with_it(tmp_path):
    WordRecognition(stubborn(None, backoff="background"), stubborn("london")).save(tmp_path)
    assert WordRecognition.load(tmp_path).words([["nrth"]]) == [["london"]]
    assert WordRecognition.load(tmp_path).network.words == WORDS
