"""Sentences with and without noise: the same edits as ``charrobust attack`` makes, word for word."""

import pytest
from hypothesis import given

from charrobust.datasets import load_data
from charrobust.perturb import Attack
from charrobust.perturb.words import word_spans
from charrobust.scoring.noised import NoisedSentences
from charrobust.tasks.classification.record import Classification
from charrobust.tasks.examples import Example
from charrobust.tasks.qa.record import QuestionAnswering
from charrobust.tasks.records import Batch, Place
from charrobust.tasks.registry import task_names
from charrobust.tasks.tagging.record import Tagging
from tests.strategies import texts, tokens
from tests.tasks.retrieval.collection import write_collection

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


TEXT = {"id": "7", "text": "Wonderful weather in unbelievable storms", "label": "good"}
PAIR = {"id": "7", "text_a": "Wonderful weather", "text_b": "unbelievable storms", "label": 1.5}
WORDS = {"id": "7", "words": ["Wonderful", "weather", "of", "Switzerland"], "tags": ["O", "O", "O", "B-LOC"]}
# The first span cuts a word, which stays for it.
SPANS = {"id": "7", "text": TEXT["text"], "spans": [[0, 6, "A"], [21, 33, "B"]]}
QUESTION = {"id": "7", "question": "Which wonderful weather?", "context": "Here.", "answers": []}
# Records of each task and the options that they are read with, every one with ids and without.
RECORDS = {
    "classification": (TEXT, [{}, {"text_column": "text"}]),
    "regression": (PAIR, [{"text_column": ["text_a", "text_b"]}, {"text_column": ["text_b", "text_a"]}]),
    "multilabel": ({**TEXT, "label": ["a", "b"]}, [{}]),
    "tagging": (WORDS, [{}, {"protect": "entities"}]),
    "spans": (SPANS, [{}, {"protect": "entities"}, {"field": "entities"}]),
    "qa": (QUESTION, [{}]),
}
CASES = []
for task_name, (record, readings) in RECORDS.items():
    for options in readings:
        CASES.append((task_name, record, options))
        if task_name != "qa":
            CASES.append((task_name, record, {**options, "id_column": "id"}))


def check_attacked_as_a_file_is(data, attack):
    """Check that the noised sentences are those of the examples of attacked records."""
    records = [data.task.perturb(batch, attack).records for batch in data.batches]
    wanted = []
    for sentences in data.task.sentences(data.with_records(records)).values():
        wanted += sentences
    found = NoisedSentences.of_examples(data.examples, data.task, attack)
    noised = [tuple(pair.noised_words) if data.task.pretokenized else pair.noised for pair in found.pairs]
    assert noised == wanted
    found.require_noise()


@pytest.mark.parametrize(("task", "record", "options"), CASES)
def test_every_task_is_attacked_as_a_file_is(task, record, options):
    data = load_data([record], task=task, **options)
    check_attacked_as_a_file_is(data, Attack.load("everyday@1"))


def test_queries_are_attacked_as_a_folder_is(tmp_path):
    check_attacked_as_a_file_is(load_data(write_collection(tmp_path / "data")), CHARBERT)


def test_no_task_is_forgotten():
    assert {*RECORDS, "retrieval", "text"} == set(task_names())
