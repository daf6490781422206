"""``charrobust score``: attack, predict anywhere, score."""

import json
import re

import pytest

from charrobust.datasets import load_data
from charrobust.datasets.options import DataOptions
from charrobust.datasets.source import open_source
from charrobust.datasets.squad_retrieval import write_beir
from charrobust.report import page
from charrobust.scoring import evaluate, predict, read_results
from charrobust.systems.system import System
from tests.scoring.evaluation.predicted import CASES, predict_file
from tests.tasks.data import SQUAD, json_lines, read, write


@pytest.fixture(autouse=True)
def _no_report(monkeypatch):
    """Write no plots, which takes a while."""

    def write_report(results, folder):
        (folder / "report.html").write_text("")
        return folder / "report.html"

    monkeypatch.setattr(page, "write_report", write_report)


def attacked(run, tmp_path, name, *options):
    """Attack the data of a case; return them and the folder."""
    case = CASES[name]
    path = write(tmp_path / case.file, case.content)
    result = run("attack", path, "--task", case.task, "--output", f"{tmp_path}/attacked/", *options)
    assert result.status == 0, result.err
    return case, path, tmp_path / "attacked"


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "json", "txt"])
@pytest.mark.parametrize("name", list(CASES))
def test_scores_are_those_of_the_system_that_predicted(run, tmp_path, name, suffix):
    case, path, folder = attacked(run, tmp_path, name, "--recipe", "charbert")
    files = [
        predict_file(case, folder / f"{stem}{path.suffix}", tmp_path / f"{stem}.{suffix}")
        for stem in ("clean", "attacked")
    ]
    out = tmp_path / "out"
    result = run(
        "score", folder, "--predictions", files[0], "--predictions", files[1], "--name", "mine", "--output", out
    )
    assert result.status == 0, result.err
    assert f"on {len(load_data(path, task=case.task))} examples of {path.name}: mine" in result.out
    assert re.search(r"charbert .*\n +\d+% of the words", result.out)
    assert "left out for mine: no tokenizer is known" in result.err
    system = System.of(lambda inputs: list(map(case.answer, inputs)), task=case.task, name="mine")
    wanted = evaluate([system], load_data(path, task=case.task), ["charbert"])
    found = read_results(out)
    for part in vars(wanted):
        if part not in ("systems", "notes"):
            assert getattr(found, part) == getattr(wanted, part), part
    assert found.systems[0].model == "given predictions"
    assert {entry.name for entry in out.iterdir()} == {"results.json", "scores.csv", "report.html"}


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("name", list(CASES))
def test_files_that_predict_wrote(run, tmp_path, name, suffix):
    case, path, folder = attacked(run, tmp_path, name, "--recipe", "charbert")
    system = System.of(lambda inputs: list(map(case.answer, inputs)), task=case.task, name="mine")
    said = tmp_path / "mine"
    said.mkdir()
    for stem in ("clean", "attacked"):
        source = open_source(folder / f"{stem}{path.suffix}", DataOptions(task=case.task))
        predict(system, source, said / f"{stem}.{suffix}")
    result = run("score", folder, "-p", said, "--output", tmp_path / "out")
    assert result.status == 0, result.err
    wanted = evaluate([system], load_data(path, task=case.task), ["charbert"])
    found = read_results(tmp_path / "out")
    for part in ("scores", "attacks", "shown", "metrics", "examples"):
        assert getattr(found, part) == getattr(wanted, part), part


def test_ids_that_two_examples_have(run, tmp_path):
    """In order they need not differ; out of order nobody could tell them apart."""
    rows = [{"id": "same", "text": f"wonderful {number}", "label": "good"} for number in range(3)]
    path = write(tmp_path / "in.jsonl", json_lines(rows))
    run("attack", path, "--task", "classification", "-r", "swap", "-o", f"{tmp_path}/attacked/")
    for stem in ("clean", "attacked"):
        write(tmp_path / f"{stem}.csv", "id,prediction\nsame,good\nsame,bad\nsame,good\n")
    result = run("score", tmp_path / "attacked", "-p", tmp_path / "clean.csv", "-p", tmp_path / "attacked.csv")
    assert (result.status, "66.7" in result.out) == (0, True), result.err


def test_several_systems_attacks_and_seeds(run, tmp_path):
    case, path, folder = attacked(run, tmp_path, "classes", "-r", "swap", "-r", "drop@0.5", "--seeds", 2)
    stems = ["clean", "swap.seed-13", "swap.seed-14", "drop@0.5.seed-13", "drop@0.5.seed-14"]
    assert {entry.name for entry in folder.iterdir()} == {
        "versions.json", *(f"{stem}.jsonl" for stem in stems), *(f"{stem}.edits.parquet" for stem in stems[1:])
    }  # fmt: skip
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for stem in stems:
            predict_file(case, folder / f"{stem}.jsonl", tmp_path / name / f"{stem}.csv")
    write(tmp_path / "two" / "README.md", "mine")
    result = run("score", folder, "-p", tmp_path / "one", "-p", f"other={tmp_path / 'two'}", "-o", tmp_path / "out")
    assert result.status == 0, result.err
    assert "one minus other" in result.out
    found = read_results(tmp_path / "out")
    systems = [
        System.of(lambda texts: list(map(case.answer, texts)), task=case.task, name=name) for name in ("one", "other")
    ]
    wanted = evaluate(systems, load_data(path, task=case.task), ["swap", "drop@0.5"], draws=2)
    for part in ("scores", "comparisons", "attacks", "shown"):
        assert getattr(found, part) == getattr(wanted, part), part


def test_versions_by_name(run, tmp_path):
    case, _, folder = attacked(run, tmp_path, "classes", "-r", "swap")
    clean = predict_file(case, folder / "clean.jsonl", tmp_path / "a.csv")
    given = predict_file(case, folder / "attacked.jsonl", tmp_path / "b.csv")
    for version in ("swap", "attacked"):
        result = run("score", folder, "-p", f"clean={clean}", "-p", f"{version}={given}", "--confidence", "0.9")
        assert (result.status, "swap" in result.out) == (0, True), result.err
        assert "90 % interval" in result.out
        assert "95 %" not in result.out
    assert not (tmp_path / "out").exists()


def test_the_folder_itself_may_hold_the_predictions(run, tmp_path):
    case, _, folder = attacked(run, tmp_path, "classes", "-r", "swap")
    for stem in ("clean", "attacked"):
        records = [json.loads(line) for line in read(folder / f"{stem}.jsonl").splitlines()]
        lines = [json.dumps(record | {"prediction": case.answer(record["text"])}) + "\n" for record in records]
        write(folder / f"{stem}.jsonl", "".join(lines))
    result = run("score", folder, "-p", folder, "--json")
    assert (result.status, result.told["outputs"]) == (0, {}), result.err
    assert [score["attack"] for score in result.told["figures"]["scores"][:1]] == ["clean"]


@pytest.mark.parametrize("said", ["positive", "pos"])
@pytest.mark.parametrize("written", ["positive", "pos"])
def test_label_maps(run, tmp_path, written, said):
    """Where data and predictions differ, one name for both makes them agree, whichever of them has it."""
    rows = "".join(f"story {number},{label}\n" for number, label in enumerate([written, "negative"] * 3))
    path = write(tmp_path / "in.csv", "text,label\n" + rows)
    run("attack", path, "--task", "classification", "-r", "swap", "-o", f"{tmp_path}/attacked/")
    for stem in ("clean", "attacked"):
        write(tmp_path / f"{stem}.txt", f"{said}\nnegative\n" * 3)
    command = ("score", tmp_path / "attacked", "-p", tmp_path / "clean.txt", "-p", tmp_path / "attacked.txt")
    result = run(*command, "--label-map", "pos=positive", "-o", tmp_path / "out")
    assert (result.status, "no classes" in result.err) == (0, False), result.err
    assert read_results(tmp_path / "out").scores[0].value.value == 1
    result = run(*command)
    assert "`" not in result.err
    assert ("6 of 12 answers of predictions are no classes" in result.err) == (written != said)


def test_unknown_labels_are_told_loudly(run, tmp_path):
    _, _, folder = attacked(run, tmp_path, "classes", "-r", "swap")
    for stem in ("clean", "attacked"):
        write(tmp_path / f"{stem}.txt", "good\n" + "I think it is bad.\n" * 11)
    command = ("score", folder, "-p", tmp_path / "clean.txt", "-p", tmp_path / "attacked.txt")
    result = run(*command)
    assert result.status == 0
    assert (
        "\nWARNING: 22 of 24 answers of predictions are no classes of the data set, and count as wrong"
        in f"\n{result.err}"
    )
    write(tmp_path / "clean.txt", "I think it is bad.\n" * 12)
    write(tmp_path / "attacked.txt", "I think it is bad.\n" * 12)
    result = run(*command)
    assert (result.status, "rename them with --label-map" in result.err) == (2, True), result.err


def test_evaluate_tells_unknown_labels(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "unsure_model.py", "def predict(texts):\n    return ['good'] + ['unsure'] * (len(texts) - 1)\n")
    path = write(tmp_path / "in.jsonl", CASES["classes"].content)
    result = run(
        "evaluate", "-m", "python:unsure_model:predict", "--data", path, "--task", "classification", "-o", "out"
    )
    assert result.status == 0, result.err
    assert "WARNING: 11 of 12 answers of predict are no classes" in result.err


def test_examples_without_a_label_need_no_prediction(run, tmp_path):
    path = write(tmp_path / "in.csv", "text,label\nwonderful one,good\nnobody knows,\ndreadful two,bad\n")
    run("attack", path, "--task", "classification", "-r", "swap", "-o", f"{tmp_path}/attacked/")
    for lines in ("good\nwhatever\nbad\n", "good\nbad\n"):
        for stem in ("clean", "attacked"):
            write(tmp_path / f"{stem}.txt", lines)
        result = run("score", tmp_path / "attacked", "-p", tmp_path / "clean.txt", "-p", tmp_path / "attacked.txt")
        assert result.status == 0, result.err
        assert "1 example without a label is left out" in result.err
        assert "100.0" in result.out


def test_a_folder_can_be_written_again(run, tmp_path):
    _, _, folder = attacked(run, tmp_path, "classes", "-r", "swap", "-r", "drop")
    before = {entry.name: entry.read_bytes() for entry in folder.iterdir()}
    attacked(run, tmp_path, "classes", "-r", "swap", "-r", "drop", "--workers", 2, "--force")
    assert {entry.name: entry.read_bytes() for entry in folder.iterdir()} == before
    attacked(run, tmp_path, "classes", "-r", "swap", "--force")
    names = {"clean.jsonl", "attacked.jsonl", "attacked.edits.parquet", "versions.json"}
    assert {entry.name for entry in folder.iterdir()} == names
    assert {entry.name for entry in tmp_path.iterdir()} == {"in.jsonl", "attacked"}


def test_an_output_without_suffix_is_a_folder(run, tmp_path):
    path = write(tmp_path / "in.jsonl.gz", CASES["classes"].content)
    result = run("attack", path, "--task", "classification", "-r", "swap", "-o", tmp_path / "attacked")
    assert result.status == 0, result.err
    assert read(tmp_path / "attacked" / "clean.jsonl.gz") == CASES["classes"].content
    for stem in ("clean", "attacked"):
        write(tmp_path / f"{stem}.txt", "good\nbad\n" * 6)
    result = run("score", tmp_path / "attacked", "-p", tmp_path / "clean.txt", "-p", tmp_path / "attacked.txt")
    assert result.status == 0, result.err


def test_folders_of_records(run, tmp_path):
    source = write(tmp_path / "squad.json", json.dumps(SQUAD))
    beir = write_beir(source, tmp_path / "my.beir")
    result = run("attack", beir, "-r", "drop@0.5", "-r", "swap", "-o", f"{tmp_path}/attacked/")
    assert result.status == 0, result.err
    given = []
    for version in ("clean", "drop@0.5", "swap"):
        rows = [json.loads(line) for line in read(tmp_path / "attacked" / version / "queries.jsonl").splitlines()]
        documents = read(tmp_path / "attacked" / version / "corpus.jsonl").splitlines()
        ranked = [json.loads(line)["_id"] for line in documents]
        lines = json_lines([{"id": row["_id"], "prediction": ranked} for row in rows])
        given += ["-p", write(tmp_path / f"{version}.jsonl", lines)]
    result = run("score", tmp_path / "attacked", *given)
    assert (result.status, "nDCG@10" in result.out) == (0, True), result.err
