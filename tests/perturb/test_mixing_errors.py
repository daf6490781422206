"""Recipes that cannot be mixed are refused, with what is wrong."""

import pytest

from charrobust.errors import RecipeError
from charrobust.perturb import Attack
from charrobust.perturb.recipe_files import load_recipe, parse_recipe

DROP = [{"name": "drop"}]


def content(**more):
    """Return the content of a recipe."""
    return {"summary": "s", "source": "s", "seed": 3, **more}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"operators": DROP, "words": {"edits_per_word": {"0": 1.0}}}, "from 1 to 20"),
        ({"operators": DROP, "words": {"edits_per_word": {"one": 1.0}}}, "from 1 to 20"),
        ({"operators": DROP, "words": {"edits_per_word": {"1": 0.5, "2": 0.2}}}, "add up to 1"),
        ({"operators": DROP, "words": {"edits_per_word": {"1": -1.0, "2": 2.0}}}, "above 0"),
        ({"operators": DROP, "words": {"edits_per_word": {}}}, "empty"),
        ({"operators": DROP, "words": {"only": ["verbs"]}}, "in only"),
        ({"operators": [*DROP, {"name": "drop-sentence"}]}, "edit different things"),
        ({"operators": [{"name": "drop-sentence"}], "words": {"min_length": 3}}, "min_length is about words"),
        ({"operators": DROP, "mixture": [{"recipe": "drop"}]}, "exclude each other"),
        ({"mixture": []}, "has no"),
        ({"mixture": {"recipe": "drop"}}, "[[mixture]] tables"),
        ({"mixture": [{"recipe": "dropp"}]}, "unknown recipe 'dropp'"),
        ({"mixture": [{"recipe": 3}]}, "recipe must be a name"),
        ({"mixture": [{"recipe": "drop", "weight": 0}]}, "weight of 'drop'"),
        ({"mixture": [{"recipe": "drop", "share": 0.5}]}, "unknown key 'share'"),
        ({"mixture": [{"recipe": "drop-sentences"}]}, "mix by text"),
        ({"mixture": [{"recipe": "drop"}], "mix": "letter"}, "unknown mix"),
        ({"mixture": [{"recipe": "drop"}], "words": {"edited_words": 2}}, "edits a share"),
        ({"mixture": [{"recipe": "drop"}], "words": {"edits_per_word": 2}}, "say themselves"),
        ({"mixture": [{"recipe": "drop"}], "words": {"redraw": True}}, "draw again"),
        ({"operators": [{"name": "distractor", "place": "above"}]}, "place = 'above'"),
        ({"operators": [{"name": "distractor", "sentences": ["a\nb"]}]}, "line end"),
    ],
)
def test_refused(wrong, message):
    with pytest.raises(RecipeError, match=message.replace("[", r"\[")):
        parse_recipe("mine", content(**wrong))


def test_tokens_that_would_change_in_number():
    with pytest.raises(RecipeError, match=r"another number of words \(split\).*carry_tags"):
        Attack.load("split-words").tokens([["several", "considerable"]])


def test_joined_tokens_must_hold_no_blank():
    with pytest.raises(Exception, match="holds a blank"):
        Attack.load("split-words").joined([["several", "con siderable"]])


def test_a_mixture_in_a_mixture(tmp_path):
    inner = tmp_path / "inner.toml"
    text = 'summary = "s"\nsource = "s"\nseed = 1\n\n[[mixture]]\nrecipe = "{}"\n'
    inner.write_text(text.format("drop"))
    (tmp_path / "outer.toml").write_text(text.format("inner.toml"))
    with pytest.raises(RecipeError, match="is a mixture itself"):
        load_recipe(tmp_path / "outer.toml")


@pytest.mark.parametrize("named", ["first.toml", "second.toml", "first.toml@0.5"])
def test_a_mixture_of_itself(named, tmp_path):
    text = 'summary = "s"\nsource = "s"\nseed = 1\n\n[[mixture]]\nrecipe = "{}"\n'
    (tmp_path / "first.toml").write_text(text.format(named.replace("first", f"{tmp_path}/first")))
    (tmp_path / "second.toml").write_text(text.format("first.toml"))
    with pytest.raises(RecipeError, match="is a mixture itself"):
        load_recipe(tmp_path / "first.toml")
