"""The options of every command, and what programs and shells see: JSON, statuses, logs, the version."""

import json
import logging
import os
import subprocess
import sys

import pytest

import charrobust
from charrobust.cli import COMMANDS, attacked_data, build
from charrobust.cli.result import Result, result_line
from charrobust.training.interruptions import Interrupted, Stop
from tests.tasks.data import json_lines, read, write

REVIEWS = [{"text": f"A wonderful story, number {number}", "label": "good"} for number in range(3)]


@pytest.fixture
def given(tmp_path):
    path = write(tmp_path / "in.jsonl", json_lines(REVIEWS))
    return path, "--task", "classification", "--recipe", "charbert", "--force", "--output", tmp_path / "out.jsonl"


def test_version(run):
    assert run("--version").out == f"charrobust {charrobust.__version__}\n"
    assert run("--version", "--verbose").out.startswith("python 3.")
    assert run("--version", "--json").told["figures"] == {"versions": {"charrobust": charrobust.__version__}}


def test_the_version_needs_no_neural_library():
    code = "import sys; from charrobust.cli import main; sys.argv[1:] = ['--version']\ntry: main()\nexcept SystemExit: print('torch' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "False"


def test_every_command_has_the_options_of_all():
    app = build()
    assert [command.name for command in app.registered_commands] == list(COMMANDS)
    for command in app.registered_commands:
        assert {"quiet", "verbose", "as_json"} <= command.callback.__signature__.parameters.keys(), command.name


def test_an_attack_and_back_for_programs(run, given, tmp_path):
    out, log = tmp_path / "out.jsonl", tmp_path / "log.parquet"
    result = run("attack", *given, "--edits", log, "--json")
    assert (result.status, result.out.count("\n")) == (0, 1), result.err
    assert "charbert at severity 1" in result.err
    told = result.told
    assert told.keys() == {"command", "status", "outputs", "figures", "notes"}
    assert (told["command"], told["status"]) == ("attack", 0)
    assert told["outputs"] == {"data": str(out), "edits": str(log)}
    (made,) = told["figures"]["attacks"]
    assert (made["recipe"], made["seed"], made["records"], made["data"]) == ("charbert", 2020, 3, str(out))
    assert sum(operator["edits"] for operator in made["operators"]) == made["eligible"] == 9
    result = run("revert", out, "--edits", log, "--output", tmp_path / "back.jsonl", "--json", "-q")
    assert (result.err, result.told["figures"]["edits"]) == ("", 9)
    assert read(tmp_path / "back.jsonl") == read(given[0])


def test_lists_for_programs(run):
    result = run("recipes", "--json", "-q")
    assert (result.err, result.out.count("\n")) == ("", 1)
    assert "charbert" in [row["recipe"] for row in result.told["figures"]["recipes"]]
    assert run("recipes", "charbert", "--json").told["figures"]["recipe"]["seed"] == 2020
    assert "de-qwertz" in [row["layout"] for row in run("recipes", "--layouts", "--json").told["figures"]["layouts"]]
    assert "reviews" in [row["data_set"] for row in run("data", "--json").told["figures"]["data_sets"]]
    assert run("data", "sst2", "--json").told["figures"]["card"]["hub"]["config"] == "sst2"


@pytest.mark.parametrize("place", [0, 1])
def test_quiet_before_the_command_and_behind_it(run, given, place):
    arguments = ["attack", *given]
    arguments.insert(place, "--quiet")
    assert run(*arguments).status == 0
    result = run(*arguments)
    assert (result.status, result.out, result.err) == (0, "", "")
    assert "charbert" in run("recipes", "--quiet").out  # a list is all that it is for


def test_quiet_keeps_warnings(run, given, monkeypatch):
    monkeypatch.setattr(
        attacked_data, "show_summary", lambda *_: logging.getLogger("charrobust.mine").warning("look here")
    )
    result = run("attack", *given, "--quiet")
    assert (result.out, result.err) == ("", "WARNING: look here\n")


@pytest.mark.parametrize("place", [0, 1])
def test_verbose_says_what_is_loaded(run, given, place):
    arguments = ["attack", *given]
    arguments.insert(place, "--verbose")
    err = run(*arguments).err
    assert f"INFO charrobust.datasets.source: data {given[0]}: {given[0]} as JsonLines, for classification" in err
    assert err.count(f"charrobust {charrobust.__version__}, ") == 1
    # What one command shows, the next does not.
    assert run("attack", *given).err == ""


def test_verbose_shows_causes(run, tmp_path):
    path = write(tmp_path / "mine.toml", "not toml")
    result = run("recipes", path, "--verbose")
    assert result.status == 2
    assert "TOMLDecodeError" in result.err
    assert result.err.splitlines()[-1].startswith(f"error: {path}")
    assert "Traceback" not in run("recipes", path).err


def test_quiet_and_verbose(run):
    result = run("-q", "recipes", "-v")
    assert (result.status, "--quiet and --verbose exclude each other" in result.err) == (2, True)


@pytest.mark.parametrize(("arguments", "kind", "message"), [
    (("recipes", "charbret"), "RecipeError", "did you mean 'charbert'?"),
    (("revert", "reviews"), "MissingParameter", "--edits"),
    (("attack", "--no-such"), "NoSuchOption", "--no-such"),
    (("nothing",), "UsageError", "nothing"),
    ((), "UsageError", "expected a command"),
])  # fmt: skip
def test_errors_for_programs(run, arguments, kind, message):
    result = run(*arguments, "--json")
    assert result.status == result.told["status"] == 2
    assert result.told["error"]["type"] == kind
    assert message in result.told["error"]["message"]
    assert result.told["command"] == (arguments[0] if arguments and arguments[0] in COMMANDS else "")
    assert result.err


def test_faults_for_programs(run, given, monkeypatch, capsys):
    def fail(*_):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(attacked_data, "show_summary", fail)
    with pytest.raises(ZeroDivisionError):
        run("attack", *given, "--json")
    told = json.loads(capsys.readouterr().out)
    assert told == {"command": "attack", "status": 1, "error": {"type": "ZeroDivisionError", "message": "ours"}}


def test_what_is_no_number_is_null():
    line = result_line("x", Result(figures={"a": float("nan"), "b": [float("inf"), 1.5], "c": ()}), [])
    assert json.loads(line)["figures"] == {"a": None, "b": [None, 1.5], "c": []}


@pytest.mark.parametrize("arguments", [("--version",), ("--version", "--json"), ("attack", "--help")])
def test_nobody_reads(arguments):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "charrobust", *arguments]
    ran = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert ran.returncode == 141
    assert "Traceback" not in ran.stderr
    assert "BrokenPipeError" not in ran.stderr


def test_an_interrupted_run_knows_the_signal(tmp_path):
    import signal

    with Stop():
        signal.raise_signal(signal.SIGTERM)
    assert Interrupted(1, 2, tmp_path).number == signal.SIGTERM
    with Stop():
        signal.raise_signal(signal.SIGINT)
    assert Interrupted(1, 2, tmp_path).number == signal.SIGINT


def test_the_library_says_nothing_unasked():
    code = "from charrobust.logs import logger; logger('charrobust.mine').warning('unasked')"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("", "")
