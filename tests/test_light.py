"""A light installation: what runs without torch, transformers, nlpaug, matplotlib and scikit-learn, and what is said."""

import re
import tomllib
from pathlib import Path

import pytest

from charrobust import packages
from charrobust.packages import missing_package
from tests.commands import LIGHT, run_commands

ROOT = Path(__file__).parents[1]
MODULE = 'def answers(texts):\n    return ["positive" if "o" in text else "negative" for text in texts]\n'
DATA = ("--data", "reviews:test", "--limit", "20")
COMMANDS = {
    "help": ["--help"],
    "recipes": ["recipes"],
    "recipe": ["recipes", "ocr"],
    "data": ["data"],
    "attack": ["attack", "reviews:test", "-r", "charbert", "-o", "attacked.jsonl", "--edits", "log.parquet"],
    "revert": ["revert", "attacked.jsonl", "--edits", "log.parquet", "-o", "back.jsonl"],
    "folder": ["attack", "reviews:test", "-r", "drop", "-o", "folder/"],
    "score": ["score", "folder", "-p", "clean=said.txt", "-p", "drop=said.txt", "-o", "given"],
    "evaluate": ["evaluate", "-m", "python:mine:answers", *DATA, "-a", "drop", "-o", "scores"],
    "report": ["report", "scores", "-o", "page"],
}
# What is missing, by the command that needs it.
REFUSED = {
    "nlpaug": (["attack", "reviews:test", "-r", "ocr", "-o", "no.jsonl"], "the operator 'nlpaug:OcrAug'"),
    "torch": (["evaluate", "-m", "a-model", *DATA, "-o", "no"], "model 'a-model'"),
    "torch, of a recogniser": (["train-recogniser", "--corpus", "mine.py", "-o", "no"], "charrobust train-recogniser"),
    "torch, of fine-tuning": (["finetune", "--train", "reviews:train", "-o", "no"], "charrobust finetune"),
    "torch, of pre-training": (["pretrain", "--corpus", "mine.py", "-o", "no"], "charrobust pretrain"),
    "torch, of ONNX": (["evaluate", "-m", "model.onnx", *DATA, "-o", "no"], "model 'model.onnx'"),
    "transformers": (["convert", ".", "--char-vocab", "mine.py", "-o", "no"], "charrobust convert"),
    "datasets": (["attack", "hub:x/y:z", "--task", "qa", "-r", "drop", "-o", "no.json"], "reading hub data sets"),
}


@pytest.fixture(scope="module")
def light(tmp_path_factory):
    """What commands gave without the packages, and where."""
    folder = tmp_path_factory.mktemp("light")
    (folder / "mine.py").write_text(MODULE)
    (folder / "said.txt").write_text("positive\n" * 421)
    refused = {name: arguments for name, (arguments, _) in REFUSED.items()}
    return run_commands({**COMMANDS, **refused}, folder, before=LIGHT), folder


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_that_run(light, command):
    ran, _ = light
    assert ran[command].status == 0, ran[command].err
    assert ran[command].out


def test_what_they_write(light):
    ran, folder = light
    assert (folder / "back.jsonl").read_bytes() == (ROOT / "data" / "reviews-test.jsonl").read_bytes()
    assert "ocr" in ran["recipes"].out
    assert 'augmenter = "OcrAug"' in ran["recipe"].out
    for name in ("given", "scores"):
        assert {path.name for path in (folder / name).iterdir()} == {"results.json", "scores.csv", "report.html"}
    assert "left out: drawing them needs the package matplotlib" in (folder / "page" / "report.html").read_text()
    for name in ("score", "evaluate", "report"):
        assert "the page has no figures: drawing them needs the package matplotlib" in ran[name].err
        assert "plots" not in ran[name].out


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_missing_is_named(light, name):
    ran, folder = light
    package, purpose = name.partition(",")[0], REFUSED[name][1]
    assert ran[name].status == 2
    told = ran[name].err.splitlines()[-1]
    assert re.fullmatch(f"error: {purpose}.* needs the package {package}, .*install it with: pip install .*", told), (
        told
    )
    assert not list(folder.glob("no*"))


def test_an_extra_would_bring_the_whole(monkeypatch):
    monkeypatch.setattr(packages, "is_installed", lambda name: name == "torch")
    assert str(missing_package("symspellpy", "spelling")).endswith("pip install 'charrobust[spelling]'")
    monkeypatch.setattr(packages, "is_installed", lambda name: False)
    assert str(missing_package("symspellpy", "spelling")).endswith("pip install symspellpy")


def test_the_list_is_that_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    known = {*project["dependencies"], *project["optional-dependencies"]["http"]}
    lines = (ROOT / "requirements-light.txt").read_text(encoding="utf-8").splitlines()
    light = {line for line in lines if not line.startswith("#")}
    assert light < known
    heavy = {re.split("[<>=]", line)[0] for line in known - light}
    assert heavy == {"scikit-learn", "matplotlib", "nlpaug", "torch", "jaxtyping", "accelerate", "transformers"}
