"""Columns of languages that are missing or hold something else, and what does not go with them."""

import pytest

from charrobust import Attack, load_data
from charrobust.batches import AttackBatch
from charrobust.errors import DataError, RecipeError, UserError
from charrobust.scoring.noised import NoisedSentences
from charrobust.tasks.registry import task_class
from charrobust.training.finetuning.augmentation import Noise
from tests.tasks.data import json_lines, write

COLUMNS = {"texts": ["text"], "label": None, "language_column": "lang"}


@pytest.mark.parametrize(("record", "message"), [
    ({"text": "Abc"}, r"the batch, row 2: column 'lang' \(for languages\) is missing; Known: text"),
    ({"text": "Abc", "lang": "dee"}, r"row 2: column 'lang' holds the unknown language 'dee'; did you mean 'de'\?"),
    ({"text": "Abc", "lang": None}, r"row 2: column 'lang' holds the unknown language None; Known: ar, cs"),
    ({"text": "Abc", "lang": ["de"]}, r"row 2: column 'lang' holds the unknown language \['de'\]"),
    ({"text": "Abc", "lang": "attacks/languages/de.toml"}, r"row 2: column 'lang' holds the unknown language"),
])  # fmt: skip
def test_records_without_a_known_language(record, message):
    attack = AttackBatch("drop", COLUMNS)

    class Table:
        def to_pylist(self):
            return [{"text": "Abc", "lang": "de"}, record]

    with pytest.raises(DataError, match=message):
        attack(Table())


def test_a_language_of_the_recipe_and_one_of_the_record():
    attack = AttackBatch("drop:de", COLUMNS)
    with pytest.raises(
        UserError, match=r"'drop:de' is in a language already, and the column 'lang' tells one for each"
    ):
        attack({"text": ["Abc"], "lang": ["de"]})


@pytest.mark.needs("nlpaug")
def test_an_operator_that_knows_another_language_alone():
    attack = AttackBatch("spelling", COLUMNS)
    with pytest.raises(
        RecipeError, match=r"language 'de': operator 'nlpaug:SpellingAug': its dictionary holds English"
    ):
        attack({"text": ["Abc"], "lang": ["de"]})


def test_a_collection_is_of_one_language():
    with pytest.raises(
        UserError, match="a collection for retrieval is attacked in one language: leave out `language_col"
    ):
        task_class("retrieval").of_columns({"language_column": "lang"})


def test_texts_without_their_records(tmp_path):
    path = write(tmp_path / "in.jsonl", json_lines([{"text": "Ein Satz", "label": 0, "lang": "de"}]))
    data = load_data(path, task="classification", language_column="lang")
    with pytest.raises(
        UserError, match=r"`language_column` 'lang' tells the languages of records, .* as in charbert:de"
    ):
        NoisedSentences.of_examples(data.examples, data.task, Attack.load("drop"))
    with pytest.raises(UserError, match=r"`language_column` 'lang'"):
        Noise(Attack.load("drop").recipe, 0.5, 1, data.task)
