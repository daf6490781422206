"""Texts, names of files, columns and labels that would give a terminal orders are shown, and not obeyed."""

import csv
import os
import pty
import re
import subprocess
import sys
import unicodedata

import pytest

from charrobust.report import page
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.stored import load
from tests.models.tokenizers import wordpiece
from tests.tasks.data import json_lines, write

RED, CLIPBOARD, TITLE = "\x1b[31m", "\x1b]52;c;cm0gLXJm\x07", "\x1b]0;owned\x07"
HOSTILE = f"{RED}{CLIPBOARD}\x9b2J\x00\b\r\u202eevil\u2066\u2028[red]:smile:</script><img src=x onerror=alert(1)>"
NAME = f"=na\x1bme{RED}[bold]\u202e"  # of a file: no slash, and no zero byte
SYSTEM = f"@na\x1bme{RED}[bold]\u202e"
LABELS = ("+po\x1b]0;s\x07", "@ne\x1bg[red]\u202e")
RECIPE = 'summary = "s"\nsource = "s"\nseed = 1\n[[operators]]\nname = "swap"\n'
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")  # what rich itself writes


def records():
    texts = [f"wonderful {HOSTILE} stories", "dreadful acting everywhere", "x" * 100_000, f"another wonderful {NAME}"]
    return [
        {"te\x1bxt": text, "la\x1bbel\u202e": LABELS[number % 2], "key\r": f"k\x1b{number}"}
        for number, text in enumerate(texts)
    ]


@pytest.fixture
def hostile(tmp_path):
    """A data set and a recipe of which every name is hostile; the options to read it with."""
    data = write(tmp_path / f"{NAME}.jsonl", json_lines(records()))
    recipe = write(tmp_path / f"re{NAME}.toml", RECIPE)
    options = ("--task", "classification", "--text-column", "te\x1bxt", "--label-column", "la\x1bbel\u202e")
    return data, recipe, options


def check(result, status=0):
    """Check that nothing was printed that a terminal obeys."""
    assert result.status == status, result.err
    wrong = {
        c for c in result.out + result.err if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    }
    assert wrong == set()


def attack(run, hostile, tmp_path):
    data, recipe, options = hostile
    output, log = tmp_path / f"out{NAME}.jsonl", tmp_path / f"log{NAME}.jsonl"
    return run("attack", data, *options, "-r", recipe, "-o", output, "--edits", log), output, log


def test_attack_and_revert(run, hostile, tmp_path):
    result, output, log = attack(run, hostile, tmp_path)
    check(result)
    for shown in (
        r"te\x1bxt before",
        r"\x1b[31m\x1b]52;c;cm0gLXJm\x07\x9b2J",
        r"\u202eevil",
        "[red]:smile:",
        r"=na\x1bme",
    ):
        assert shown in result.out
    back = tmp_path / f"back{NAME}.jsonl"
    check(run("revert", output, "--edits", log, "-o", back))
    assert back.read_bytes() == hostile[0].read_bytes()


def test_attack_to_a_folder(run, hostile, tmp_path):
    data, recipe, options = hostile
    check(run("attack", data, *options, "-r", recipe, "-r", "drop", "-o", tmp_path / f"fol{NAME}"))


def evaluate(run, hostile, tmp_path, monkeypatch):
    """Evaluate two systems; return the folder of the results."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    write(tmp_path / "hostile_rules.py", f"def predict(texts):\n    return [{LABELS[0]!r} for _ in texts]\n")
    data, recipe, options = hostile
    output = tmp_path / f"results{NAME}"
    models = ("-m", f"{SYSTEM}=python:hostile_rules:predict", "-m", "python:hostile_rules:predict")
    result = run("evaluate", *models, "--data", data, *options, "-a", recipe, "-o", output)
    check(result)
    return output


def test_evaluate(run, hostile, tmp_path, monkeypatch):
    monkeypatch.setattr(page, "write_report", lambda results, folder: folder / "report.html")  # which takes a while
    output = evaluate(run, hostile, tmp_path, monkeypatch)
    with (output / "scores.csv").open(encoding="utf-8", newline="") as handle:
        cells = {cell for row in csv.reader(handle) for cell in row}
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "-n")) or "\x1b" in cell]
    found = load(Results, output / "results.json")
    assert {label for each in found.shown for label in [each.target]} <= set(LABELS)  # what is stored is as it was


@pytest.mark.nightly
def test_report(run, hostile, tmp_path, monkeypatch):
    output = evaluate(run, hostile, tmp_path, monkeypatch)
    text = (output / "report.html").read_text(encoding="utf-8")
    assert not {c for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")}
    assert not {c for c in text if unicodedata.bidirectional(c) in ("RLO", "LRO", "RLE", "LRE", "LRI", "RLI", "FSI")}
    check(run("report", output))


@pytest.mark.nightly
def test_fragility(run, hostile, tmp_path):
    wordpiece().save_pretrained(tmp_path / "pieces")
    tagged = [{"tokens": ["wonder\x1bful", HOSTILE.replace("\r", ""), "stories"], "tags": [LABELS[0], "O", LABELS[1]]}]
    data = write(tmp_path / f"{NAME}.jsonl", json_lines(tagged))
    arguments = (
        "-t",
        f"{SYSTEM}={tmp_path / 'pieces'}",
        "--task",
        "tagging",
        "--group",
        LABELS[0],
        "-o",
        tmp_path / f"f{NAME}",
    )
    check(run("fragility", *arguments, "--data", data))


@pytest.mark.parametrize("arguments", [
    ("attack", "no\x1b[31msuch\r\u202e.jsonl", "-r", "drop", "-o", "o.jsonl"),
    ("attack", "reviews", "-r", "no\x1b]0;x\x07such", "-o", "o.jsonl"),
    ("attack", "reviews", "-r", "drop", "-o", "o\x1b[2J.csv"),
    ("attack", "reviews", "-r", "drop", "-o", "\x1b" * 300 + ".jsonl"),
    ("revert", "no\x1b[31msuch", "--edits", "\x1b[2J.jsonl"),
    ("report", "\x1b]52;c;x\x07"),
    ("evaluate", "-m", "\x1b[31m", "--data", "reviews", "-a", "drop", "-o", "o"),
    ("attack", "reviews", "-r", "drop", "-o", "o.jsonl", "\x1b[2Jmore\nwrote all"),
    ("attack", "reviews", "--\x1b[31mno-such\u202e"),
    ("no\x1b[31msuch",),
])  # fmt: skip
def test_mistakes_are_quoted_visibly(run, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    check(result, status=2)
    assert re.search(r"\\x1b|x\\?1b", result.err)
    assert "Traceback" not in result.err


def test_a_second_line_of_an_error_cannot_be_taken_for_a_message(run, tmp_path):
    result = run("attack", f"{tmp_path}/no\nerror: another", "-r", "drop", "-o", tmp_path / "o.jsonl")
    assert [line for line in result.err.splitlines() if line.startswith("error")] == [result.err.splitlines()[0]]


def test_a_long_value_is_cut_in_an_error(run, tmp_path):
    data = write(tmp_path / "in.jsonl", json_lines([{"text": ["x" * 100_000], "label": 1}]))
    result = run("attack", data, "--task", "classification", "-r", "drop", "-o", tmp_path / "o.jsonl")
    assert result.status == 2
    assert "in.jsonl, line 1: column 'text' must be text" in result.err
    assert len(result.err) < 5000


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_at_a_terminal(hostile, tmp_path):
    """There, with colours and bars, the only orders are those of the library that prints them."""
    data, recipe, options = hostile
    arguments = ["attack", data, *options, "-r", recipe, "-o", tmp_path / f"out{NAME}.jsonl"]
    own, other = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "charrobust", *map(str, arguments)], stdin=other, stdout=other, stderr=other,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "200", "NO_COLOR": ""},
    )  # fmt: skip
    os.close(other)
    printed = b""
    while True:
        try:
            part = os.read(own, 1 << 16)
        except OSError:  # the terminal's other end is closed
            break
        if not part:
            break
        printed += part
    os.close(own)
    assert process.wait() == 0
    text = ANSI.sub("", printed.decode()).replace("\r\n", "\n").replace("\r", "")
    assert r"\x1b]52;c" in text
    assert "\x1b[31m" not in printed.decode()
    assert not {c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")}


def test_what_a_recipe_prints_can_be_used(run, tmp_path):
    tabbed = write(tmp_path / "mine.toml", RECIPE.replace('name = "swap"', '\tname = "swap"'))
    result = run("recipes", tabbed)
    check(result)
    assert run("recipes", write(tmp_path / "again.toml", result.out)).status == 0
