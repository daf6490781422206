"""What is no list of texts or of sentences is refused with what came and where, and never split into letters."""

import pytest

from charrobust import Attack
from charrobust.errors import UserError

ATTACK = Attack.load("charbert")


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("a wonderful day", r"expected a list of texts, got 'a wonderful day'; give a list of one, or use Attack.text"),
        (["good", None], r"text 1: expected a text, got None"),
        (["good", float("nan")], r"text 1: expected a text, got nan"),
        (["good", b"bad"], r"text 1: expected a text, got b'bad'"),
        ([["good", "bad"]], r"text 0: expected a text, got \['good', 'bad'\]"),
    ],
)
def test_texts(texts, message):
    with pytest.raises(UserError, match=message):
        ATTACK.texts(texts)


@pytest.mark.parametrize(
    ("sentences", "message"),
    [
        ("EU rejects", r"expected a list of sentences, each a list of tokens, got 'EU rejects'"),
        (["EU", "rejects"], r"each a list of tokens, got \['EU', 'rejects'\]; give a list of one sentence"),
        ([["EU"], "rejects"], r"each a list of tokens, got \[\['EU'\], 'rejects'\]"),
        ([["EU"], ["rejects", None]], r"sentence 1, token 1: expected a text, got None"),
        ([["EU"], None], r"sentence 1: expected a list of tokens, got None"),
        ([["EU"], 3], r"sentence 1: expected a list of tokens, got 3"),
    ],
)
def test_sentences(sentences, message):
    with pytest.raises(UserError, match=message):
        ATTACK.tokens(sentences)


@pytest.mark.parametrize("ids", [None, ["a", "b"]])
def test_ids_change_no_message(ids):
    with pytest.raises(UserError, match="token 0: expected a text"):
        ATTACK.tokens([["EU"], [None]], ids=ids)


@pytest.mark.parametrize("text", [None, 3, ["a", "list"]])
def test_one_text(text):
    with pytest.raises(UserError, match="text 0: expected a text"):
        ATTACK.text(text)


def test_what_behaves_like_a_text_is_one():
    class Name(str):
        __slots__ = ()

    assert ATTACK.texts([Name("wonderful")]).texts == ATTACK.texts(["wonderful"]).texts
