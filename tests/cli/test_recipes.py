"""The list of recipes: by level, each with an example; ``--try`` on a sentence of one's own."""

import tomllib
from pathlib import Path

import pytest

from charrobust import resources
from charrobust.perturb import load_recipe, recipe_names
from charrobust.perturb.operators.base import LEVELS


def test_all_recipes_are_listed_by_level(run):
    made = run("recipes", "--json")
    rows = {row["recipe"]: row for row in made.told["figures"]["recipes"]}
    assert set(rows) == set(recipe_names())
    assert all(row["level"] == load_recipe(name).level for name, row in rows.items())
    without = {name for name, row in rows.items() if not row["example"]}
    # Of these no word of the sentence is one, or a package is missing in a light installation.
    assert without <= {"nfc", "dialect", "ocr", "spelling", "subwords"}
    printed = run("recipes").out.splitlines()
    titles = [line.rstrip() for line in printed if line.rstrip() in LEVELS]
    assert titles == [level for level in LEVELS if any(row["level"] == level for row in rows.values())]


def test_one_is_tried_on_a_sentence(run):
    made = run("recipes", "double-words@1", "--try", "so it is", "--json")
    assert made.told["figures"]["after"] == "so so it it is is"
    assert [edit["operator"] for edit in made.told["figures"]["edits"]] == ["double-word"] * 3
    assert "so so it it is is" in run("recipes", "double-words@1", "--try", "so it is").out


def test_all_are_tried_on_a_sentence(run):
    made = run("recipes", "--try", "so it is", "--json")
    rows = {row["recipe"]: row["example"] for row in made.told["figures"]["recipes"]}
    assert rows["drop-stop-words"] != "so it is"
    assert rows["nfd"] == "so it is"


def test_control_characters_are_shown_as_escapes(run):
    assert "\x1b[31m" not in run("recipes", "drop", "--try", "a\x1b[31m considerable").out


def test_an_unknown_recipe_is_refused(run):
    made = run("recipes", "dropp", "--try", "so it is")
    assert made.status == 2
    assert "unknown recipe 'dropp'" in made.err


def test_a_sentence_in_which_nothing_is_drawn_says_so(run):
    assert "no edit at severity 1: no word is eligible" in run("recipes", "charbert", "--try", "so it is").out


@pytest.mark.parametrize("command", [("recipes", "ladder-any"), ("data", "reviews")])
def test_what_is_shown_can_be_copied(command, run):
    made = run(*command, "--json")
    shown = tomllib.loads(run(*command).out)
    assert shown == resources.read_toml(Path(made.told["figures"]["file"]))


def test_long_lines_stay_whole(run, tmp_path):
    text = f'summary = "{"word " * 60}"\nsource = "s"\nseed = 3\n\n[[operators]]\nname = "drop"\n'
    path = tmp_path / "mine.toml"
    path.write_text(text)
    assert run("recipes", path).out == f"# {path}\n{text}"


@pytest.mark.parametrize("others", [("charbert",), ("--try", "so it is"), ("--languages",)])
def test_lists_of_their_own(others, run):
    made = run("recipes", "--layouts", *others)
    assert (made.status, made.out, "give one of them" in made.err) == (2, "", True), made.err
    assert run("recipes", "--languages", *others).status == (0 if others == ("--languages",) else 2)
