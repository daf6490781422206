"""Reading data sets, and making them of lists."""

from pathlib import Path

import pytest

from charrobust.datasets import load_data
from charrobust.datasets.cards import load_card
from charrobust.datasets.formats import format_of
from charrobust.resources import shipped
from charrobust.tasks.examples import Example
from tests.scoring.fakes import names, questions, reviews


def all_examples(name: str) -> list[Example]:
    """Return the examples of a card, as its task reads them block by block."""
    card = load_card(name)
    source = card.format(None)
    return [example for block in source.blocks() for example in card.task.examples(source.parse(block))]


@pytest.mark.parametrize("name", ["reviews", "entities", "questions"])
@pytest.mark.parametrize("limit", [None, 1, 7])
def test_examples_are_those_of_the_task(name, limit):
    data = load_data(name, limit=limit)
    assert list(data.examples) == all_examples(name)[:limit]
    assert len(data.owners) == len(data)


def test_every_example_knows_its_record():
    data = load_data("questions")
    for number in (0, 1, 2, len(data) - 1):
        assert data.examples[number] in list(data.task.examples(data.record_of(number)))
    assert "paragraph" in data.place_of(1).line


def test_an_excerpt_holds_the_records_of_its_examples_alone():
    data = load_data("questions")
    assert len(set(data.owners)) < len(data)
    numbers = [5, 0, 1, len(data) - 1, 1]
    excerpt = data.excerpt(numbers)
    assert list(excerpt.examples) == [data.examples[number] for number in numbers]
    assert [excerpt.place_of(number) for number in range(5)] == [data.place_of(number) for number in numbers]
    assert len(excerpt.batches) == 5
    assert excerpt.with_records([batch.records for batch in excerpt.batches]) == excerpt.examples


def test_no_more_records_are_kept_than_are_needed():
    data = load_data("questions", limit=1)
    assert [len(record["qas"]) for batch in data.batches for record in batch.records] == [1]


def test_classes_are_in_the_order_of_their_numbers():
    path = shipped("data") / "reviews-test.jsonl"
    data = load_data(path, task="classification", class_names=["positive", "negative"])
    assert data.classes == ("positive", "negative")
    assert reviews().classes == ("bad", "good")
    assert names().classes == ("B-PER", "O")
    assert questions().classes == ()


def test_plain_lists_of_every_task():
    assert reviews().examples[0].texts == ("wonderful weather",)
    assert names().examples[0].target == ("B-PER", "O", "O", "O", "B-PER")
    assert questions().examples[0].target == ("Rotterdam", "in Rotterdam")
    assert questions().examples[0].spans == ((34, 43), (31, 43))
    pair = load_data([("one", "two"), ("three", "four")], [1, 0])
    assert (pair.examples[1].texts, pair.examples[1].target) == (("three", "four"), "0")
    assert load_data(["a", "b"], [0.5, 1], task="regression").examples[0].target == 0.5


def test_a_file_and_its_name(tmp_path: Path):
    path = tmp_path / "some.jsonl"
    path.write_text('{"question": "who?", "context": "It is me.", "answers": [{"text": "me", "start": 6}]}\n')
    data = load_data(path, task="qa")
    assert (data.name, len(data), data.source) == ("some.jsonl", 1, format_of(path))
