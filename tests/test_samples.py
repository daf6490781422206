"""The sample sets are what their cards say, and are written, not generated."""

import collections

import pytest

from charrobust.datasets.cards import load_card


def records(card: str, split: str):
    source = load_card(card).format(split)
    return [record for block in source.blocks() for record in source.parse(block).records]


def test_reviews():
    train, test = records("reviews", "train"), records("reviews", "test")
    assert len(train) >= 600
    assert len(test) >= 300
    for part in (train, test):
        labels = collections.Counter(record["label"] for record in part)
        assert set(labels) == {"positive", "negative"}
        assert 0.9 < labels["positive"] / labels["negative"] < 1.1
    texts = [record["text"] for record in train + test]
    assert len(set(texts)) == len(texts)
    starts = collections.Counter(" ".join(text.split()[:4]) for text in texts)
    assert max(starts.values()) <= 4  # no templates
    assert 10 < sum(len(text.split()) for text in texts) / len(texts) < 25


def test_entities():
    sentences = records("entities", "test")
    assert len(sentences) >= 250
    names = collections.Counter()
    for sentence in sentences:
        previous = "O"
        for tag in sentence["tags"]:
            kind, _, name = tag.partition("-")
            assert kind in "BIO"
            assert kind != "I" or previous[2:] == name
            names[name] += kind == "B"
            previous = tag
    assert set(filter(None, names)) == {"PER", "LOC", "ORG", "MISC"}
    assert min(names[name] for name in ("PER", "LOC", "ORG", "MISC")) > 50


def test_questions():
    paragraphs = records("questions", "test")
    questions = [qa for paragraph in paragraphs for qa in paragraph["qas"]]
    assert (len(paragraphs), len(questions)) == (60, 120)
    assert len({qa["id"] for qa in questions}) == len({qa["question"] for qa in questions}) == 120
    assert 10 <= sum(qa["is_impossible"] for qa in questions) <= 40
    for paragraph in paragraphs:
        for qa in paragraph["qas"]:
            assert bool(qa["answers"]) != qa["is_impossible"]
            for answer in qa["answers"]:
                assert paragraph["context"][answer["answer_start"] :].startswith(answer["text"])


@pytest.mark.parametrize("name", ["reviews", "entities", "questions"])
def test_sample_sets_are_free(name):
    assert load_card(name).licence == "CC0-1.0"
