"""Restoring the words of examples."""

import re
from dataclasses import dataclass
from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.systems.recognition import WordRecognition
from charrobust.systems.restoration import load_restorer, restore, restored
from charrobust.systems.words import word_places
from charrobust.tasks.examples import Example
from charrobust.tasks.registry import task_class
from tests.models.semi_character import network
from tests.strategies import any_texts, tokens


@dataclass(frozen=True)
class Replacing:
    """Replaces some words, and remembers what it was given."""

    table: dict[str, str]
    name = "replacing"
    fingerprint = "0"

    def words(self, sentences):
        return [[self.table.get(word, word) for word in sentence] for sentence in sentences]


identity = Replacing({})
mending = Replacing({"Lodnon": "London", "fiml": "film", "mdae": "made", "wihch": "which"})


@given(st.lists(st.tuples(any_texts, any_texts), max_size=3))
def test_restoring_nothing_changes_nothing(texts):
    examples = [Example(str(number), pair, "1") for number, pair in enumerate(texts)]
    for task in ("classification", "regression", "tagging", "qa"):
        assert restore(identity, examples, task_class(task)) == examples


def test_texts_of_classification():
    example = Example("1", ("A fiml,  in (Lodnon)!", "well-mdae fiml\n"), "positive")
    (made,) = restore(mending, [example], task_class("classification"))
    assert made == Example("1", ("A film,  in (London)!", "well-made film\n"), "positive")


def test_single_texts_and_pairs_stay_what_they_are():
    examples = [Example("1", ("fiml",), "a"), Example("2", ("fiml", "Lodnon"), "b")]
    assert [made.texts for made in restore(mending, examples, task_class("classification"))] == [
        ("film",),
        ("film", "London"),
    ]


def test_tokens_stay_tokens():
    example = Example("1", ("The", "well-mdae", "fiml", ",", "", "Lodnon"), ("O", "O", "O", "O", "O", "B-LOC"))
    (made,) = restore(mending, [example], task_class("tagging"))
    assert made.texts == ("The", "well-made", "film", ",", "", "London")
    assert made.target == example.target


def test_contexts_of_questions_stay():
    example = Example("q", ("In wihch fiml?", "The fiml was Lodnon."), ("Lodnon",), ((13, 19),))
    (made,) = restore(mending, [example], task_class("qa"))
    assert made.texts == ("In which film?", "The fiml was Lodnon.")
    (start, end) = made.spans[0]
    assert made.texts[1][start:end] == "Lodnon"


@given(st.lists(tokens, max_size=3))
def test_number_of_strings_and_what_is_between_words(passages):
    made = restored(WordRecognition(network(backoff="neutral", neutral="it")), passages)
    assert [len(strings) for strings in made] == [len(strings) for strings in passages]
    for new, old in zip(chain.from_iterable(made), chain.from_iterable(passages), strict=True):
        places = word_places(old)
        outside = [old[end:start] for (_, end), (start, _) in pairwise([(0, 0), *places, (len(old), 0)])]
        assert re.fullmatch("(.*)".join(map(re.escape, outside)), new, re.DOTALL)


def test_a_restorer_reads_a_text_or_the_tokens_of_a_sentence_at_once():
    seen = []

    class Watching(Replacing):
        def words(self, sentences):
            seen.extend(sentences)
            return super().words(sentences)

    restored(Watching({}), [["A fiml, in Lodnon"], ["well-made", ",", "film"]])
    assert seen == [["A", "fiml", "in", "Lodnon"], ["well", "made", "film"]]


def test_recognisers_are_loaded_from_their_folders(tmp_path):
    made = WordRecognition(network())
    made.save(tmp_path / "recogniser")
    loaded = load_restorer(str(tmp_path / "recogniser"))
    assert (loaded.name, loaded.fingerprint) == ("word recognition", made.fingerprint)


@pytest.mark.slow
def test_the_spelling_corrector_is_loaded_by_its_name():
    pytest.importorskip("symspellpy", reason="needs the extra spelling")
    loaded = load_restorer("spelling")
    assert loaded.name == "spelling"
    assert len(loaded.fingerprint) == 64
    assert loaded.words([["Lodnon", "is", "cmarming"]]) == [["London", "is", "charming"]]
