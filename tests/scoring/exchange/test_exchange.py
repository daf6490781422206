"""Attacked data as tasks of other harnesses: what is in the files."""

import json
import keyword
from pathlib import Path

import pytest

from charrobust.datasets.load import load_data
from charrobust.scoring.attacked_folder.read import read_attacked
from charrobust.scoring.exchange.draws import draws_of, identifier
from charrobust.scoring.exchange.export import export_tasks
from tests.scoring.exchange.conftest import REVIEWS
from tests.tasks.data import SQUAD

NAMES = ("reviews_clean", "reviews_charbert", "reviews_drop_0_5")


def rows(path: Path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_task_of_lm_eval_for_each_version(run, reviews, tmp_path):
    result = run("export", reviews, "--to", "lm-eval", "--output", tmp_path / "out", "--json")
    assert result.status == 0, result.err
    told = result.told["figures"]
    assert (told["tasks"], told["examples"]) == (list(NAMES), 3)
    assert told["command"].endswith(f"--include_path {tmp_path / 'out'} --tasks charrobust_reviews")
    data, versions = read_attacked(reviews)
    for name, version in zip(NAMES, versions, strict=True):
        for row, example in zip(rows(tmp_path / "out" / f"{name}.jsonl"), version.examples, strict=True):
            assert row["input"] == f"Which of these fits: bad, good?\n\nText: {example.texts[0]}\nAnswer:"
            assert row["choices"] == list(data.classes)
            assert row["choices"][row["answer"]] == example.target
    assert "reviews_drop_0_5" in (tmp_path / "out" / "group.yaml").read_text()


def test_samples_of_inspect(reviews, tmp_path):
    exported = export_tasks(reviews, tmp_path / "out", to="inspect")
    assert exported.tasks == NAMES
    samples = rows(tmp_path / "out" / "reviews_charbert.jsonl")
    assert [sample["target"] for sample in samples] == ["B", "A", "B"]
    assert samples[0]["choices"] == ["bad", "good"]
    assert samples[0]["metadata"] == {"version": "charbert"}
    assert samples[0]["input"] != rows(tmp_path / "out" / "reviews_clean.jsonl")[0]["input"]
    code = (tmp_path / "out" / "tasks.py").read_text()
    compile(code, "tasks.py", "exec")
    assert [name for name in NAMES if f"def {name}():" in code] == list(NAMES)


@pytest.mark.parametrize(("to", "key"), [("lm-eval", "answers"), ("inspect", "target")])
def test_questions_have_free_answers(tmp_path, to, key):
    (tmp_path / "squad.json").write_text(json.dumps(SQUAD), encoding="utf-8")
    examples = load_data(tmp_path / "squad.json", labelled=True).examples
    export_tasks(tmp_path / "squad.json", tmp_path / "out", to=to)
    written = rows(tmp_path / "out" / "squad_clean.jsonl")
    for row, example in zip(written, examples, strict=True):
        assert f"Context: {example.texts[1]}\nQuestion: {example.texts[0]}" in row["input"]
        assert row[key] == (list(dict.fromkeys(example.target)) or ["unanswerable"])
    asks = "say: unanswerable" in written[0]["input"]
    assert asks == any(not example.target for example in examples)


def test_pairs_are_called_as_their_columns(tmp_path):
    record = {"premise": "It rains.", "hypothesis": "It is wet.", "label": "entailment"}
    (tmp_path / "pairs.jsonl").write_text(json.dumps(record) + "\n")
    export_tasks(tmp_path / "pairs.jsonl", tmp_path / "out", to="inspect", task="classification")
    assert "Premise: It rains.\nHypothesis: It is wet." in rows(tmp_path / "out" / "pairs_clean.jsonl")[0]["input"]


def test_a_task_for_each_draw(run, tmp_path, reviews):
    result = run(
        "attack",
        tmp_path / "reviews.jsonl",
        "-r",
        "drop",
        "--seeds",
        "2",
        "--task",
        "classification",
        "-o",
        f"{tmp_path / 'two'}/",
    )
    assert result.status == 0, result.err
    data, versions = read_attacked(tmp_path / "two")
    names = [draw.name for draw in draws_of(data, versions)]
    assert names == ["reviews_clean", "reviews_drop_draw_1", "reviews_drop_draw_2"]


def test_collections_of_mteb_are_read_as_any(collection, tmp_path):
    exported = export_tasks(collection, tmp_path / "out", to="mteb")
    clean, versions = read_attacked(collection)
    for name, version in zip(exported.tasks, versions, strict=True):
        folder = tmp_path / "out" / name
        again = load_data(folder)
        assert [(e.id, e.texts, e.target) for e in again.examples] == [
            (e.id, e.texts, e.target) for e in version.examples
        ]
        passages = again.examples[0].corpus.passages
        assert passages.digest == clean.examples[0].corpus.passages.digest
        (folder / "qrels" / "test.tsv").unlink()  # as the hub has it
        assert [e.target for e in load_data(folder).examples] == [e.target for e in version.examples]
    compile((tmp_path / "out" / "tasks.py").read_text(), "tasks.py", "exec")


@pytest.mark.parametrize("text", ['x"""); import os #', "3 x", "Prüfung", "", "class", "a@0.5"])
def test_names_are_identifiers(text):
    name = identifier(text)
    assert name.isidentifier()
    assert name.isascii()
    assert not keyword.iskeyword(name)


def test_equal_names_and_ids_become_distinct(tmp_path):
    data = load_data([text for text, _ in REVIEWS], [label for _, label in REVIEWS])
    from dataclasses import replace

    from charrobust.attackers.versions import clean_version
    from charrobust.scoring.exchange.draws import prompts_of

    version = clean_version(data.examples)
    versions = [replace(version, info=replace(version.info, name=name)) for name in ("a@1", "a 1")]
    draws = draws_of(data, versions)
    assert [draw.name for draw in draws] == ["data_a_1", "data_a_1_2"]
    twins = replace(draws[0], examples=(data.examples[0], data.examples[0]))
    assert [name for name, _ in prompts_of(data, twins)] == ["0", "1"]
