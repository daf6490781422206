"""A package that adds one thing of each kind is built, installed, and known to the command line."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import LIGHT, run_commands

PACKAGE = Path(__file__).parent / "plugin_package"
NAME = "charrobust-mine 0.1.0"
RECIPE = """
summary = "s"
source = "s"
seed = 1
[[operators]]
name = "shout"
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder that the package is installed to."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("plugin")
    source = shutil.copytree(PACKAGE, folder / "source")
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(folder / "site"), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "site"


@pytest.fixture(scope="module")
def done(site, tmp_path_factory):
    """What the commands gave, and where."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "shout.toml").write_text(RECIPE)
    stars = "".join(f"{text};{number}\n" for text, number in [("good; or so", 4), ("bad", 1), ("so so", 3)] * 4)
    (folder / "in.ssv").write_text("text;label\n" + stars.replace("good; or so", '"good; or so"'))
    reading = ("--data", "in.ssv", "--task", "stars")
    commands = {
        "help": ["--help"],
        "recipes": ["recipes"],
        "data": ["data"],
        "attack": ["attack", "in.ssv", "--task", "stars", "-r", "shout.toml", "-o", "out.ssv", "--edits", "log.jsonl"],
        "revert": ["revert", "out.ssv", "--edits", "log.jsonl", "-o", "back.ssv"],
        "folder": ["attack", "in.ssv", "--task", "stars", "-r", "shout.toml", "-o", "attacked/"],
        "evaluate": [
            "evaluate", "-m", "longest:4", *reading, "-a", "shout.toml", "-a", "reversed", "--metric", "nearly",
            "-o", "scores",
        ],
        "score": [
            "score", "attacked", "-p", "clean=clean.txt", "-p", "shout=clean.txt", "--metric", "nearly", "-o", "given"
        ],
        "unknown metric": ["evaluate", "-m", "longest:4", *reading, "--metric", "neerly", "-o", "none"],
        "unknown task": ["attack", "in.ssv", "--task", "star", "-r", "shout.toml", "-o", "none.ssv"],
    }  # fmt: skip
    (folder / "clean.txt").write_text("4\n1\n2\n" * 4)
    return run_commands(commands, folder, before=LIGHT, path=[site]), folder


def results(folder):
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


def test_the_help_and_the_lists_name_what_the_package_adds(done):
    ran, _ = done
    told = " ".join(ran["help"].out.split()).replace("- ", "-")  # lines may end behind a hyphen
    for thing in ("operator 'shout'", "format 'ssv'", "task 'stars'", "system 'longest'", "metric 'nearly'"):
        assert thing in told
    assert f"{NAME}: operator 'shout'" in told
    assert "attacker 'reversed'" in told
    assert "search 'backwards'" in told
    assert f"shout ({NAME})" in " ".join(ran["recipes"].out.split())
    assert f"attackers: worst, reversed ({NAME})" in ran["recipes"].out
    assert f"retrieval, stars ({NAME})" in ran["data"].out
    assert f"beir, ssv ({NAME})" in ran["data"].out


def test_an_operator_a_format_and_a_task_attack_and_revert(done):
    ran, folder = done
    assert ran["attack"].status == 0, ran["attack"].err
    assert (folder / "out.ssv").read_text().startswith('text;label\n"GOOD; OR SO";4\nBAD;1\n')
    assert ran["revert"].status == 0, ran["revert"].err
    assert (folder / "back.ssv").read_bytes() == (folder / "in.ssv").read_bytes()


def test_a_system_an_attacker_and_a_metric_are_in_the_results(done):
    ran, folder = done
    assert ran["evaluate"].status == 0, ran["evaluate"].err
    found = results(folder / "scores")
    assert found["task"] == "stars"
    assert [system["name"] for system in found["systems"]] == ["longest 4"]
    assert [attack["name"] for attack in found["attacks"]][:3] == ["clean", "shout", "reversed"]
    # 4 for 4 stars and 1 for 1 are right, 4 for 3 half
    clean = {score["metric"]: score["value"]["value"] for score in found["scores"] if score["attack"] == "clean"}
    assert clean["nearly right"] == pytest.approx(2.5 / 3)
    assert "nearly right" in (folder / "scores" / "report.html").read_text(encoding="utf-8")


def test_a_metric_of_given_predictions(done):
    ran, folder = done
    assert ran["folder"].status == 0, ran["folder"].err
    assert ran["score"].status == 0, ran["score"].err
    scores = results(folder / "given")["scores"]
    clean = {score["metric"]: score["value"]["value"] for score in scores if score["attack"] == "clean"}
    assert clean["nearly right"] == pytest.approx(2.5 / 3)


def test_close_names_are_hinted_at(done):
    ran, _ = done
    assert "unknown metric 'neerly' beside those of the task; did you mean 'nearly'?" in ran["unknown metric"].err
    assert "unknown task 'star'; did you mean 'stars'?" in ran["unknown task"].err
    assert ran["unknown metric"].status == ran["unknown task"].status == 2
