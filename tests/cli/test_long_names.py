"""Long names in tables of 80 columns are cut where their parts end."""

import pytest

from charrobust.cli.long_names import stacked_name

NAME = "minilm-finetuned-on-sst2-augmented-2026"


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("minilm", ["minilm"]),
        ("spelling + minilm", ["spelling + minilm"]),
        (NAME, ["minilm-finetuned-on-", "sst2-augmented-2026"]),
        ("org/a_model@2 + fold", ["org/a_model@2 + fold"]),
        ("a" * 30, ["a" * 22, "a" * 8]),
        ("short-" + "b" * 25, ["short-", "b" * 22, "bbb"]),
        ("worst:charbert:decision:1", ["worst:charbert:", "decision:1"]),
        ("", [""]),
    ],
)
def test_a_line_ends_with_a_part(name, lines):
    assert stacked_name(name).split("\n") == lines


def test_each_line_is_indented_and_markup_is_text():
    assert stacked_name(NAME, indent="  ").split("\n") == ["  minilm-finetuned-on-", "  sst2-augmented-2026"]
    assert stacked_name("[bold]") == r"\[bold]"
