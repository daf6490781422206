"""Files that hold no results."""

import json

import pytest

from charrobust.errors import DataError, UserError
from charrobust.scoring import evaluate, read_results, write_results
from tests.scoring.fakes import fake_system, reviews


@pytest.fixture
def content(tmp_path):
    path = write_results(evaluate([fake_system()], reviews()), tmp_path / "results.json")
    return json.loads(path.read_text())


@pytest.mark.parametrize("schema", [0, 1, 2, 4, "3", None])
def test_an_unknown_schema(tmp_path, content, schema):
    path = tmp_path / "other.json"
    path.write_text(json.dumps(content | {"schema": schema}))
    with pytest.raises(DataError, match=r"other\.json: expected schema 3 of Results, got"):
        read_results(path)


def test_something_missing(tmp_path, content):
    path = tmp_path / "other.json"
    del content["metrics"]
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match=r"other\.json does not hold what Results needs"):
        read_results(path)


def changed(table, field, value):
    def change(content):
        content[table][0][field] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        changed("scores", "system", 1),
        changed("systems", "name", None),
        changed("scores", "value", "0.9"),
        changed("scores", "value", {"value": "0.9", "low": 0.1, "high": 1.0}),
        lambda content: content.update(scores="many"),
        lambda content: content.update(versions=["1"]),
    ],
)
def test_something_of_another_kind(tmp_path, content, change):
    change(content)
    path = tmp_path / "other.json"
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match=r"other\.json does not hold what Results needs"):
        read_results(path)


@pytest.mark.parametrize("text", ["", "{", "[]", "1"])
def test_no_results(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"other\.json"):
        read_results(path)


def test_no_file(tmp_path):
    with pytest.raises(DataError, match=r"holds no results\.json; give a folder that"):
        read_results(tmp_path)
    with pytest.raises(DataError, match=r"cannot read .*results\.json"):
        read_results(tmp_path / "results.json")
    with pytest.raises(UserError, match="cannot write"):
        write_results(evaluate([fake_system()], reviews()), tmp_path / "no" / "results.json")


def test_an_unknown_table():
    with pytest.raises(UserError, match="results have no table 'score'; did you mean 'scores'"):
        evaluate([fake_system()], reviews()).to_frame("score")


@pytest.mark.parametrize(("field", "value"), [("system", "nobody"), ("attack", "nothing")])
def test_scores_of_something_unknown(tmp_path, content, field, value):
    content["scores"][0][field] = value
    path = tmp_path / "other.json"
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match=rf"other\.json has scores of an unknown {field}: {value}; write it anew"):
        read_results(path)


def test_a_clean_score_is_missing(tmp_path, content):
    content["scores"] = [score | {"attack": "worst case"} for score in content["scores"]]
    path = tmp_path / "other.json"
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match="lacks the clean score of fake; write it anew"):
        read_results(path)
