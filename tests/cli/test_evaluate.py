"""``charrobust evaluate``."""

import json
import re

import pandas as pd
import pytest

from charrobust.report import page
from charrobust.scoring import read_results
from tests.systems.tiny import save_model
from tests.tasks.data import CONLL, SQUAD, json_lines, write

SENTIMENT = {"id2label": {0: "NEGATIVE", 1: "POSITIVE"}, "label2id": {"NEGATIVE": 0, "POSITIVE": 1}}
TWO = {"id2label": {0: "LABEL_0", 1: "LABEL_1"}, "label2id": {"LABEL_0": 0, "LABEL_1": 1}}
NAMES = ["O", "I-ORG", "I-MISC", "I-PER", "I-LOC"]
ENTITIES = {"id2label": dict(enumerate(NAMES)), "label2id": {name: number for number, name in enumerate(NAMES)}}
NUMBERED = [{"one": f"wonderful weather {n}", "two": "typing words", "gold": n % 2, "key": f"k{n}"} for n in range(8)]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {
        "plain": save_model(folder / "plain", "bert", "classification", **SENTIMENT),
        "other": save_model(folder / "other", "roberta", "classification", **SENTIMENT),
        "numbered": save_model(folder / "numbered", "bert", "classification", **TWO),
        "value": save_model(folder / "value", "bert", "regression"),
        "tagger": save_model(folder / "tagger", "bert", "tagging", **ENTITIES),
        "reader": save_model(folder / "reader", "charbert", "qa"),
    }


@pytest.fixture
def _no_report(monkeypatch):
    """Write no plots, which takes a while."""

    def write_report(results, folder):
        (folder / "report.html").write_text("")
        return folder / "report.html"

    monkeypatch.setattr(page, "write_report", write_report)


def test_two_models_and_several_attacks(run, models, tmp_path):
    output, given = tmp_path / "out", tmp_path / "mine.jsonl"
    run("attack", "reviews", "--recipe", "keyboard", "--output", given)
    result = run(
        "evaluate", "--model", models["plain"], "--model", f"bytes={models['other']}", "--data", "reviews:test",
        "--attack", "charbert", "--attack", "drop@0.5", "--attack", given, "--per-operator", "--severity", "0.25",
        "--limit", 20, "--output", output,
    )  # fmt: skip
    assert (result.status, result.err) == (0, "")
    for phrase in (
        "accuracy, times 100, on 20 examples of reviews:test", "95 % interval", "% of the words", "worst case", "mine.jsonl", "given, ",
        "charbert/swap", "drop@0.5", "charbert@0.25", "plain minus bytes", "results.json, scores.csv, report.html",
    ):  # fmt: skip
        assert phrase in result.out, phrase
    found = read_results(output)
    assert [attack.name for attack in found.attacks] == [
        "clean", "charbert", "charbert@0.25", "charbert/drop", "charbert/add", "charbert/swap", "charbert/keyboard",
        "drop@0.5", "drop@0.25", "mine.jsonl",
    ]  # fmt: skip
    assert (found.data, found.examples, len(found.systems)) == ("reviews:test", 20, 2)
    assert len(pd.read_csv(output / "scores.csv")) == len(found.scores)
    written = {path.name for path in output.iterdir()}
    assert written == {"results.json", "scores.csv", "report.html", "plots", "predictions"}
    assert len(list((output / "predictions").iterdir())) == 2


@pytest.mark.usefixtures("_no_report")
def test_a_rerun_gives_the_same(run, models, tmp_path):
    arguments = ("evaluate", "-m", models["plain"], "--data", "reviews", "-a", "swap", "--limit", 10, "-o", tmp_path)
    first = run(*arguments)
    results, kept = (tmp_path / "results.json").read_text(), next((tmp_path / "predictions").iterdir())
    lines = kept.read_text()
    assert run(*arguments) == first
    assert (tmp_path / "results.json").read_text() == results
    assert kept.read_text() == lines
    assert run(*arguments, "-a", "add").status == 0
    # What a later run asks stands in a file of its own: no two runs write one.
    assert kept.read_text() == lines
    assert len(list((tmp_path / "predictions").iterdir())) == 2


@pytest.mark.usefixtures("_no_report")
def test_another_level_and_a_result_for_programs(run, models, tmp_path):
    given = ("-m", models["plain"], "-m", models["other"], "--data", "reviews", "-a", "swap", "--limit", 10)
    run("evaluate", *given, "-o", tmp_path)
    usual = read_results(tmp_path)
    result = run("evaluate", *given, "-o", tmp_path, "--confidence", "0.8", "--json")
    assert (result.status, result.out.count("\n")) == (0, 1), result.err
    assert "80 % interval" in result.err
    assert "95 %" not in result.err
    figures, found = result.told["figures"], read_results(tmp_path)
    assert found.confidence == figures["confidence"] == 0.8
    narrow, wide = found.scores[0].value, usual.scores[0].value
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high
    assert figures["scores"][0]["value"] == vars(narrow)
    assert figures["comparisons"][0]["second"] == "other"
    assert result.told["outputs"]["predictions"] == str(tmp_path / "predictions")
    assert run("-q", "evaluate", *given, "-o", tmp_path).out == ""


@pytest.mark.usefixtures("_no_report")
def test_columns_and_numbered_labels(run, models, tmp_path):
    path = write(tmp_path / "pairs.jsonl", json_lines(NUMBERED))
    result = run(
        "evaluate", "-m", models["numbered"], "--data", path, "--task", "classification", "--text-column", "one",
        "--text-column", "two", "--label-column", "gold", "--id-column", "key", "--field", "two", "-a", "add", "--seed", 5,
        "-o", tmp_path / "out", "--batch-size", 2,
    )  # fmt: skip
    assert (result.status, result.err) == (0, "")
    found = read_results(tmp_path / "out")
    assert (found.metrics, found.attacks[1].seed) == (("accuracy", "macro F1", "F1 of 1", "Matthews"), 5)
    assert found.shown[0].clean[0] == found.shown[0].attacked[0]
    assert {edit.field for edit in found.shown[0].edits} == {1}
    assert found.shown[0].id.startswith("k")


@pytest.mark.usefixtures("_no_report")
@pytest.mark.parametrize(
    ("name", "content", "model", "options", "metric"),
    [
        ("a.conll", CONLL, "tagger", (), "span F1"),
        ("b.json", json.dumps(SQUAD), "reader", (), "F1"),
        ("c.csv", "a,0.5\nthe weather,1\nstorms,2.5\n", "value",
         ("--task", "regression", "--no-header", "--text-column", "1", "--label-column", "2"), "Pearson"),
    ],
)  # fmt: skip
def test_other_tasks(run, models, tmp_path, name, content, model, options, metric):
    path = write(tmp_path / name, content)
    output = tmp_path / "out"
    result = run("evaluate", "-m", models[model], "--data", path, "-a", "everyday@1", "-o", output, *options)
    assert (result.status, result.err) == (0, "")
    assert f"{metric}, times 100, on 3 examples of {name}" in result.out
    given = tmp_path / f"attacked{path.suffix}"
    run("attack", path, "-r", "everyday@1", "-o", given, *options)
    result = run("evaluate", "-m", models[model], "--data", path, "-a", given, "-o", output, *options)
    assert (result.status, result.err) == (0, "")
    assert read_results(output).attacks[1].case == "given"


@pytest.mark.usefixtures("_no_report")
def test_the_table_without_attacks(run, models, tmp_path):
    result = run("evaluate", "-m", models["plain"], "--data", "reviews", "--limit", 5, "-o", tmp_path / "out")
    assert (result.status, result.err) == (0, "")
    assert "on 5 examples of reviews: plain" in result.out
    assert "95 % interval" in result.out
    assert re.search(r"clean +\d+\.\d *\n +\d+\.\d to \d+\.\d", result.out)


def mistakes(models, tmp_path):
    """Return arguments of commands that must fail, each with its message."""
    plain, out = ("-m", models["plain"]), ("-o", tmp_path / "out")
    pairs = write(tmp_path / "numbered.jsonl", json_lines([{"text": "a", "label": 2}, {"text": "b", "label": 0}]))
    columns = write(tmp_path / "columns.jsonl", json_lines([{"review": "a", "stars": 2}]))
    short = write(tmp_path / "short.jsonl", json_lines([{"text": "a", "label": "negative"}]))
    empty = write(tmp_path / "empty.jsonl", "")
    task = ("--task", "classification")
    yield (*plain, "--data", "revews", *out), "did you mean 'reviews'"
    yield (*plain, "--data", "reviews:tset", *out), "has no split 'tset'; did you mean 'test'"
    yield (*plain, "--data", columns, *out), "say what it is with --task"
    yield (*plain, "--data", pairs, *task, *out), "are 'NEGATIVE', 'POSITIVE'; those of the data set 'numbered.jsonl'"
    yield (
        (*plain, "--data", "entities", *out),
        "is for the task 'classification', the data set 'entities' for 'tagging'",
    )
    yield (*plain, "--data", empty, *task, *out), "holds no records"
    yield (*plain, "--data", "reviews", "--limit", 1, *out), "needs at least two examples, got 1"
    yield (*plain, "--data", "reviews", "--confidence", "nan", *out), "--confidence must lie between 0 and 1"
    yield (*plain, "--data", "reviews", "-a", "drp", *out), "did you mean 'drop'"
    yield (*plain, "--data", "reviews", "-a", short, *out), "expected the label 'positive', got 'negative'"
    yield (*plain, "--data", "reviews", "-a", "drop", "--severity", "2", *out), "share must be between 0 and 1"
    yield (*plain, *plain, "--data", "reviews", *out), "2 models are called 'plain'"
    yield ("-m", "speling+x", "--data", "reviews", *out), "unknown defence 'speling'"
    yield ("-m", "=x", "--data", "reviews", *out), "expected [NAME=]"
    yield ("-m", "minilm", "--data", "reviews", *out), "without a head"
    yield (*plain, "--data", "reviews", "--token-column", "x", *out), "has no --token-column"
    yield (*plain, "--data", "reviews", "-o", short), "is a file; give a folder"


def test_mistakes(run, models, tmp_path):
    for arguments, message in mistakes(models, tmp_path):
        result = run("evaluate", *arguments)
        assert (result.status, message in result.err) == (2, True), (arguments, result.err)
        assert "Traceback" not in result.err
        assert not (tmp_path / "out").exists()
