"""Examples as windows of tokens."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.tasks.examples import Example
from charrobust.tasks.registry import task_class
from charrobust.tasks.windows.sentences import _stretches
from charrobust.tasks.windows.windower import Windower
from tests.models.tokenizers import KINDS

TOKENIZERS = {name: make() for name, make in KINDS.items()}
WORDS = st.lists(
    st.sampled_from(["the", "wonderful", "Zürich", "書店", "x", "\u200b", "", "typing,", "a b", "unbelievable"]),
    max_size=40,
)


def encoder(name, task, max_length=64, stride=4, segments=False):
    """Return what makes windows of examples."""
    windower = Windower(TOKENIZERS[name], max_length, stride, segments)
    return partial(task_class(task).head_class()().windows, windower)


@pytest.mark.parametrize("name", TOKENIZERS)
@given(words=WORDS)
def test_each_word_of_a_sentence_is_answered_once(name, words):
    windows = encoder(name, "tagging", 24)([Example("0", tuple(words), None)])
    assert all(len(window) <= 24 for window in windows)
    answered = sorted(key for window in windows for key in window.keys.tolist())
    assert answered == list(range(len(words)))


@pytest.mark.parametrize("name", TOKENIZERS)
def test_the_first_token_of_a_word_speaks_for_it(name):
    words = ("the", "wonderful", "unbelievable", "of")
    (window,) = encoder(name, "tagging")([Example("0", words, None)])
    tokenizer = TOKENIZERS[name]
    for place, word in zip(window.places.tolist(), words, strict=True):
        piece = tokenizer.decode([window.ids[place]]).strip().removeprefix("##")
        assert word.startswith(piece)
        assert piece or name != "wordpiece"  # others may have the blank before a word as a token of its own


def test_words_of_a_long_sentence_have_others_around_them():
    words = ("the", "wonderful", "weather", "of", "the", "north") * 8
    windows = encoder("wordpiece", "tagging", 24, 8)([Example("0", words, None)])
    assert len(windows) > 2
    for window in windows[1:-1]:
        assert window.places[0] > 2
        assert window.places[-1] < len(window) - 3


def test_pairs_have_segments():
    pair = Example("0", ("the north", "the weather"), None)
    (window,) = encoder("wordpiece", "classification", segments=True)([pair])
    assert window.segments is None or len(window.segments) == len(window)
    (alone,) = encoder("wordpiece", "classification")([Example("0", ("the north",), None)])
    assert window.ids[: len(alone)] == alone.ids
    assert len(encoder("wordpiece", "classification", 16)([Example("0", ("the north " * 40,), None)])[0]) == 16


@pytest.mark.parametrize("name", TOKENIZERS)
def test_windows_cover_a_context(name):
    context = "typing errors change words of the north, unbelievable storms change the weather " * 3
    windows = encoder(name, "qa", 48, 8)([Example("7", ("wonderful typing?", context), ())])
    assert len(windows) > 1
    seen = np.zeros(len(context), bool)
    for window in windows:
        assert len(window) <= 48
        assert window.example == 0
        for place, start, end in zip(window.places, window.keys, window.ends, strict=True):
            seen[start:end] = True
            piece = TOKENIZERS[name].decode([window.ids[place]]).strip().removeprefix("##")
            assert piece in context[start:end] or piece in ("", "\ufffd", "<unk>")
    assert all(seen[number] or letter == " " for number, letter in enumerate(context))


def test_long_questions_leave_room_for_the_context():
    windows = encoder("wordpiece", "qa", 40, 20)([Example("7", ("wonderful typing " * 30, "the north " * 40), ())])
    assert all(len(window.places) >= 16 for window in windows[:-1])


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.integers(4, 30), st.integers(0, 20))
def test_stretches_fit_and_cover(sizes, room, shared):
    spans = _stretches(np.array(sizes), room, min(shared, room // 2))
    covered = {word for begin, end in spans for word in range(begin, end)}
    assert covered == set(range(len(sizes)))
    for begin, end in spans:
        assert sum(sizes[begin:end]) <= room or end - begin == 1
    assert spans == sorted(spans)
