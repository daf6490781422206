"""Sentences with and without noise: the same edits as ``charrobust attack`` makes, word for word."""

import pytest
from hypothesis import given

from charrobust.perturb import Attack
from charrobust.perturb.words import word_spans
from charrobust.scoring.noised import NoisedSentences
from charrobust.tasks.classification.record import Classification
from charrobust.tasks.examples import Example
from charrobust.tasks.qa.record import QuestionAnswering
from charrobust.tasks.records import Batch, Place
from charrobust.tasks.tagging.record import Tagging
from tests.strategies import texts, tokens

CHARBERT = Attack.load("charbert")


def attacked(task, record):
    return task.perturb(Batch(0, [record], [Place("test", "")]), CHARBERT).records[0]


@given(texts)
def test_words_of_texts_are_followed(text):
    attack = Attack.load("everyday@1x2")
    pair = NoisedSentences.attacked([text], attack).pairs[0]
    assert (pair.clean, pair.noised) == (text, attack.text(text).text)
    assert pair.spans == tuple(word_spans(text))
    for old, new, operator in zip(pair.words, pair.noised_words, pair.operators, strict=True):
        assert (old == new) >= (operator is None)


@given(tokens)
def test_tokens_stay_apart(sentence):
    pair = NoisedSentences.attacked([sentence], CHARBERT).pairs[0]
    assert pair.words == tuple(sentence)
    assert list(pair.noised_words) == CHARBERT.tokens([sentence]).sentences[0]
    for old, new, operator in zip(pair.words, pair.noised_words, pair.operators, strict=True):
        assert (old == new) == (operator is None)


def test_several_edits_of_a_word():
    found = NoisedSentences.attacked([["wonderful", "unbelievable"] * 20], Attack.load("charbert@1x2")).pairs[0]
    assert {"drop", "drop+swap", "add+keyboard"} < set(found.operators)


def test_what_is_given_is_compared():
    found = NoisedSentences.given([["a", "cat"]], [["a", "cta"]], name="mine")
    assert found.pairs[0].operators == (None, "mine")
    assert (found.attack, found.severity, found.seed) == ("mine", "", None)


@pytest.mark.parametrize("ids", [None, "id"])
def test_tagging_is_attacked_as_a_file_is(ids):
    record = {"tokens": ["wonderful", "weather", "here"], "tags": ["O", "O", "O"], "id": "7"}
    task = Tagging(id_column=ids)
    found = NoisedSentences.of_examples([Example("7", tuple(record["tokens"]), None)], task, CHARBERT)
    assert list(found.pairs[0].noised_words) == attacked(task, record)["tokens"]


@pytest.mark.parametrize("only", [(), ("text_b",)])
@pytest.mark.parametrize("ids", [None, "id"])
def test_pairs_are_attacked_as_a_file_is(only, ids):
    record = {"text_a": "Wonderful weather", "text_b": "unbelievable storms", "label": 1, "id": "7"}
    task = Classification(("text_a", "text_b"), attacked=only, id_column=ids)
    found = NoisedSentences.of_examples([Example("7", (record["text_a"], record["text_b"]), "1")], task, CHARBERT)
    made = attacked(task, record)
    assert [pair.noised for pair in found.pairs] == [made[column] for column in only or ("text_a", "text_b")]


def test_questions_are_attacked_as_a_file_is():
    record = {"question": "Which wonderful weather?", "context": "Here.", "answers": [{"text": "Here", "start": 0}]}
    found = NoisedSentences.of_examples(
        [Example("0", (record["question"], record["context"]), ("Here",))], QuestionAnswering(), CHARBERT
    )
    assert [pair.noised for pair in found.pairs] == [attacked(QuestionAnswering(), record)["question"]]
