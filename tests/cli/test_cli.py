"""The command line from end to end."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.tasks.data import CONLL, json_lines, read, write

REVIEWS = [{"text": f"A wonderful story, number {number}", "label": "good"} for number in range(5)]


@pytest.fixture
def reviews(tmp_path):
    return write(tmp_path / "in.jsonl", json_lines(REVIEWS))


def test_attack_and_revert(run, reviews, tmp_path):
    out, log, back = tmp_path / "out.jsonl", tmp_path / "log.parquet", tmp_path / "back.jsonl"
    result = run("attack", reviews, "--task", "classification", "--recipe", "charbert", "--output", out, "--edits", log)
    assert result.status == 0, result.err
    assert "charbert at severity 1, seed 2020: 5 records, 25 words, 15 eligible, 15 drawn" in result.out
    assert "not eligible: shorter than 4 letters 10" in result.out
    assert result.out.count("text before") == result.out.count("text after") == 3
    assert all(operator in result.out for operator in ("drop", "add", "swap", "keyboard"))
    assert read(out) != read(reviews)
    result = run("revert", out, "--edits", log, "--output", back)
    assert result.status == 0, result.err
    assert read(back) == read(reviews)


def test_seed_severity_and_workers(run, reviews, tmp_path):
    def attacked(name, *options):
        result = run("attack", reviews, "--task", "classification", "-r", "drop", "-o", tmp_path / name, *options)
        assert result.status == 0, result.err
        return read(tmp_path / name)

    plain = attacked("a.jsonl")
    assert attacked("b.jsonl", "--workers", 2) == plain
    assert attacked("c.jsonl", "--seed", 13) == plain  # the recipe's own
    assert attacked("d.jsonl", "--seed", 14) != plain
    assert attacked("e.jsonl", "--severity", "0") == read(reviews)


def test_several_recipes_give_a_folder(run, reviews, tmp_path):
    out = tmp_path / "attacked"
    options = ("--task", "classification", "-r", "drop@0.5", "-r", "swap", "-r", "drop")
    result = run("attack", reviews, *options, "-o", out)
    assert result.status == 0, result.err
    assert {path.name for path in out.iterdir()} == {
        "clean.jsonl", "drop@0.5.jsonl", "drop@0.5.edits.parquet", "swap.jsonl", "swap.edits.parquet", "drop.jsonl",
        "drop.edits.parquet", "versions.json",
    }  # fmt: skip
    assert read(out / "clean.jsonl") == read(reviews)
    result = run("revert", out / "drop.jsonl", "--edits", out / "drop.edits.parquet", "-o", tmp_path / "back.jsonl")
    assert read(tmp_path / "back.jsonl") == read(reviews)


def test_cards_and_tasks(run, tmp_path):
    assert run("attack", "entities", "-r", "swap", "-o", tmp_path / "e.conll", "--protect", "entities").status == 0
    result = run(
        "attack", "questions", "-r", "swap", "-o", tmp_path / "q.json", "--field", "context", "--protect", "answers"
    )
    assert result.status == 0, result.err
    made = json.loads(read(tmp_path / "q.json"))
    for article in made["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                for answer in qa["answers"]:
                    assert paragraph["context"][answer["answer_start"] :].startswith(answer["text"])
    assert run("attack", "reviews:train", "-r", "swap", "-o", tmp_path / "r.jsonl").status == 0
    assert len(read(tmp_path / "r.jsonl").splitlines()) >= 600


def test_columns_can_be_named(run, tmp_path):
    path = write(tmp_path / "in.csv", "gold,body,left\nx,wonderful story,keep\n")
    out = tmp_path / "out.csv"
    options = ("--task", "classification", "--text-column", "body", "--label-column", "gold")
    result = run("attack", path, *options, "-r", "drop", "-o", out)
    assert result.status == 0, result.err
    assert read(out).startswith("gold,body,left\nx,")
    assert read(out).endswith(",keep\n")
    assert "wonderful" not in read(out)


def test_files_without_header(run, tmp_path):
    path = write(tmp_path / "in.tsv", "gj04\t1\t\twonderful story\n")
    options = ("--task", "classification", "--no-header", "--text-column", "4", "--label-column", "2")
    result = run("attack", path, *options, "-r", "drop", "-o", tmp_path / "out.tsv")
    assert result.status == 0, result.err
    assert read(tmp_path / "out.tsv").startswith("gj04\t1\t\t")


def test_conll_columns_are_numbers(run, tmp_path):
    path = write(tmp_path / "in.conll", CONLL)
    assert run("attack", path, "-r", "drop", "-o", tmp_path / "out.conll", "--tag-column", "1").status == 0
    result = run("attack", path, "-r", "drop", "-o", tmp_path / "x.conll", "--tag-column", "ner")
    assert result.status == 2
    assert "--tag-column of a CoNLL file is a number, from 0; got 'ner'" in result.err


def test_a_saved_data_set_by_directory(run, tmp_path):
    datasets = pytest.importorskip("datasets")
    rows = {"text": ["wonderful story"], "label": [1]}
    datasets.DatasetDict({"test": datasets.Dataset.from_dict(rows)}).save_to_disk(tmp_path / "saved")
    out = tmp_path / "out.parquet"
    result = run("attack", f"{tmp_path}/saved:test", "--task", "classification", "-r", "drop", "-o", out)
    assert result.status == 0, result.err
    assert out.is_file()


def test_lists(run):
    assert "charbert" in run("recipes").out
    assert "de-qwertz" in run("recipes", "--layouts").out
    assert 'name = "keyboard"' in run("recipes", "charbert").out
    assert "CC0-1.0" in run("data").out
    assert 'config = "sst2"' in run("data", "sst2").out


def test_help_of_every_command(run):
    for command in ((), ("attack",), ("revert",), ("recipes",), ("data",), ("convert",), ("demo",)):
        result = run(*command, "--help")
        assert result.status == 0
        assert "Usage" in result.out


def test_an_own_recipe(run, reviews, tmp_path):
    recipe = write(
        tmp_path / "mine.toml",
        'summary = "mine"\nsource = "me"\nseed = 1\n[[operators]]\nname = "add"\nletters = "qx"\n',
    )
    out = tmp_path / "out.jsonl"
    assert run("attack", reviews, "--task", "classification", "-r", recipe, "-o", out).status == 0
    assert set("qx") & set(read(out))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_leaves_nothing(tmp_path, number):
    records = [{"text": f"A wonderful story, number {i}", "label": 1} for i in range(400_000)]
    path = write(tmp_path / "in.jsonl", json_lines(records))
    command = [sys.executable, "-m", "charrobust", "attack", path, "--task", "classification", "-r", "charbert"]
    process = subprocess.Popen(
        [*command, "-o", tmp_path / "out.jsonl", "--edits", tmp_path / "log.jsonl"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ},
    )  # fmt: skip
    for _ in range(600):
        if any(part.stat().st_size for part in tmp_path.glob(".charrobust-*/out.jsonl")):
            break
        time.sleep(0.05)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert err == "interrupted; no unfinished file is left behind\n"
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]
