"""The language of texts on the command line: an option, a part of a recipe's name, a column."""

import json

import pytest

from charrobust import Attack
from tests.tasks.data import json_lines, write

RECORDS = [
    {"text": "Wir warten gemeinsam am Bahnsteig", "label": 0, "lang": "de"},
    {"text": "Поезд до Москвы опаздывает", "label": 1, "lang": "ru"},
    {"text": "Der nächste fährt um Mitternacht", "label": 0, "lang": "de"},
]
MODEL = 'def answers(texts):\n    return ["0" if "a" in text else "1" for text in texts]\n'


@pytest.fixture
def trains(tmp_path):
    return write(tmp_path / "trains.jsonl", json_lines(RECORDS))


def texts(path):
    return [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("arguments", [("-r", "charbert", "--language", "de"), ("-r", "charbert:de")])
def test_a_language_of_all_texts(run, trains, tmp_path, arguments):
    output, log = tmp_path / "out.jsonl", tmp_path / "log.jsonl"
    result = run("attack", trains, "--task", "classification", *arguments, "-o", output, "--edits", log, "--json")
    assert result.told["figures"]["attacks"][0]["language"] == "de"
    assert texts(output) == Attack.load("charbert", language="de").texts([record["text"] for record in RECORDS]).texts
    about = json.loads(log.read_text("utf-8").splitlines()[0])["charrobust"]
    assert (about["recipe"], about["language"]) == ("charbert:de", "de")


def test_a_language_of_each_record(run, trains, tmp_path):
    output, log, back = tmp_path / "out.jsonl", tmp_path / "log.parquet", tmp_path / "back.jsonl"
    columns = ("--task", "classification", "--language-column", "lang")
    assert run("attack", trains, *columns, "-r", "charbert", "-o", output, "--edits", log, "--workers", 2).status == 0
    alone = [Attack.load("charbert", language=record["lang"]).text(record["text"]).text for record in RECORDS]
    assert texts(output) == alone
    assert run("revert", output, "--edits", log, "-o", back).status == 0
    assert back.read_bytes() == trains.read_bytes()


def test_two_languages_of_a_recipe_in_one_folder(run, trains, tmp_path):
    recipes = ("-r", "drop:de", "-r", "drop:ru@0.5")
    assert run("attack", trains, "--task", "classification", *recipes, "-o", f"{tmp_path}/all/").status == 0
    assert {path.name for path in (tmp_path / "all").glob("drop*.jsonl")} == {"drop-de.jsonl", "drop-ru@0.5.jsonl"}


def test_evaluate_in_a_language(run, trains, tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(MODEL)
    monkeypatch.syspath_prepend(tmp_path)
    data = ("--data", trains, "--task", "classification", "-m", "python:mine:answers")
    assert run("evaluate", *data, "-a", "drop", "--language", "ru", "-o", tmp_path / "scores").status == 0
    found = json.loads((tmp_path / "scores" / "results.json").read_text("utf-8"))
    assert found["attacks"][1]["recipe"] == "drop:ru"


def test_evaluate_each_record_in_its_language(run, trains, tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(MODEL)
    monkeypatch.syspath_prepend(tmp_path)
    write(tmp_path / "four.jsonl", json_lines([*RECORDS, {"text": "Мы ждём на станции", "label": 1, "lang": "ru"}]))
    data = ("--data", tmp_path / "four.jsonl", "--task", "classification", "--language-column", "lang")
    folder, tables = tmp_path / "scores", tmp_path / "tables"
    assert run("evaluate", *data, "-m", "python:mine:answers", "-a", "drop", "-o", folder).status == 0
    found = json.loads((folder / "results.json").read_text("utf-8"))["languages"]
    assert [(each["language"], each["attack"], each["size"]) for each in found] == [
        ("de", "clean", 2), ("de", "drop", 2), ("ru", "clean", 2), ("ru", "drop", 2),
    ]  # fmt: skip
    assert "<h2>By language</h2>" in (folder / "report.html").read_text("utf-8")
    assert run("report", folder, "--tables", tables).status == 0
    assert "| attack drop" in (tables / "by_language.md").read_text("utf-8")
    assert (tables / "by_language.tex").is_file()


def test_the_languages_are_listed(run):
    assert "hi-inscript" in run("recipes", "--languages").out
    rows = run("recipes", "--languages", "--json").told["figures"]["languages"]
    assert {"language": "ar", "direction": "right-to-left"}.items() <= rows[0].items()


@pytest.mark.parametrize(("arguments", "message"), [
    (("--language", "dee"), "unknown language 'dee'; did you mean 'de'?"),
    (("--language-column", "lng"), "trains.jsonl, line 1: column 'lng' (for languages) is missing; did you mean 'lang'?"),
    (("--language-column", "text"), "trains.jsonl, line 1: column 'text' holds the unknown language 'Wir warten"),
    (("--language", "de", "--language-column", "lang"), "'drop:de' is in a language already, and the column 'lang' tells"),
])  # fmt: skip
def test_mistakes(run, trains, tmp_path, arguments, message):
    result = run("attack", trains, "--task", "classification", "-r", "drop", *arguments, "-o", tmp_path / "no.jsonl")
    assert result.status == 2
    assert message in result.err.replace("\n", " ")
    assert not (tmp_path / "no.jsonl").exists()
