"""Searches from the command line that cannot be: one message each, and nothing is written."""

import json

import pytest

from tests.cli.searched_model import ROWS
from tests.tasks.data import json_lines, write

TASK = ("--task", "classification")
MODEL = "python:tests.cli.searched_model:mood"
LABELS = "python:tests.cli.searched_model:label"


@pytest.fixture
def texts(tmp_path):
    return write(tmp_path / "texts.jsonl", json_lines(ROWS))


def refused(run, output, *arguments):
    result = run(*arguments, "-o", output)
    assert result.status == 2, result.err
    assert result.err.startswith(("error: ", "note: ")), result.err
    assert "Traceback" not in result.err
    assert not (output / "results.json").exists()
    assert not output.is_file()
    return result.err


@pytest.mark.parametrize(
    ("model", "arguments", "said"),
    [
        (LABELS, ["-a", "worst:drop:beam:2"], "beam search compares scores, and system 'label' gives labels alone"),
        (MODEL, ["-a", "worst:drop:beam:2", "--budget", "0"], "--search-budget must be at least 1 query about an example, got 0"),
        (MODEL, ["-a", "worst:drop:beam:2", "--budget", "2.5"], "--budget of a search is a whole number of queries"),
        (MODEL, ["-a", "worst:drop:beam:2", "--budget", "nan"], "--budget of a search is a whole number of queries"),
        (MODEL, ["-a", "drop", "--search-budget", "5"], "--search-budget is that of searches, and no attack is one"),
        (MODEL, ["-a", "worst:drop:exhaustive:3"], "exhaustive search makes 1 or 2 edits, got 3"),
        pytest.param(
            MODEL, ["-a", "worst:ocr:beam:1"], "recipe 'ocr' cannot be searched: all that it may write cannot be",
            marks=pytest.mark.needs("nlpaug"),
        ),
        (MODEL, ["-a", "worst:standard", "--search-budget", "5"], "worst:standard is fixed"),
        (MODEL, ["-a", "worst:drop:2"], "expected worst:RECIPE:SEARCH:EDITS"),
        (MODEL, ["-a", "worst:drop:beam:1", "--engine", "ray"], "asks in this process; leave out --engine ray"),
        (MODEL, ["-a", "drop", "--screen"], "no attack is a search that --screen could make faster"),
        (MODEL, ["-a", "worst:drop:beam:2", "--screen"], "is no model of the transformers library, which alone --screen"),
        (MODEL, ["-a", "worst:drop:beam:2", "--screen", "--card", "Ada"], "--card tells what is proved, which --screen"),
        (MODEL, ["-a", "drop", "--card", " "], "--card says who measured; give a name"),
    ],
)  # fmt: skip
def test_evaluate(run, texts, tmp_path, model, arguments, said):
    assert said in refused(run, tmp_path / "out", "evaluate", "-m", model, "--data", texts, *TASK, *arguments)


def test_a_budget_that_could_be_money(run, texts, tmp_path):
    arguments = ("-m", "https://localhost:1/v1", "-a", "worst:drop:beam:2", "--budget", "5")
    message = refused(run, tmp_path / "out", "evaluate", "--data", texts, *TASK, *arguments)
    assert "--budget could be what calls cost or how many queries a search asks" in message
    assert "give the latter as --search-budget" in message


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--edits", "2"], "--edits 2 is a number of edits, which a search makes: name the model to search against with --against"),
        (["--search", "greedy"], "--search is that of a search; name the model to search against with --against"),
        (["--search-budget", "2"], "--search-budget is that of a search"),
        (["--store", "kept"], "--store is that of a search"),
        (["--edits", "a.jsonl", "--edit-log", "b.jsonl"], "--edits and --edit-log both name the edit log"),
        (["--against", MODEL, "--edits", "a.jsonl"], "with --against, --edits is the most edits of a text, a whole number, got 'a.jsonl'"),
        (["--against", MODEL, "--edits", "0"], "at least 1 edit a text, got 0"),
        (["--against", MODEL, "--search-budget", "0"], "--search-budget must be at least 1 query"),
        (["--against", MODEL, "--search", "gready"], "--search 'gready' is not known; did you mean 'greedy'"),
        (["--against", MODEL, "--severity", "0.5"], "with --against, --severity says nothing"),
        (["--against", MODEL, "--seeds", "2"], "with --against, --seeds says nothing"),
        (["--against", MODEL, "--workers", "2"], "with --against, --workers says nothing"),
        (["--against", MODEL, "-r", "swap"], "give one --recipe, got 2"),
        (["--against", MODEL, "--edit-log", "log.txt"], "edit log log.txt: expected a name that ends in .parquet, .jsonl"),
        (["--against", MODEL, "--bad-records", "skip"], "a search writes all records of the input; leave out --bad-records"),
        (["--against", LABELS, "--search", "beam"], "gives labels alone"),
        (["--against", "python:tests.cli.nowhere:mood"], "nowhere"),
    ],
)  # fmt: skip
def test_attack(run, texts, tmp_path, arguments, said):
    assert said in refused(run, tmp_path / "out.jsonl", "attack", texts, *TASK, "-r", "drop", *arguments)


def test_the_output_is_the_input(run, texts):
    result = run("attack", texts, *TASK, "--against", MODEL, "-r", "drop", "-o", texts)
    assert (result.status, "is the input; give another name" in result.err) == (2, True)


def test_a_leaderboard_of_nothing(run, tmp_path):
    for folder, said in ((tmp_path / "none", "is no existing folder"), (tmp_path, "holds no card")):
        result = run("leaderboard", folder)
        assert (result.status, said in result.err) == (2, True), result.err


@pytest.mark.parametrize("content", ["{", "[]", '{"schema": 3, "task": "classification"}', json.dumps({"schema": 1})])
def test_a_leaderboard_of_what_is_no_card(run, tmp_path, content):
    (tmp_path / "card.json").write_text(content)
    result = run("leaderboard", tmp_path)
    assert result.status == 2
    assert result.err.startswith("error: ")
    assert "card.json" in result.err
    assert not (tmp_path / "leaderboard.html").exists()
