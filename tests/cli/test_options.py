"""Options that come from declared fields, and what commands share."""

from __future__ import annotations

import re

import pytest

from charrobust.cli import COMMANDS, build
from charrobust.models.semi_character import BACKOFFS
from charrobust.settings import declared_options, field_texts
from charrobust.training.finetuning.settings import FinetuningConfiguration
from charrobust.training.pretraining import configuration as pretraining
from charrobust.training.word_recognition.settings import RecogniserSettings

SETTINGS = {
    "finetune": FinetuningConfiguration,
    "pretrain": pretraining.Configuration,
    "train-recogniser": RecogniserSettings,
}


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_loads_alone(name):
    assert name in {command.name for command in build(name).registered_commands}


def test_all_commands_are_listed():
    assert [command.name for command in build().registered_commands] == list(COMMANDS)


@pytest.mark.parametrize("name", SETTINGS)
def test_declared_options_and_their_help(run, name, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    printed = run(name, "--help").out
    words = " ".join(re.findall(r"\w+", printed))
    for option in declared_options(SETTINGS[name]):
        for part in option.names[0].split("/"):
            assert re.search(rf"{part}\s", printed)
        assert " ".join(re.findall(r"\w+", option.help)) in words
        if option.choices:
            assert f"[{'|'.join(option.choices)}]" in printed


def test_defaults_are_shown(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    assert "(default 30000)" in run("train-recogniser", "--help").out


@pytest.mark.parametrize(
    "kind",
    [pretraining.Configuration, pretraining.Data, pretraining.Weights, pretraining.WarmStart, pretraining.Training,
     FinetuningConfiguration, RecogniserSettings],
)  # fmt: skip
def test_every_field_is_documented(kind):
    assert field_texts(kind).keys() == kind.__dataclass_fields__.keys()
    assert all(field_texts(kind).values())


def test_the_back_offs_are_those_of_the_network():
    backoff = next(option for option in declared_options(RecogniserSettings) if option.path == "backoff")
    assert backoff.choices == BACKOFFS


def test_messages_name_options(run, tmp_path):
    (tmp_path / "text.txt").write_text("one line\n")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "other").touch()
    arguments = ("--corpus", tmp_path / "text.txt", "--output", tmp_path / "out")
    result = run("train-recogniser", *arguments)
    assert "text to measure on (--eval)" in result.err
    result = run("train-recogniser", *arguments, "--background", tmp_path)
    assert "leave out --background, or give --backoff = background" in result.err
