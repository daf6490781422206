"""Word error rates."""

import pytest

from charrobust.perturb import load_recipe
from charrobust.training.word_recognition.errors import error_rate, word_errors

SENTENCES = [["The", "wonderful", "weather", "changes"], ["typing", "errors"]]


class Oracle:
    """Knows what was right."""

    name, fingerprint = "oracle", "0"

    def words(self, sentences):
        assert [len(sentence) for sentence in sentences] == [4, 2]
        return SENTENCES


class Identity:
    """Does nothing."""

    name, fingerprint = "identity", "0"

    def words(self, sentences):
        return [list(sentence) for sentence in sentences]


def test_error_rate():
    assert error_rate(SENTENCES, [["the", "wonderful", "x", "changes"], ["typing", "errors"]]) == pytest.approx(2 / 6)
    assert error_rate([], []) == 0


def test_each_operator_is_measured_alone():
    rows = word_errors(SENTENCES, load_recipe("charbert"), {"oracle": Oracle(), "identity": Identity()}, seed=1)
    assert [row.noise for row in rows] == ["clean", "drop", "add", "swap", "keyboard", "charbert"]
    for row in rows:
        assert row.restored == {"oracle": 0.0, "identity": row.nothing}
    clean, *noised = rows
    assert clean.nothing == 0
    assert all(0 < row.nothing <= 5 / 6 for row in noised)


def test_recipes_with_one_operator_of_their_name_are_measured_once():
    assert [row.noise for row in word_errors(SENTENCES, load_recipe("drop"), {}, seed=1)] == ["clean", "drop"]
