"""The words of running text, and the passages that are cut of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.errors import DataError
from charrobust.perturb.words import word_spans
from charrobust.training.word_recognition import running_words
from charrobust.training.word_recognition.running_words import RunningWords
from tests.strategies import texts

DOCUMENTS = ["The north, the NORTH.", "...", "one two three four five six seven", "the end"]


@given(st.lists(texts, max_size=5))
def test_words_are_those_of_the_documents(documents):
    expected = [found for text in documents if (found := [text[a:b] for a, b in word_spans(text)])]
    if expected:
        assert RunningWords.of(documents).documents() == expected


def test_words_do_not_depend_on_how_documents_are_gathered(monkeypatch):
    seen = []
    at_once = RunningWords.of(DOCUMENTS)
    monkeypatch.setattr(running_words, "_BATCH", 1)
    one_by_one = RunningWords.of(DOCUMENTS, lambda stage, done, *_: seen.append((stage, done)))
    assert one_by_one.documents() == at_once.documents()
    assert one_by_one.texts == at_once.texts
    assert seen == [("reading", 4), ("reading", 4), ("reading", 11), ("reading", 13)]


def test_counts():
    counts = RunningWords.of(DOCUMENTS).counts()
    assert (counts["the"], counts["The"], counts["end"]) == (2, 1, 1)
    assert counts.total() == len(RunningWords.of(DOCUMENTS)) == 13


@pytest.mark.parametrize(("words", "documents"), [(0, 1), (1, 1), (2, 1), (8, 1), (9, 2), (12, 2), (13, 3), (99, 3)])
def test_last_documents_are_split_off(words, documents):
    text = RunningWords.of(DOCUMENTS)
    before, after = text.split(words)
    assert before.documents() + after.documents() == text.documents()
    assert len(after.documents()) == documents
    assert before.counts() + after.counts() == text.counts()


@pytest.mark.parametrize("longest", [1, 3, 50])
@pytest.mark.parametrize("words", [1, 6, 1000])
def test_passages_hold_each_word_once(longest, words):
    text = RunningWords.of(DOCUMENTS)
    batches = text.passages(np.random.default_rng(1), longest, words)
    places = np.sort(np.concatenate([batch.places.ravel() for batch in batches]))
    assert places.tolist() == list(range(len(text)))
    documents = {word: number for number, words_ in enumerate(_numbered(text)) for word in words_}
    for batch in batches:
        assert batch.length <= longest
        assert len(batch.starts) == 1 or batch.places.size <= words
        assert all(len({documents[place] for place in row}) == 1 for row in batch.places.tolist())
        assert [len(sentence) for sentence in text.sentences(batch)] == [batch.length] * len(batch.starts)


def _numbered(text):
    """Return the numbers of the words of each document."""
    ends = [*text.firsts[1:].tolist(), len(text)]
    return [range(first, end) for first, end in zip(text.firsts.tolist(), ends, strict=True)]


def test_passages_are_cut_at_other_places_each_time():
    text = RunningWords.of([" ".join("word" for _ in range(200))])
    first, second = (
        sorted(start for batch in text.passages(np.random.default_rng(seed), 20, 100) for start in batch.starts)
        for seed in (1, 2)
    )
    assert first != second


def test_text_without_words_is_refused():
    with pytest.raises(DataError, match="the text holds no word; expected running text, one document a line"):
        RunningWords.of(["...", "--"])
