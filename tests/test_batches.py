"""An attack on batches of columns: the values that one process writes, whatever holds the records and cuts them."""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from charrobust import Attack
from charrobust.batches import AttackBatch
from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.formats import format_of
from charrobust.perturb import load_recipe
from charrobust.perturb.keyboards import load_layout
from charrobust.perturb.word_classes import stop_words
from charrobust.tasks.registry import task_class
from tests.tasks.data import flat_questions, json_lines, write

RECIPE, SEED = "charbert@0.7", 5
TEXTS = [
    "A wonderful story",
    "Dreadful acting, endless scenes",
    "Замечательная история",
    "",
    "A wonderful story",
    "café",
]

SPANS = [
    {"text": "Angela Merkel visited Rotterdam", "entities": [{"start": 0, "end": 13, "label": "PER"}]},
    {"text": "Nothing but letters here", "entities": []},
]
# Records, and the columns of their task as AttackBatch takes them.
CASES = {
    "one text": ([{"text": text, "label": number % 2} for number, text in enumerate(TEXTS)], "text", "classification"),
    "a pair with ids": (
        [{"key": str(number), "a": text, "b": "the other side"} for number, text in enumerate(TEXTS)],
        {"texts": ["a", "b"], "label": None, "id_column": "key"},
        "classification",
    ),
    "several labels": (
        [{"text": text, "label": ["joy"] * (number % 2)} for number, text in enumerate(TEXTS)],
        {"texts": ["text"], "label": "label"},
        "multilabel",
    ),
    "numbers": (
        [{"text": text, "score": 0.5} for text in TEXTS],
        {"texts": ["text"], "label": "score"},
        "regression",
    ),
    "tags": (
        [{"tokens": text.split(), "tags": ["B-LOC"] * len(text.split())} for text in TEXTS],
        {"protect_entities": False},
        "tagging",
    ),
    "tokens": ([{"words": text.split()} for text in TEXTS], "words", "tagging"),
    "spans": (SPANS, {"label": "entities"}, "spans"),
    "questions": (flat_questions("hub"), {"attacked": ["question", "context"]}, "qa"),
}
every_case = pytest.mark.parametrize(("records", "columns", "task"), list(CASES.values()), ids=list(CASES))


def one_process(records, task, folder):
    """Return what an attack on a file of the records writes."""
    source = format_of(write(folder / "in.jsonl", json_lines(records)))
    attack_file(source, task, Attack.load(RECIPE, seed=SEED), output=folder / "out.jsonl")
    return (folder / "out.jsonl").read_text(encoding="utf-8")


def cut(table, size):
    return [table.slice(first, size) for first in range(0, len(table), size)]


@every_case
def test_any_batches_hold_what_one_process_writes(records, columns, task, tmp_path):
    attack = AttackBatch(RECIPE, columns, task=task, seed=SEED)
    table = pa.Table.from_pylist(records)
    # As Arrow has them: what is missing in a nested record is null.
    expected = one_process(table.to_pylist(), attack.task, tmp_path)
    assert expected != json_lines(records)
    for size in (1, 2, len(records)):
        parts = list(map(attack, cut(table, size)))
        assert json_lines(pa.concat_tables(parts).to_pylist()) == expected
        assert parts[0].schema == table.schema
    batches = attack(iter(table.to_batches(max_chunksize=2)))
    assert json_lines(pa.Table.from_batches(batches).to_pylist()) == expected
    columns_of = attack(table.to_pydict())
    assert (
        json_lines([dict(zip(columns_of, row, strict=True)) for row in zip(*columns_of.values(), strict=True)])
        == expected
    )


def test_a_data_frame_keeps_its_index_and_its_types():
    frame = pd.DataFrame({"text": TEXTS, "label": [1, 0, 1, 0, 1, 0]}, index=list("abcdea"))
    attacked = AttackBatch(RECIPE, "text", seed=SEED)(frame)
    assert list(attacked.index) == list("abcdea")
    assert dict(attacked.dtypes) == dict(frame.dtypes)
    assert list(attacked["text"]) == Attack.load(RECIPE, seed=SEED).texts(TEXTS).texts
    assert list(frame["text"]) == TEXTS


def test_numbers_of_arrays_within_values_are_numbers():
    answers = {"text": np.array(["story"], object), "answer_start": [np.int64(12)]}
    frame = pd.DataFrame(
        {"question": ["What is it?"], "context": ["A wonderful story of letters"], "answers": [answers]}
    )
    columns = {"attacked": ["context"]}
    attacked = AttackBatch("charbert@1", columns, task="qa", seed=SEED)(frame)
    assert attacked["context"][0] != frame["context"][0]
    (start,) = attacked["answers"][0]["answer_start"]
    assert attacked["context"][0][start:].startswith(attacked["answers"][0]["text"][0])


def test_arrays_stay_arrays():
    attacked = AttackBatch("charbert", "text")({"text": np.array(TEXTS, object), "label": np.arange(6)})
    assert isinstance(attacked["text"], np.ndarray)
    assert list(attacked["text"]) == Attack.load("charbert").texts(TEXTS).texts


def test_types_of_columns_stay():
    schema = pa.schema([("text", pa.large_string()), ("label", pa.int8())])
    table = pa.table({"text": TEXTS, "label": [0] * 6}, schema=schema)
    assert AttackBatch("charbert", "text")(table).schema == schema


def test_batches_without_records_stay():
    attack = AttackBatch("charbert", "text")
    empty = pa.table({"text": pa.array([], pa.string())})
    assert attack(empty) == empty
    assert attack({}) == {}
    assert len(attack(pd.DataFrame({"text": []}))) == 0


@every_case
def test_equal_arguments_are_pickled_alike_before_and_after_use(records, columns, task):
    attack = AttackBatch(RECIPE, columns, task=task, seed=SEED)
    before = pickle.dumps(attack)
    attack(pa.Table.from_pylist(records))
    assert pickle.dumps(attack) == before
    # Another text of the same letters, and the same ones again where there were two.
    spelt = "".join(list(columns)) if isinstance(columns, str) else dict(columns)
    assert pickle.dumps(AttackBatch(RECIPE, spelt, task=task, seed=SEED)) == before
    assert pickle.dumps(AttackBatch(load_recipe(RECIPE), columns, task=task, seed=SEED)) == before
    assert pickle.dumps(pickle.loads(before)) == before
    assert pickle.dumps(AttackBatch(RECIPE, columns, task=task, seed=SEED + 1)) != before


@pytest.mark.parametrize("recipe", ["charbert", "keyboard", "ocr", "pruthi-random"])
def test_an_attack_is_pickled_alike_before_and_after_use(recipe):
    attack = Attack.load(recipe)
    before = pickle.dumps(attack)
    attack.texts(["A wonderful story of the letters"])
    assert pickle.dumps(attack) == before


def test_another_process_pickles_the_same_bytes():
    """Sets have another order in each."""
    code = (
        "import pickle, sys; from charrobust.batches import AttackBatch; "
        "sys.stdout.buffer.write(pickle.dumps(AttackBatch('pruthi-random', 'text')))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert run.stdout == pickle.dumps(AttackBatch("pruthi-random", "text"))


def test_files_of_a_recipe_go_with_it(tmp_path):
    """On another machine there are no layouts and lists of the user's."""
    layout, words, recipe = tmp_path / "mine.toml", tmp_path / "mine.txt", tmp_path / "recipe.toml"
    layout.write_text("summary = 's'\nsource = 's'\nrows = [{ offset = 0.0, keys = 'abcdefghijklmnopqrstuvwxyz' }]\n")
    words.write_text("story\n")
    recipe.write_text(
        f"summary = 's'\nsource = 's'\nseed = 1\n[words]\nskip = ['stop-words']\nstop_words = '{words}'\n"
        f"[[operators]]\nname = 'keyboard'\nlayout = '{layout}'\n"
    )
    attack = AttackBatch(recipe, "text")
    sent = pickle.dumps(attack)
    expected = attack({"text": TEXTS})
    assert "story" in expected["text"][0]
    for path in (layout, words, recipe):
        path.unlink()
    load_layout.cache_clear()
    stop_words.cache_clear()
    assert pickle.loads(sent)({"text": TEXTS}) == expected


def test_the_datasets_library_writes_the_same_and_finds_it_again(tmp_path):
    datasets = pytest.importorskip("datasets")
    records, columns, task = CASES["one text"]
    attack = AttackBatch(RECIPE, columns, task=task, seed=SEED)
    data = datasets.Dataset.from_list(records)
    hashed = datasets.fingerprint.Hasher.hash(attack)
    attacked = data.map(attack, batched=True, batch_size=2)
    assert json_lines(list(attacked)) == one_process(records, task_class(task)(("text",), None), tmp_path)
    assert attacked.features == data.features
    assert datasets.fingerprint.Hasher.hash(attack) == hashed
    again = data.map(AttackBatch(RECIPE, columns, task=task, seed=SEED), batched=True, batch_size=2)
    assert again._fingerprint == attacked._fingerprint
