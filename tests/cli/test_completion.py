"""What shells complete."""

import os
import shutil
import subprocess
import sys

import pytest

from charrobust import resources
from charrobust.cli import COMMANDS
from charrobust.datasets.cards import card_names
from charrobust.perturb import recipe_names


@pytest.fixture
def completed(run, monkeypatch):
    def complete(line, shell="bash"):
        words = line.split(" ")
        monkeypatch.setenv("_CHARROBUST_COMPLETE", f"complete_{shell}")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
        monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
        return run().out

    return complete


def test_commands_and_options(completed):
    assert completed("charrobust ").split() == list(COMMANDS)
    assert completed("charrobust se").split() == ["sensitivity"]
    assert completed("charrobust attack --wor").split() == ["--workers"]
    assert {"--quiet", "--json", "--text-column"} <= set(completed("charrobust attack --").split())


@pytest.mark.parametrize("line", ["attack -r ", "evaluate --attack ", "fragility -a ", "sensitivity -a ", "recipes "])
def test_recipes(completed, line):
    assert completed(f"charrobust {line}").split() == recipe_names()
    assert completed(f"charrobust {line}charb").split() == ["charbert"]


@pytest.mark.parametrize("line", ["attack ", "evaluate --data ", "fragility --data ", "finetune --train ", "data "])
def test_data_sets(completed, line):
    assert completed(f"charrobust {line}").split() == card_names()


def test_languages(completed):
    assert completed("charrobust attack --language d").split() == ["de"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells(completed, shell):
    assert "reviews" in completed("charrobust attack rev", shell)
    assert "sensitivity" in completed("charrobust sens", shell)


def test_nothing_heavy_is_loaded():
    code = "import sys; from charrobust.cli import main\ntry: main()\nfinally: print('torch' in sys.modules, 'numpy' in sys.modules)"
    asked = {"_CHARROBUST_COMPLETE": "complete_bash", "COMP_WORDS": "charrobust attack -r charb", "COMP_CWORD": "3"}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | asked, capture_output=True, text=True, check=False
    )
    assert ran.stdout.split() == ["charbert", "False", "False"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_a_real_bash(tmp_path):
    """The script that is installed, in the shell that it is for."""
    program = tmp_path / "charrobust"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m charrobust "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(_CHARROBUST_COMPLETE=source_bash charrobust)"; COMP_WORDS=(charrobust recipes charb); COMP_CWORD=2; '
        '_charrobust_completion charrobust; echo "${COMPREPLY[@]}"'
    )
    path = f"{tmp_path}:{os.environ['PATH']}"
    ran = subprocess.run(
        ["bash", "-c", script], env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
    )
    assert ran.stdout.split() == ["charbert"], ran.stderr


def test_names_are_those_of_what_ships():
    """The folders that are looked into are those that recipes and cards are read from."""
    assert (resources.names("attacks"), resources.names("data")) == (recipe_names(), card_names())
