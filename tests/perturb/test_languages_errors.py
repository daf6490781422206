"""Languages that are not known, and files that are none."""

import pytest

from charrobust.errors import RecipeError, UserError
from charrobust.perturb import Attack, load_language, load_recipe


@pytest.mark.parametrize(("content", "message"), [
    ("names = 'Mine'", r"mine.toml: unknown key 'names'; did you mean 'name'\?"),
    ("name = 'Mine'", r"mine.toml: key 'layouts' is missing"),
    ("name = 'Mine'\nlayouts = ['us-qwerty']", r"mine.toml: key 'stop_words' is missing"),
    ("name = 'Mine'\nlayouts = 'us-qwerty'\nstop_words = 'en'", r"layouts must be a list of strings, got 'us-qwerty'"),
    ("name = 'Mine'\nlayouts = []\nstop_words = 'en'", r"layouts must name at least one keyboard layout, got none"),
    ("name = 'Mine'\nlayouts = ['us']\nstop_words = 'en'", r"unknown layout 'us'; Known: ar-101"),
    ("name = 'Mine'\nlayouts = ['us-qwerty']\nstop_words = 'xx'", r"unknown stop-word list 'xx'"),
    ("alphabet = 'aBc'", r"alphabet must hold .* got 'B', which is no lower-case letter"),
    ("alphabet = 'ab1'", r"got '1', which is no lower-case letter"),
    ("alphabet = 'abca'", r"got 'a' twice"),
    ("direction = 'ltr'", r"unknown direction 'ltr'; .*left-to-right"),
    ("letters_a_cluster = 0", r"letters_a_cluster must be at least 1, got 0"),
    ("name = [", r"not a valid TOML file"),
])  # fmt: skip
def test_files_that_are_no_language(tmp_path, content, message):
    path = tmp_path / "mine.toml"
    whole = content if "name" in content else f"name = 'Mine'\nlayouts = ['us-qwerty']\nstop_words = 'en'\n{content}"
    path.write_text(whole)
    with pytest.raises(UserError, match=message):
        load_language(path)


def test_a_layout_without_letters_has_no_alphabet(tmp_path):
    (tmp_path / "keys.toml").write_text("rows = [{ keys = '123' }]")
    path = tmp_path / "mine.toml"
    path.write_text("name = 'Mine'\nlayouts = ['keys.toml']\nstop_words = 'en'")
    with pytest.raises(RecipeError, match="alphabet must hold the letters of the language, each once, got no letter"):
        load_language(path)


@pytest.mark.parametrize(("name", "message"), [
    ("charbert:dee", r"unknown language 'dee'; did you mean 'de'\? Known: ar, cs"),
    ("charbert:", r"unknown language ''"),
    ("charbert:none.toml", r"language file not found: none.toml"),
    ("charbrt:de", r"unknown recipe 'charbrt:de'; did you mean 'charbert'"),
    ("charbert@0.5:de", r"severity '0.5:de' does not fit"),
])  # fmt: skip
def test_names_of_recipes_with_unknown_languages(name, message):
    with pytest.raises(RecipeError, match=message):
        load_recipe(name)


def test_a_recipe_is_put_into_one_language_alone():
    with pytest.raises(
        RecipeError, match=r"'charbert:de' is in the language 'de' already, and cannot be put into 'fr'"
    ):
        Attack.load("charbert:de", language="fr")
