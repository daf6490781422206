"""Searches in records of other tasks: several examples a record, tags, numbers."""

import numpy as np
import pytest

from charrobust.datasets import load_data
from charrobust.search import search
from charrobust.systems.system import System
from charrobust.tasks.registry import task_class
from tests.scoring.fakes import FakePredictor
from tests.search.systems import attack_of

WORD = "wonderful"
TAGGED = [{"tokens": ["Zurich", "has", "Wonderful", "weather"], "tags": ["B-PER", "O", "B-PER", "O"]}]
PARAGRAPH = {
    "context": "the wonderful weather of the north",
    "qas": [
        {"id": "a", "question": "what weather?", "answers": [{"text": "north", "answer_start": 29}]},
        {"id": "b", "question": "which north?", "answers": [{"text": "weather", "answer_start": 14}]},
        {"id": "c", "question": "where is it?", "answers": [{"text": "north", "answer_start": 29}]},
    ],
}


def asked_again(system, data, found):
    """Return the scores of clean and of found examples, by asking the system."""
    scores = []
    for examples in (data.examples, data.with_records([batch.records for batch in found.batches])):
        targets = [example.target for example in examples]
        scores.append(data.task.example_scores(targets, system.predict(examples)))
    return scores


def check(system, data, found):
    clean, changed = asked_again(system, data, found)
    for outcome in found.outcomes:
        numbers = list(outcome.examples)
        assert outcome.clean == pytest.approx(clean[numbers].sum())
        assert outcome.found == pytest.approx(changed[numbers].sum())


@pytest.mark.parametrize("name", ["exhaustive", "random", "decision"])
def test_tags(name):
    data = load_data(TAGGED, task="tagging")
    system = FakePredictor(task="tagging", labels=("O", "B-PER"))
    found = search(system, data, attack_of("capitals"), search=name)
    check(system, data, found)
    (outcome,) = found.outcomes
    # Where the first letter's case changes, so does the tag; only inner letters' cases are changed here.
    assert outcome.is_complete == (name == "exhaustive" or not outcome.success)


class Shouting(System):
    """Answers the last word of the context, or of the question where a word of the context is misspelt."""

    name, fingerprint, labels = "shouting", "f", ()
    task = task_class("qa")

    def predict(self, examples, progress=None):
        answers = []
        for question, context in (example.texts for example in examples):
            answers.append(context.split()[-1] if WORD in context else question.split()[-1])
        return answers


def test_several_examples_of_a_record_are_lost_together():
    data = load_data([PARAGRAPH], task="qa", field="context")
    system = Shouting()
    found = search(system, data, attack_of("drop"), search="exhaustive")
    check(system, data, found)
    (outcome,) = found.outcomes
    # A right answer scores 2, exact match and F1. The second question is wrong already; with the word misspelt, the others are answered by their own last words.
    assert outcome.examples == (0, 1, 2)
    assert (outcome.clean, outcome.found, outcome.success) == (4.0, 0.0, True)


class Length(System):
    """Says how long a text is."""

    name, fingerprint, labels = "length", "f", ()
    task = task_class("regression")

    def predict(self, examples, progress=None):
        return [float(len(example.texts[0])) for example in examples]


@pytest.mark.parametrize("name", ["exhaustive", "random", "pruthi"])
def test_numbers_have_no_right_and_wrong_and_are_searched_to_the_end(name):
    texts = ["wonderful weather", "storms change"]
    data = load_data([{"text": text, "label": float(len(text))} for text in texts], task="regression")
    found = search(Length(), data, attack_of("drop", "swap"), search=name)
    check(Length(), data, found)
    for outcome in found.outcomes:
        assert outcome.right_before
        assert outcome.success
        assert outcome.found == -1.0
        # No drop ends the search: another edit may be further from the target.
        assert name == "random" or outcome.queries == outcome.candidates


def test_texts_that_no_move_changes_are_certified():
    data = load_data([{"text": "a b c", "label": 5.0}], task="regression")
    (outcome,) = search(Length(), data, attack_of("drop"), search="exhaustive", edits=2).outcomes
    assert (outcome.candidates, outcome.queries, outcome.certified) == (0, 0, 2)
    assert np.isclose(outcome.found, outcome.clean)


class Measuring(System):
    """Answers with the number of letters that a text has beyond ten: each that is dropped takes one."""

    name, fingerprint = "measuring", "f"
    task = task_class("regression")

    def predict(self, examples, progress=None):
        return [float(len(example.texts[0]) - 10) for example in examples]


def test_numbers_are_lost_by_the_first_edit_though_more_do_more_harm():
    data = load_data([{"text": "wonderful weather", "label": 7.0}], task="regression")
    (outcome,) = search(Measuring(), data, attack_of("drop"), search="greedy", edits=2).outcomes
    assert (outcome.edits, outcome.edits_at_success) == (2, 1)
