"""Help in a terminal of 80 columns."""

import re

import pytest

from charrobust.cli import COMMANDS


@pytest.fixture
def shown(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    def show(*command):
        result = run(*command, "--help")
        assert result.status == 0
        return result.out

    return show


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_no_wider_than_the_terminal_and_cuts_no_name(shown, command):
    text = shown(command)
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    assert text.index("Every command:") > text.index("Options:" if "Options:" in text else "Arguments:")


def test_an_option_without_values_has_no_default(shown):
    assert "()" not in shown("finetune")


def test_options_stand_in_groups_the_main_ones_first(shown):
    text = shown("evaluate")
    panels = re.findall(r"^(\w.*):$", text, re.MULTILINE)
    assert panels[0] == "Options"
    assert panels[1:3] == ["Edits", "Worst case"]
    assert panels[-2:] == ["How data are read", "Every command"]
    main = text.partition("Edits:")[0]
    for option in ("--model", "--data", "--output", "--attack", "--limit"):
        assert option in main
    assert "--text-column" not in main


def test_tables_of_settings_are_groups(shown):
    text = shown("finetune")
    assert text.index("Noise:") < text.index("--noise-share") < text.index("Training:") < text.index("--epochs")
    assert len(text.splitlines()) < 150


def test_commands_have_whole_summaries(shown):
    text = " ".join(shown().split())
    assert "Undo an attack from its edit log: all records are those of the original." in text
