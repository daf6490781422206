"""Records that cannot be searched, and states that are none."""

import pytest

from charrobust.errors import DataError, RecipeError, UserError
from charrobust.perturb import Attack
from charrobust.perturb.chosen import Chosen
from charrobust.tasks.moves import Moves
from charrobust.tasks.records import Batch, Place
from tests.tasks.data import task_of

PLACE = Place("test", "line 8")
ATTACK = Attack.load("ladder-any@1x2")
TASK = task_of("classification", {"texts": ["text"]})


def batch_of(*records) -> Batch:
    return Batch(7, list(records), [PLACE] * len(records))


@pytest.mark.parametrize("count", [0, 2])
def test_moves_are_those_of_one_record(count):
    with pytest.raises(ValueError, match=f"moves are those of one record, got {count}"):
        Moves(TASK, batch_of(*[{"text": "wonderful", "label": 0}] * count), ATTACK)


def test_a_corpus_cannot_be_searched():
    task = task_of("retrieval", {"attacked": ["query", "corpus"]})
    with pytest.raises(
        UserError, match=r"the corpus is read by all queries; attack the queries alone \(`field` = query\)"
    ):
        Moves(task, batch_of({"_id": "1", "text": "wonderful"}), ATTACK)


def test_a_recipe_that_cannot_be_enumerated():
    with pytest.raises(RecipeError, match="recipe 'leet' cannot be searched"):
        Moves(TASK, batch_of({"text": "wonderful", "label": 0}), Attack.load("leet"))


def test_a_recipe_that_breaks_tokens_of_tagged_data():
    record = {"tokens": ["wonderful"], "tags": ["O"]}
    with pytest.raises(RecipeError, match="recipe 'split-words' may make another number of words"):
        Moves(task_of("tagging"), batch_of(record), Attack.load("split-words"))


def test_a_record_that_is_none_of_the_task():
    with pytest.raises(DataError, match="test, line 8: column 'text' is missing"):
        Moves(TASK, batch_of({"sentence": "wonderful", "label": 0}), ATTACK)


def test_a_language_that_is_not_known():
    task = task_of("classification", {"texts": ["text"], "language_column": "lang"})
    with pytest.raises(DataError, match="test, line 8: column 'lang' holds the unknown language 'xx'"):
        Moves(task, batch_of({"text": "wonderful", "label": 0, "lang": "xx"}), ATTACK)


def test_moves_that_meet_are_no_state():
    moves = Moves(TASK, batch_of({"text": "wonderful", "label": 0}), ATTACK)
    replacing = [move for move in range(len(moves)) if len(moves.new[move]) == 1 and moves.operator[move] == 3]
    first, second = replacing[0], replacing[1]
    assert not moves.may_join((first,))[second]
    with pytest.raises(ValueError, match="edits must be in order, and must not meet"):
        moves.perturb([(first, second)])


def test_a_task_must_attack_copies_as_the_record():
    moves = Moves(TASK, batch_of({"text": "wonderful", "label": 0}), ATTACK)
    recipe, seed = ATTACK.recipe, ATTACK.seed
    picks = iter(list(zip(moves._calls, moves._picked([(0,), ()]), strict=True)))
    chosen = Chosen(recipe, seed, copies=2, picks=picks)
    with pytest.raises(ValueError, match="a task must attack copies of a record as the record itself"):
        chosen.texts(["wonderful"])
