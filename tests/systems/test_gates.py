"""Gates: which words a defence may touch."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.systems import restoration
from charrobust.systems.defended import Defended
from charrobust.systems.gates import NAME_MARGIN, Gate, Gated, gate_margin, words_of
from charrobust.systems.naming import SystemOptions, check_used, load_system
from charrobust.systems.restoration import GatedName, behind_gates, restore
from charrobust.systems.words import word_places
from charrobust.tasks.examples import Example
from charrobust.tasks.registry import task_class
from tests.scoring.fakes import FakePredictor, reviews
from tests.strategies import any_texts, tokens

TABLE = {"fiml": ("film", 9.0), "Lodnon": ("London", 30.0), "Paler": ("Paper", 3.0), "wether": ("weather", 1.5)}


@dataclass
class Table:
    """Restores the words of a table; all others it reads backwards, with a margin of their length."""

    name: str = "table"
    fingerprint: str = "t" * 64
    weighed: list = field(default_factory=list)

    def words(self, sentences):
        return [[TABLE.get(word, (word[::-1], 0))[0] for word in sentence] for sentence in sentences]

    def margins(self, sentences, places):
        self.weighed += places
        found = {}
        for number, rank in places:
            word = sentences[number][rank]
            found[number, rank] = TABLE.get(word, ("", float(len(word))))[1]
        return found


class WholeWords:
    """A tokenizer that has some words as one piece."""

    unk_token = "[UNK]"

    def tokenize(self, text):
        return {" fiml": ["fiml"], " Paler": ["[UNK]"]}.get(text, ["some", "##thing"])

    def get_vocab(self):
        return {"fiml": 0}


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        (Gate(name_margin=0), ["film", "London", "Paper", "weather"]),
        (Gate(name_margin=20), ["film", "London", "Paler", "weather"]),
        (Gate(name_margin=float("inf")), ["film", "Lodnon", "Paler", "weather"]),
        (Gate(known=frozenset({"lodnon", "wether"}), name_margin=20), ["film", "Lodnon", "Paler", "wether"]),
        (Gate(tokenizer=WholeWords(), name_margin=0), ["fiml", "London", "Paper", "weather"]),
        (Gate(name_margin=0, margin=2), ["film", "London", "Paper", "wether"]),
    ],
)
def test_each_clause(gate, expected):
    assert Gated(Table(), gate).words([list(TABLE)]) == [expected]


def test_margins_are_asked_only_where_they_decide():
    restorer = Table()
    Gated(restorer, Gate(known=frozenset({"lodnon"}))).words([["fiml", "Lodnon"], ["Paler", "Anna"[::-1]]])
    assert restorer.weighed == [(1, 0)]  # Anna would be written, in lower case no name


@given(st.lists(tokens, max_size=4), st.sets(st.sampled_from(["the", "letter", "aa", "strasse"])), st.floats(0, 50))
def test_a_word_is_restored_or_stays(sentences, known, margin):
    gate = Gate(known=frozenset(known), name_margin=margin, margin=margin)
    made, free = Gated(Table(), gate).words(sentences), Table().words(sentences)
    for new, restored, old in zip(made, free, sentences, strict=True):
        for word, other, written in zip(new, restored, old, strict=True):
            assert word in (other, written)
            if written.lower() in known:
                assert word == written


@given(st.lists(tokens, max_size=4), st.floats(0, 9), st.floats(0, 9))
def test_a_narrower_gate_lets_more_words_stay(sentences, first, second):
    wide, narrow = sorted([first, second])
    made = [Gated(Table(), Gate(name_margin=margin)).words(sentences) for margin in (wide, narrow)]
    for widely, narrowly, old in zip(*made, sentences, strict=True):
        for one, other, written in zip(widely, narrowly, old, strict=True):
            assert other in (one, written)


@given(st.lists(tokens, max_size=4))
def test_sentences_do_not_depend_on_their_company(sentences):
    """Searches ask about changed texts one by one, and about many at once."""
    gated = Gated(Table(), Gate(known=frozenset({"letter"}), name_margin=5))
    assert gated.words(sentences) == [gated.words([sentence])[0] for sentence in sentences]


@given(any_texts)
def test_texts_whose_words_are_all_known_stay(text):
    examples = [Example("1", (text,), "a")]
    gated = Gated(Table(), Gate(known=words_of(examples)))
    assert restore(gated, examples, task_class("classification")) == examples


@given(any_texts)
def test_words_of_examples_are_those_that_restorers_see(text):
    seen = {text[start:end].lower() for start, end in word_places(text)}
    assert words_of([Example("1", (text, "And more"), "a")]) == seen | {"and", "more"}


def test_fingerprints_tell_gates_apart():
    gates = [
        Gate(), Gate(known=frozenset({"a"})), Gate(name_margin=1), Gate(margin=1), Gate(tokenizer=WholeWords()),
        Gate(known=frozenset({"a", "b"})), Gate(known=frozenset({"b", "a"})),
    ]  # fmt: skip
    found = [Gated(Table(), gate).fingerprint for gate in gates]
    assert len(set(found)) == 6
    assert found[-1] == found[-2]
    assert Gated(Table(fingerprint="u"), Gate()).fingerprint != found[0]


def test_gates_by_name():
    assert gate_margin("gate") == NAME_MARGIN
    assert gate_margin("gate@3") == 3
    assert gate_margin("gate@inf") == float("inf")
    assert gate_margin("gates") is None
    assert behind_gates(["fold", "gate@3", "spelling", "words"]) == [
        GatedName("fold", None), GatedName("spelling", 3), GatedName("words", None),
    ]  # fmt: skip


def test_a_folder_of_that_name_is_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gate").mkdir()
    assert behind_gates(["gate"]) == [GatedName("gate", None)]


def test_a_gate_before_a_loaded_system(monkeypatch):
    predictor = FakePredictor(name="model", source="model")
    monkeypatch.setattr(restoration, "load_restorer", lambda name: Table(name))
    options = SystemOptions(gate_on=reviews())
    system = load_system("gate@5+spelling+model", options, loaded={"model": predictor})
    assert system.name == "gated spelling + model"
    assert system.info.defences == ("gated spelling",)
    check_used(options, [Defended("mine", system)])
    # The data have "wonderful" and "weather", and of one of the names the restorer is sure.
    system.predict([Example("1", ("Lodnon Paler fiml wonderful weather",), None)])
    assert predictor.asked == [("London Paler film wonderful weather",)]
