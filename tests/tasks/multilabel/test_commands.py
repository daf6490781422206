"""From an attack to a report, by the command line."""

import json
import random

import pytest

from charrobust.systems.models import load_predictor
from tests.cli.running import Runner
from tests.training.runs import make_backbone

WORDS = ["the", "wonderful", "weather", "of", "north", "typing", "errors", "change"]
SMALL = ("--epochs", "2", "--batch-size", "8", "--set", "training.log_every=1", "--learning-rate", "1e-2")


@pytest.fixture
def run(monkeypatch, capsys):
    return Runner(monkeypatch, capsys)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    return make_backbone(tmp_path_factory.mktemp("model") / "backbone")


def write(path, count=40):
    """Write texts whose labels are the words "storms" and "words", where they hold these."""
    draw = random.Random(1)
    lines = []
    for number in range(count):
        sentence = draw.choices(WORDS, k=5)
        labels = [word for word, there in (("storms", number % 2), ("words", number % 3 == 0)) if there]
        sentence[: len(labels)] = labels
        lines.append(json.dumps({"text": " ".join(sentence), "labels": labels}) + "\n")
    path.write_text("".join(lines))
    return path


def test_from_attack_to_report(run, backbone, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = write(tmp_path / "in.jsonl")
    result = run(
        "attack",
        data,
        "--recipe",
        "charbert",
        "--output",
        "attacked.jsonl",
        "--task",
        "classification",
        "--edits",
        "edits.jsonl",
    )
    assert result.status == 0, result.err
    assert "by its columns the task is multilabel, not classification" in result.err
    attacked = [json.loads(line) for line in (tmp_path / "attacked.jsonl").read_text().splitlines()]
    clean = [json.loads(line) for line in data.read_text().splitlines()]
    assert [row["labels"] for row in attacked] == [row["labels"] for row in clean]
    assert attacked != clean

    result = run("revert", "attacked.jsonl", "--output", "back.jsonl", "--edits", "edits.jsonl")
    assert result.status == 0, result.err
    assert (tmp_path / "back.jsonl").read_bytes() == data.read_bytes()

    result = run(
        "finetune", "--model", backbone, "--task", "multilabel", "--train", data, "--eval", data, "--output", "model",
        "--noise", "charbert", "--consistency", "0.5", "--set", "reading.threshold=0.4", *SMALL,
    )  # fmt: skip
    assert result.status == 0, result.err
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    assert config["problem_type"] == "multi_label_classification"
    assert config["id2label"] == {"0": "storms", "1": "words"}
    assert load_predictor(tmp_path / "model").settings.head.threshold == 0.4
    assert "micro F1" in (tmp_path / "model" / "README.md").read_text()

    given = (
        "--model",
        "model",
        "--data",
        data,
        "--task",
        "multilabel",
        "--attack",
        "attacked.jsonl",
        "--attack",
        "drop@0.5",
    )
    for _ in range(2):  # the second time predictions are read from the file
        result = run("evaluate", *given, "--output", "out")
        assert result.status == 0, result.err
    for metric in ("micro F1", "macro F1", "subset accuracy", "LRAP"):
        assert metric in (tmp_path / "out" / "scores.csv").read_text()

    result = run("report", "out")
    assert result.status == 0, result.err
    assert "storms, words" in next((tmp_path / "out").glob("*.html")).read_text()


def test_a_frozen_encoder_with_lists_taken_for_classes(run, backbone, tmp_path):
    data = write(tmp_path / "in.jsonl")
    result = run(
        "finetune", "--model", backbone, "--use", "frozen", "--output", tmp_path / "model", "--task", "classification",
        "--train", data, *SMALL,
    )  # fmt: skip
    assert result.status == 0, result.err
    assert "by its columns the task is multilabel, not classification" in result.err
    assert load_predictor(tmp_path / "model").labels == ("storms", "words")


def test_columns_of_labels(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content = "text,toxic,threat\nwonderful weather in the north,1,0\nunbelievable storms,0,0\n"
    (tmp_path / "in.csv").write_text(content)
    columns = ("--task", "multilabel", "--label-column", "toxic", "--label-column", "threat")
    result = run("attack", "in.csv", "--recipe", "charbert", "--output", "out.csv", *columns, "--edits", "edits.jsonl")
    assert result.status == 0, result.err
    result = run("revert", "out.csv", "--output", "back.csv", "--edits", "edits.jsonl")
    assert result.status == 0, result.err
    assert (tmp_path / "back.csv").read_text() == content


@pytest.mark.parametrize("label", ["joy", "joy;trust"])
def test_a_string_for_a_list_leaves_nothing_behind(run, tmp_path, label):
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"text": "a", "labels": ["joy"]}) + "\n" + json.dumps({"text": "b", "labels": label}))
    result = run("attack", path, "--recipe", "charbert", "--output", tmp_path / "out.jsonl", "--task", "multilabel")
    assert result.status == 2
    assert f"in.jsonl, line 2: column 'labels': expected a list of labels, got '{label}'" in result.err
    assert "--label-separator" in result.err
    assert [file.name for file in tmp_path.iterdir()] == ["in.jsonl"]
