"""Recipes: the shipped ones, severities, and what is refused."""

import pickle

import pytest

from charrobust.errors import RecipeError, UserError
from charrobust.perturb import Attack, load_recipe, recipe_names
from charrobust.perturb.recipe_files import parse_recipe


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_parses_and_is_cited(name):
    recipe = load_recipe(name)
    assert recipe.name == name
    assert recipe.summary
    assert recipe.source
    assert isinstance(recipe.seed, int)
    assert pickle.loads(pickle.dumps(recipe)) == recipe


def test_all_recipes_of_the_project_are_there():
    wanted = {"drop", "add", "swap", "keyboard", "charbert", "pruthi-random", "everyday", "ocr", "spelling"}
    assert wanted <= set(recipe_names())


@pytest.mark.parametrize(("name", "severity", "share", "words", "edits"), [
    ("drop", "0.3", 0.3, None, 1), ("drop", 0.3, 0.3, None, 1), ("charbert", "0.5x2", 0.5, None, 2),
    ("pruthi-random", "2", 1.0, 2, 1), ("pruthi-random", "2x3", 1.0, 2, 3), ("drop", "0", 0.0, None, 1),
])  # fmt: skip
def test_severity(name, severity, share, words, edits):
    recipe = load_recipe(name).at(severity)
    assert (recipe.share, recipe.edited_words, recipe.edits_per_word) == (share, words, edits)
    assert recipe.at(recipe.severity) == recipe
    assert load_recipe(f"{name}@{severity}") == recipe


@pytest.mark.parametrize(("name", "severity", "message"), [
    ("drop", "1.5", "share must be between 0 and 1, got 1.5"),
    ("drop", "-0.1", "share must be between 0 and 1, got -0.1"),
    ("drop", "nan", "share must be a finite number, got nan"),
    ("drop", "much", "severity 'much' does not fit recipe 'drop': expected a share such as 0.3"),
    ("drop", "0.3x0", "edits_per_word must be between 1 and 20, got 0"),
    ("drop", "1x3000", "edits_per_word must be between 1 and 20, got 3000"),
    ("drop", "0.3xx", "severity '0.3xx' does not fit"),
    ("pruthi-random", "0.5", "expected a number of words a text such as 2"),
    ("pruthi-random", "0", "edited_words must be at least 1, got 0"),
])  # fmt: skip
def test_severities_out_of_range_are_refused(name, severity, message):
    with pytest.raises(RecipeError, match=message):
        load_recipe(name).at(severity)


BASE = {"summary": "s", "source": "s", "seed": 1, "operators": [{"name": "drop"}]}


@pytest.mark.parametrize(("change", "message"), [
    ({"wrods": {}}, r"unknown key 'wrods'; did you mean 'words'\?"),
    ({"operators": []}, r"has no \[\[operators\]\]"),
    ({"operators": {"name": "drop"}}, r"must be written as \[\[operators\]\]"),
    ({"operators": [{"name": "swop"}]}, r"unknown operator 'swop'; did you mean 'swap'\?"),
    ({"operators": [{"name": "keyboard", "layuot": "x"}]}, r"unknown option 'layuot'; did you mean 'layout'\?"),
    ({"operators": [{"name": "keyboard", "layout": "us-qwertz"}]}, r"unknown layout 'us-qwertz'; did you mean"),
    ({"operators": [{"name": "keyboard", "neighbours": 6}]}, r"neighbours must be 4 or 8, got 6"),
    ({"operators": [{"name": "keyboard", "case": "upper"}]}, r"case = 'upper' is not known"),
    ({"operators": [{"name": "drop", "positions": "iner"}]}, r"did you mean 'inner'\?"),
    ({"operators": [{"name": "drop", "weight": 0}]}, r"weight must be above 0 and finite, got 0.0"),
    ({"operators": [{"name": "drop", "weight": "much"}]}, r"operator 'drop': weight must be of type float, got 'much'"),
    ({"operators": [{"name": "drop", "min_length": 0}]}, r"min_length must be at least 1"),
    ({"operators": [{"name": "drop", "skip": ["stopwords"]}]}, r"did you mean 'stop-words'\?"),
    ({"words": {"shair": 1}}, r"\[words\]: unknown option 'shair'; did you mean 'share'\?"),
    ({"words": {"share": True}}, r"share must be of type float, got True"),
    ({"words": {"share": 2}}, r"share must be between 0 and 1"),
    ({"words": {"skip": "digits"}}, r"skip must be a list of strings, got 'digits'"),
    ({"words": {"skip": ["digit"]}}, r"unknown kind of word 'digit' in skip; did you mean 'digits'\?"),
    ({"words": {"skip": ["stop-words"], "stop_words": "xx"}}, r"unknown stop-word list 'xx'"),
    ({"words": {"protect": ["("]}}, r"'\(' is not a regular expression"),
    ({"words": {"edited_words": 0}}, r"edited_words must be at least 1"),
])  # fmt: skip
def test_broken_recipes_are_refused_with_a_hint(change, message):
    with pytest.raises(RecipeError, match=message):
        parse_recipe("test", BASE | change)


@pytest.mark.parametrize("key", BASE)
def test_missing_keys_are_named(key):
    with pytest.raises(RecipeError, match=f"key '{key}' is missing"):
        parse_recipe("test", {name: value for name, value in BASE.items() if name != key})


def test_unknown_recipes_are_refused_with_a_hint():
    with pytest.raises(RecipeError, match=r"unknown recipe 'charbret'; did you mean 'charbert'\? Known: add, "):
        load_recipe("charbret")
    with pytest.raises(RecipeError, match=r"recipe file not found: no/such\.toml"):
        load_recipe("no/such.toml")


def test_broken_toml_is_refused_with_its_place(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("summary = \n")
    with pytest.raises(UserError, match=r"mine\.toml is not a valid TOML file: .*line 1"):
        load_recipe(path)


@pytest.mark.needs("nlpaug")
def test_options_of_nlpaug_are_checked():
    with pytest.raises(RecipeError, match="unknown augmenter 'OCRAug'; did you mean 'OcrAug'"):
        parse_recipe("t", BASE | {"operators": [{"name": "nlpaug", "augmenter": "OCRAug"}]})
    recipe = parse_recipe("t", BASE | {"operators": [{"name": "nlpaug", "options": {"aug_wrod_p": 1.0}}]})
    with pytest.raises(RecipeError, match="OcrAug does not take these options"):
        Attack(recipe, 0).text("wonderful")


def test_an_own_stop_word_list(tmp_path):
    (tmp_path / "fi.txt").write_text("# Finnish\nolla\nKuin\n", encoding="utf-8")
    recipe = parse_recipe("t", BASE | {"words": {"skip": ["stop-words"], "stop_words": str(tmp_path / "fi.txt")}})
    made = Attack(recipe, 0).text("Olla kuin talossa")
    assert {edit.word for edit in made.edits} == {2}
