"""Moves: what a search makes of a record of any task is what an attack could have made, logged and undone as ever."""

import functools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charrobust import load_data
from charrobust.perturb import Attack, Recipe, load_recipe
from charrobust.perturb.operators import Drop, Swap
from charrobust.perturb.operators.misspelt import Misspelt
from charrobust.perturb.operators.units import DropWord
from charrobust.perturb.recipe import Part
from charrobust.perturb.word_limit import limit_of
from charrobust.tasks.moves import Moves
from charrobust.tasks.records import Batch, Place
from tests.strategies import texts
from tests.tasks.data import SQUAD, flat_questions, task_of
from tests.tasks.retrieval.collection import write_collection

PLACE = Place("test", "line 8")
PAIR = {"texts": ["question", "sentence"]}
TAGGED = {"tokens": ["Great", "Britain", "rejects", "wonderful", "weather"], "tags": ["B-LOC", "I-LOC", "O", "O", "O"]}
SPANS = {"text": "Great Britain rejects wonderful weather", "spans": [{"start": 0, "end": 13, "label": "LOC"}]}

RECORDS = {
    "text": ("classification", {"texts": ["text"]}, {"text": "A wonderful, “heartfelt” story — naïve", "label": 1}),
    "pair": ("classification", PAIR, {"question": "Which lake?", "sentence": "That lovely lake", "label": 0}),
    "ids": ("classification", {"texts": ["text"], "id_column": "id"}, {"id": "x", "text": "wonderful", "label": 1}),
    "number": ("regression", PAIR, {"question": "Which lake?", "sentence": "That lovely lake", "label": 2.5}),
    "labels": ("multilabel", {"texts": ["text"], "label": "labels"}, {"text": "A wonderful story", "labels": ["joy", "fear"]}),
    "plain": ("text", {"texts": ["text"]}, {"text": "A wonderful story\nof weather"}),
    "tags": ("tagging", {}, TAGGED),
    "entities": ("tagging", {"protect_entities": True}, TAGGED),
    "carried": ("tagging", {"carry_tags": True}, TAGGED),
    "spans": ("spans", {}, SPANS),
    "paragraph": ("qa", {"attacked": ["question", "context"]}, SQUAD["data"][0]["paragraphs"][0]),
    "question": ("qa", {}, flat_questions("hub")[0]),
    "context": ("qa", {"attacked": ["context"]}, flat_questions("list")[1]),
    "language": (
        "classification",
        {"texts": ["text"], "language_column": "lang"},
        {"text": "Der Zug nach Hamburg fährt später", "label": 0, "lang": "de"},
    ),
}  # fmt: skip
every_record = pytest.mark.parametrize("name", RECORDS)


def batch_of(record) -> Batch:
    return Batch(7, [record], [PLACE])


# Listed once: all examples of a property look at the same moves.
@functools.cache
def moves_of(name, recipe="ladder-any@1x2"):
    task, columns, record = RECORDS[name]
    return Moves(task_of(task, columns), batch_of(record), Attack.load(recipe))


def moves_in(text, attack) -> Moves:
    return Moves(task_of("classification", {"texts": ["text"]}), batch_of({"text": text, "label": 0}), attack)


def attack_of(*operators, **rules) -> Attack:
    return Attack(Recipe(name="test", summary="", source="", seed=0, operators=operators, **rules), 0)


def drawn_state(moves, data, most=4):
    """Draw a state, a move after the other."""
    state = ()
    for _ in range(data.draw(st.integers(0, most))):
        free = np.flatnonzero(moves.may_join(state)).tolist()
        if free:
            move = free[data.draw(st.integers(0, len(free) - 1))]
            state = tuple(sorted((*state, move)))
    return state


@every_record
@settings(max_examples=30)
@given(data=st.data())
def test_states_are_logged_and_undone(name, data):
    task, columns, record = RECORDS[name]
    moves = moves_of(name)
    assert len(moves)
    state = drawn_state(moves, data)
    made = moves.perturb([state])
    assert made.tally.edited.total() == len(state)
    assert {edit.row for edit in made.edits()} <= {7}
    assert (made.records[0] == record) == (not state)
    assert task_of(task, columns).restore(made.records[0], made.edits(), PLACE) == record


@pytest.mark.parametrize(
    "recipe", ["split-words", "join-words", "drop-words", "swap-words", "misspellings", "typing@1x2"]
)
@pytest.mark.parametrize("name", ["text", "carried", "spans", "context"])
@settings(max_examples=20)
@given(data=st.data())
def test_edits_across_words_are_undone_as_well(name, recipe, data):
    task, columns, record = RECORDS[name]
    moves = moves_of(name, recipe)
    made = moves.perturb([drawn_state(moves, data)])
    assert task_of(task, columns).restore(made.records[0], made.edits(), PLACE) == record


@every_record
@settings(max_examples=30)
@given(data=st.data())
def test_states_of_a_request_do_not_matter_to_each_other(name, data):
    moves = moves_of(name)
    states = [drawn_state(moves, data) for _ in range(data.draw(st.integers(0, 4)))]
    together = moves.perturb(states)
    alone = [moves.perturb([state]) for state in states]
    assert together.records == [one.records[0] for one in alone]
    edits = sorted((edit.example, edit.field, edit.edit.old) for one in alone for edit in one.edits())
    assert sorted((edit.example, edit.field, edit.edit.old) for edit in together.edits()) == edits


@every_record
def test_every_move_makes_another_record(name):
    moves = moves_of(name)
    made = moves.perturb([(move,) for move in range(len(moves))])
    assert len({repr(record) for record in made.records}) == len(moves)


@settings(max_examples=50)
@given(text=texts, seed=st.integers(0, 5), name=st.sampled_from(["charbert@1x2", "ladder-any@3x2", "any-letter"]))
def test_what_is_drawn_is_a_state(text, seed, name):
    attack = Attack.load(name, seed=seed)
    drawn = attack.text(text)
    moves = moves_in(text, attack)
    made = moves.perturb(singles_of(moves))
    singles = {record["text"]: move for move, record in enumerate(made.records)}
    spans = [edit.edit.old for edit in made.edits()]
    state = ()
    for edit in drawn.edits:
        alone = text[: edit.old[0]] + edit.new_text + text[edit.old[1] :]
        # Of edits that lead to the same text, as in a row of equal letters, there is one move, at one of their places;
        # and words without anything between them may be edited where they touch. States leave that out.
        if spans[singles[alone]] != edit.old or not moves.may_join(state)[singles[alone]]:
            assert has_rows(text, edit) or any(other.old[1] == edit.old[0] for other in drawn.edits)
            return
        state = tuple(sorted((*state, singles[alone])))
    assert moves.perturb([state]).records[0]["text"] == drawn.text


def has_rows(text, edit):
    """Tell whether equal letters stand beside each other where an edit is made, so that another edit does the same."""
    around = text[max(0, edit.old[0] - 1) : edit.old[1] + 1] + edit.new_text
    return len(set(around)) < len(around)


def singles_of(moves):
    return [(move,) for move in range(len(moves))]


def test_a_move_knows_its_word_and_its_place():
    moves = moves_of("pair")
    made = moves.perturb(singles_of(moves))
    fields = {edit.field: set() for edit in made.edits()}
    for edit, word in zip(made.edits(), moves.word.tolist(), strict=True):
        fields[edit.field].add(word)
    assert set(fields) == {"question", "sentence"}
    assert fields["question"].isdisjoint(fields["sentence"])
    assert len(set(moves.word.tolist())) == 3  # lake, lovely, lake; which is a stop word
    places = {}
    for move, place in enumerate(moves.place.tolist()):
        places.setdefault(place, set()).add((made.edits()[move].field, made.edits()[move].edit.old))
    assert all(len(spans) == 1 for spans in places.values())
    assert set(moves.operator.tolist()) == set(range(len(moves.operators)))


def test_the_language_of_a_record_counts():
    moves = moves_of("language")
    texts_made = [record["text"] for record in moves.perturb(singles_of(moves)).records]
    assert any("Zßug" in text or "Zäug" in text or "ß" in text for text in texts_made)
    assert "Der Zug nach Hambuürg fährt später" in texts_made


def test_questions_of_a_paragraph_and_its_context_are_moved_apart():
    moves = moves_of("paragraph")
    fields = {edit.field for edit in moves.perturb(singles_of(moves)).edits()}
    assert fields == {"context", "qas[0].question", "qas[1].question", "qas[2].question"}


def test_queries_of_a_collection(tmp_path):
    data = load_data(write_collection(tmp_path))
    record = next(record for batch in data.batches for record in batch.records if record.get("text"))
    moves = Moves(data.task, batch_of(record), Attack.load("ladder-any"))
    made = moves.perturb(singles_of(moves))
    assert {edit.field for edit in made.edits()} <= {"text"}


@pytest.mark.parametrize(("name", "most"), [("ladder-any", 1), ("ladder-any@1x2", 2), ("ladder-any@1x3", 3)])
def test_edits_of_a_word_are_limited(name, most):
    moves = moves_in("unbelievable", Attack.load(name))
    state = ()
    while moves.may_join(state).any():
        state = tuple(sorted((*state, int(np.flatnonzero(moves.may_join(state))[0]))))
    assert len(state) == most


def test_places_of_a_word_do_not_touch():
    moves = moves_in("abcdef", attack_of(Drop(), edits_per_word=3))
    free = {int(move) for move in np.flatnonzero(moves.may_join((1,)))}
    assert [record["text"] for record in moves.perturb(singles_of(moves)).records] == [
        "acdef",
        "abdef",
        "abcef",
        "abcdf",
    ]
    assert free == {3}


def test_a_word_is_rewritten_once_and_may_be_edited_elsewhere():
    moves = moves_in("separate", attack_of(Misspelt(), Drop(), edits_per_word=3))
    is_rewriting = np.array([moves.operators[number] == "misspelt" for number in moves.operator])
    first = int(np.flatnonzero(is_rewriting)[0])
    free = moves.may_join((first,))
    assert not free[is_rewriting].any()
    assert free.any()


def test_neighbours_may_both_be_dropped_but_never_all_words():
    moves = moves_in("one two three", attack_of(DropWord()))
    assert np.flatnonzero(moves.may_join((0,))).tolist() == [1, 2]
    assert moves.perturb([(0, 1), (0, 2)]).records[0]["text"] == "three"
    assert not moves.may_join((0, 1)).any()


@pytest.mark.parametrize(("mix", "words"), [("word", {0, 1}), ("text", {0})])
def test_parts_of_a_mixture_are_kept_apart(mix, words):
    parts = [Part(replace(load_recipe(name), edits_per_word=2), 1.0) for name in ("drop", "swap")]
    recipe = Recipe(name="mixed", summary="", source="", seed=0, mixture=tuple(parts), mix=mix, edits_per_word=2)
    moves = moves_in("wonderful weather", Attack(recipe, 0))
    of_drop = next(move for move in range(len(moves)) if moves.operators[moves.operator[move]] == "drop")
    free = np.flatnonzero(moves.may_join((of_drop,))).tolist()
    of_swap = [move for move in free if moves.operators[moves.operator[move]] == "swap"]
    assert {int(moves.word[move]) for move in of_swap} == words - {int(moves.word[of_drop])}
    assert {int(moves.word[move]) for move in free} == {0, 1}


@pytest.mark.parametrize("errors", ["non-word", "real-word"])
def test_states_keep_to_what_words_may_become(errors):
    attack = attack_of(Drop(positions="all"), Swap(positions="all"), edits_per_word=2, errors=errors)
    free = moves_in("shone a form", replace(attack, recipe=replace(attack.recipe, errors="any")))
    moves = moves_in("shone a form", attack)
    limit = limit_of(attack.recipe, attack.recipe)

    def is_allowed(text):
        words = zip(["shone", "a", "form"], text.split(), strict=True)
        return all(old == new or limit.allows(old, new) for old, new in words)

    def texts_of(moves, states):
        return [record["text"] for record in moves.perturb(states).records]

    singles = texts_of(free, singles_of(free))
    assert texts_of(moves, singles_of(moves)) == list(filter(is_allowed, singles))
    allowed_alone = [move for move, text in enumerate(singles) if is_allowed(text)]
    pairs = [(first, second) for first in allowed_alone for second in allowed_alone if first < second]
    pairs = [pair for pair in pairs if free.may_join(pair[:1])[pair[1]]]
    wanted = sorted(filter(is_allowed, texts_of(free, pairs)))
    states = [(first, second) for first in range(len(moves)) for second in np.flatnonzero(moves.may_join((first,)))]
    assert all(moves.may_join((second,))[first] for first, second in states)
    found = texts_of(moves, [(first, int(second)) for first, second in states if first < second])
    assert sorted(found) == wanted
    assert len(found) > 2
    assert not moves.lists_all_pairs


def test_a_limit_on_words_of_one_edit_leaves_all_pairs_listed():
    moves = moves_in("shone a form", attack_of(Swap(), Drop(positions="all"), errors="real-word"))
    made = [record["text"] for record in moves.perturb(singles_of(moves)).records]
    assert set(made) >= {"hone a form", "shone a from", "shone a for"}
    assert moves.lists_all_pairs
    states = [(first, second) for first in range(len(moves)) for second in range(first + 1, len(moves))]
    joined = [state for state in states if moves.may_join(state[:1])[state[1]]]
    assert joined == [state for state in states if moves.word[state[0]] != moves.word[state[1]]]


def test_a_record_without_words_has_no_moves():
    moves = moves_in("...", attack_of(Swap()))
    assert len(moves) == 0
    assert moves.may_join(()).shape == (0,)
    assert moves.perturb([()]).records == [{"text": "...", "label": 0}]
    assert moves.perturb([]).records == []
