"""``charrobust sensitivity``."""

import json

import pytest

from charrobust.files import claimed
from charrobust.scoring.sensitivity.results import Sensitivity
from tests.tasks.data import CONLL, json_lines, write
from tests.training.runs import SENTENCES, make_backbone

TEXT = "".join(sentence + "\n" for sentence in SENTENCES)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    return make_backbone(tmp_path_factory.mktemp("models") / "plain")


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return make_backbone(tmp_path_factory.mktemp("models") / "other", "roberta")


def test_two_models(run, backbone, other, tmp_path):
    path = write(tmp_path / "text.txt", TEXT)
    output = tmp_path / "out"
    result = run("sensitivity", "-m", backbone, "-m", f"bytes={other}", "--data", path, "--output", output)
    assert (result.status, result.err) == (0, "")
    for phrase in ("S: all words", "plain", "bytes", "untouched", "keyboard", "sensitivity.json, sensitivity.csv"):
        assert phrase in result.out
    found = Sensitivity.load(output)
    assert [model.model for model in found.models] == ["plain", "bytes"]
    assert (found.data, found.attack, found.pooling) == ("text.txt", "charbert", "first")
    assert str(tmp_path) not in (output / "sensitivity.json").read_text()
    assert len((output / "sensitivity.csv").read_text().splitlines()) == len(found.to_frame()) + 1
    assert list(output.glob("*.png"))
    assert not list(output.glob(".charrobust-*"))


def test_the_folder_is_claimed_until_all_is_written(run, backbone, tmp_path, monkeypatch):
    def save(self, path):
        with claimed(path.parent):
            pass

    monkeypatch.setattr(Sensitivity, "save", save)
    output = tmp_path / "out"
    result = run("sensitivity", "-m", backbone, "--data", write(tmp_path / "text.txt", TEXT), "-o", output)
    assert (result.status, output.exists()) == (2, False)
    assert "is in use by another run" in result.err


@pytest.mark.parametrize(("name", "content", "options"), [
    ("a.jsonl", json_lines([{"tokens": sentence.split(), "tags": sentence.split()} for sentence in SENTENCES]), ("--task", "tagging")),
    ("b.jsonl", json_lines([{"mine": sentence, "label": 1} for sentence in SENTENCES]), ("--task", "classification", "--text-column", "mine")),
    ("c.conll", CONLL, ("--token-column", "0")),
])  # fmt: skip
def test_kinds_of_data(run, backbone, tmp_path, name, content, options):
    path = write(tmp_path / name, content)
    options = (*options, "--pooling", "mean", "--limit", "2", "--severity", "0.5", "--seed", "3")
    options = (*options, "--confidence", "0.9", "--json")
    result = run("sensitivity", "--model", backbone, "--data", path, "-o", tmp_path / "out", *options)
    assert (result.status, result.out.count("\n")) == (0, 1), result.err
    assert "±: half of the 90 % interval" in " ".join(result.err.split())
    assert "95 %" not in result.err
    content = json.loads((tmp_path / "out" / "sensitivity.json").read_text())
    assert (content["severity"], content["seed"], content["pooling"]) == ("0.5", 3, "mean")
    assert content["models"][0]["sentences"] == 2
    assert content["confidence"] == result.told["figures"]["confidence"] == 0.9
    assert result.told["figures"]["models"][0]["score"] == content["models"][0]["score"]
    assert all((tmp_path / "out" / plot).exists() for plot in result.told["outputs"]["plots"])


def test_a_card(run, backbone, tmp_path):
    result = run("sensitivity", "-m", backbone, "--data", "entities", "--limit", "5", "-o", tmp_path / "out")
    assert (result.status, result.err) == (0, "")


@pytest.mark.parametrize(("changes", "message"), [
    ({"--model": "no/such/model"}, "model 'no/such/model': no such directory"),
    ({"--model": "a=spelling+b"}, "expected [NAME=]PATH of an encoder, without the defences spelling"),
    ({"--model": "=b"}, "expected [NAME=]"),
    ({"--data": "no.jsonl"}, "'no.jsonl' is no existing file and no data set card"),
    ({"--attack": "charbret"}, "unknown recipe 'charbret'; did you mean 'charbert'?"),
    ({"--severity": "0"}, "noised none of"),
    ({"--severity": "2"}, "severity '2': "),
    ({"--pooling": "max"}, "unknown pooling 'max'"),
    ({"--confidence": "95"}, "--confidence must lie between 0 and 1, got 95; did you mean 0.95?"),
    ({"--task": "tagging", "--data": "reviews"}, "is for the task 'classification', not 'tagging'"),
])  # fmt: skip
def test_mistakes(run, backbone, tmp_path, changes, message):
    path = write(tmp_path / "text.txt", TEXT)
    options = {"--model": backbone, "--data": path, "--output": tmp_path / "out"} | changes
    result = run("sensitivity", *(part for pair in options.items() for part in pair))
    assert (result.status, message in result.err) == (2, True), result.err
    assert result.err.startswith("error: ")
    assert "Traceback" not in result.err
    assert not (tmp_path / "out").exists()


def test_mistakes_with_files(run, backbone, tmp_path):
    path, empty = write(tmp_path / "text.txt", TEXT), write(tmp_path / "empty.txt", "")
    conll = write(tmp_path / "a.conll", CONLL)
    for arguments, message in (
        (("-m", backbone, "-m", backbone, "--data", path, "-o", tmp_path / "out"), "two of them are called 'plain'"),
        (("-m", backbone, "--data", path, "-o", path), "give a folder that can be written"),
        (("-m", backbone, "--data", empty, "-o", tmp_path / "out"), "holds no sentence"),
        (("-m", backbone, "--data", conll, "--token-column", "x", "-o", tmp_path / "out"), "is a number, from 0"),
    ):
        result = run("sensitivity", *arguments)
        assert (result.status, message in result.err) == (2, True), result.err
