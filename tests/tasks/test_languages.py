"""Records of several languages: each is attacked in its own, whatever stands beside it."""

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust import Attack, evaluate, load_data
from charrobust.batches import AttackBatch
from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.attack_shards import attack_shards, open_shards
from charrobust.datasets.edit_log import EditLog
from charrobust.datasets.formats import format_of
from charrobust.datasets.options import DataOptions
from charrobust.datasets.revert_file import revert_file
from charrobust.perturb import language_codes
from charrobust.tasks.registry import task_class
from tests.tasks.data import json_lines, write

SENTENCES = {
    "de": "Der Zug nach Hamburg fährt heute leider später ab",
    "fr": "Le train pour Paris partira malheureusement plus tard",
    "ru": "Поезд до Москвы сегодня, к сожалению, опаздывает",
    "hi": "पिछले साल हमने विद्यालय में छोटा पुस्तकालय बनाया",
    "en": "The train to Manchester will be rather late today",
}
ORDER = ["de", "fr", "ru", "de", "en", "hi", "de", "fr", "en"]
RECORDS = [{"text": f"{SENTENCES[code]} {number}", "label": 0, "lang": code} for number, code in enumerate(ORDER)]
ATTACK = Attack.load("charbert@0.8", seed=4)
TEXTS = {"texts": ("text",), "language_column": "lang"}


def task_of(**fields):
    return task_class("classification").of_columns({**TEXTS, **fields})


def alone(record, attack=ATTACK):
    return attack.in_language(record["lang"]).text(record["text"]).text


def written(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_each_record_is_attacked_in_its_language_and_undone(tmp_path):
    source = format_of(write(tmp_path / "in.jsonl", json_lines(RECORDS)))
    output, log, back = tmp_path / "out.jsonl", tmp_path / "log.jsonl", tmp_path / "back.jsonl"
    summary = attack_file(source, task_of(), ATTACK, output=output, edits=log)
    attacked = written(output)
    assert [record["lang"] for record in attacked] == ORDER
    assert [record["text"] for record in attacked] == list(map(alone, RECORDS))
    assert summary.tally.words == sum(len(ATTACK.text(record["text"]).source.split()) for record in RECORDS)
    assert [row for row, _ in EditLog(log).by_row()] == sorted({row for row, _ in EditLog(log).by_row()})
    assert EditLog(log).about["columns"]["language_column"] == "lang"
    revert_file(format_of(output), task_of(), EditLog(log), output=back)
    assert back.read_bytes() == source.path.read_bytes()


@given(st.lists(st.sampled_from(RECORDS), min_size=1, max_size=6), st.integers(1, 6))
def test_the_outcome_of_a_record_does_not_depend_on_its_batch(records, size):
    attack = AttackBatch("charbert@0.8", {"texts": ["text"], "label": None, "language_column": "lang"}, seed=4)
    texts = []
    for first in range(0, len(records), size):
        frame = attack(pd.DataFrame(records[first : first + size]))
        texts += frame["text"].tolist()
    assert texts == list(map(alone, records))


def test_a_batch_is_attacked_in_one_language():
    attack = AttackBatch("charbert@0.8", "text", seed=4, language="ru")
    assert attack({"text": [SENTENCES["ru"]]})["text"] == [ATTACK.in_language("ru").text(SENTENCES["ru"]).text]
    assert attack.attack.recipe.name == "charbert:ru"


def test_tags_and_pairs_keep_their_places():
    sentences = [{"tokens": SENTENCES[code].split(), "lang": code} for code in ORDER]
    attack = AttackBatch("charbert", {"tokens": "tokens", "tags": None, "language_column": "lang"}, task="tagging")
    attacked = attack({"tokens": [s["tokens"] for s in sentences], "lang": ORDER})["tokens"]
    for sentence, tokens in zip(sentences, attacked, strict=True):
        assert tokens == Attack.load("charbert", language=sentence["lang"]).tokens([sentence["tokens"]]).sentences[0]


def test_shards_of_several_languages_go_on_where_they_were_stopped(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        write(folder / f"{number}.jsonl", json_lines(RECORDS[number : number + 4]))
    options = DataOptions.of(task="classification", language_column="lang")
    opened, output = open_shards(str(folder), options), tmp_path / "out"
    attack_shards(opened, ATTACK, str(output), edits=str(tmp_path / "log"))
    (output / "1.jsonl").unlink()
    made = attack_shards(opened, ATTACK, str(output), edits=str(tmp_path / "log"))
    assert made.resumed == 2
    for number in range(3):
        texts = [record["text"] for record in written(output / f"{number}.jsonl")]
        assert texts == list(map(alone, RECORDS[number : number + 4]))


def test_results_say_in_which_languages_records_were_attacked():
    data = load_data(RECORDS, task="classification", language_column="lang")
    found = evaluate([lambda texts: [0] * len(texts)], data, ["charbert"])
    assert any("by column 'lang': de 3, en 2, fr 2, hi 1, ru 1" in note for note in found.notes)


def test_results_say_the_language_of_a_recipe():
    data = load_data(RECORDS[:2], task="classification")
    found = evaluate([lambda texts: [0] * len(texts)], data, ["charbert@0.5", "drop:de"])
    assert [attack.recipe for attack in found.attacks[1:3]] == ["charbert", "drop:de"]
    german = evaluate([lambda texts: [0] * len(texts)], data, ["charbert@0.5", "drop"], language="de")
    assert [attack.name for attack in german.attacks[1:3]] == ["charbert:de@0.5", "drop:de"]


@pytest.mark.parametrize("code", language_codes())
def test_every_code_is_known_in_a_column(code):
    attack = AttackBatch("drop", {"texts": ["text"], "label": None, "language_column": "lang"})
    assert attack({"text": ["Abcdefg"], "lang": [code]})["text"] != ["Abcdefg"]


def test_questions_are_attacked_in_the_language_of_their_record():
    answer = {"text": "Hamburg", "answer_start": 13}
    record = {"context": SENTENCES["de"], "question": "Wohin fährt der Zug heute?", "answers": [answer], "id": "1"}
    columns = {"attacked": ["question", "context"], "language_column": "lang"}
    german = AttackBatch("charbert", {"attacked": ["question", "context"]}, task="qa", language="de")
    mixed = AttackBatch("charbert", columns, task="qa")
    rows = pd.DataFrame([{**record, "lang": "de"}, {**record, "lang": "fr"}])
    assert mixed(rows).iloc[0].drop("lang").to_dict() == german(pd.DataFrame([record])).iloc[0].to_dict()
    assert mixed(rows)["question"][0] != mixed(rows)["question"][1]
