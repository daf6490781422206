"""Keyboard layouts: geometry, capitals, files."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charrobust import resources
from charrobust.errors import RecipeError
from charrobust.perturb import Attack, Recipe
from charrobust.perturb.keyboards import is_mark, load_layout
from charrobust.perturb.operators import Keyboard

LAYOUTS = resources.names("attacks/keyboards")
# Buffers hold one byte a code point up to Latin-1 and four beyond, the Cyrillic ones and those past the Basic
# Multilingual Plane: each kind on its own.
ALPHABETS = {
    "ASCII": st.characters(max_codepoint=0x7F),
    "Latin-1": st.characters(max_codepoint=0xFF),
    "Cyrillic": st.characters(min_codepoint=0x400, max_codepoint=0x4FF),
    "astral": st.characters(min_codepoint=0x10000),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_loads_and_is_cited(name):
    content = resources.read_toml(resources.find(name, "attacks/keyboards", "layout"))
    assert content["summary"]
    assert content["source"]
    layout = load_layout(name)
    assert sum(key.isalpha() or is_mark(key) for key, _, _ in layout.places) >= 24


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("count", [4, 8])
@pytest.mark.parametrize("letters_only", [True, False])
def test_neighbours_are_mutual_and_close(name, count, letters_only):
    near = load_layout(name).neighbours(count, letters_only)
    assert all(len(keys) <= 8 for keys in near.values())
    assert all(key in near[other] for key, keys in near.items() for other in keys)
    assert letters_only or all(near.values())  # a letter alone among signs, as Russian ё, has no letter beside it


def test_all_layouts_of_the_project_are_there():
    wanted = {"us-qwerty", "uk-qwerty", "de-qwertz", "fr-azerty", "es-qwerty", "tr-q", "ru-jcuken", "el-greek"}
    assert wanted | {"fi-qwerty", "sv-qwerty"} <= set(LAYOUTS)


@pytest.mark.parametrize(("name", "key", "near"), [
    ("us-qwerty", "g", "tfhvb"), ("us-qwerty", "q", "wa"), ("de-qwertz", "z", "tuh"), ("fr-azerty", "q", "asw"),
    ("ru-jcuken", "п", "еарми"), ("el-greek", "σ", "ςαδζ"), ("sv-qwerty", "å", "pä"), ("tr-q", "ı", "uok"),
])  # fmt: skip
def test_neighbours(name, key, near):
    found = load_layout(name).neighbours(4)[key]
    assert set(near) <= set(found)


def test_grid_of_the_charbert_sets():
    near = load_layout("qwerty-grid").neighbours(8, letters_only=False)
    assert set(near["g"]) == set("rtyfhvbn")
    assert set(near["m"]) == set("hjkn,")


def test_capitals():
    turkish = load_layout("tr-q")
    assert (turkish.upper("i"), turkish.upper("ı")) == ("İ", "I")
    assert load_layout("de-qwertz").upper("ß") == "ß"
    assert load_layout("el-greek").upper("ς") == "Σ"


@pytest.mark.parametrize(("content", "message"), [
    ("summary = 's'\nrow = []", r"unknown field 'row'; did you mean 'rows'\?"),
    ("summary = 's'", r"a layout needs rows"),
    ("rows = ['qwerty']", r"row 1 must be \{ offset = NUMBER, keys = 'KEYS' \}, got 'qwerty'"),
    ("rows = [{ offset = 0.0, keys = 'ab' }, { keys = 'bc' }]", r"keys that occur twice: b"),
    ("rows = [{ offset = 'x', keys = 'ab' }]", r"row 1 must be"),
    ("summary = 3\nrows = [{ keys = 'ab' }]", r"summary must be a str, got 3"),
])  # fmt: skip
def test_broken_layouts_are_refused(tmp_path, content, message):
    path = tmp_path / "mine.toml"
    path.write_text(content)
    with pytest.raises(RecipeError, match=message):
        load_layout(str(path))


def test_an_own_layout_is_taken_from_its_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("summary = 'mine'\nsource = 'me'\nrows = [{ offset = 0.0, keys = 'abc' }]")
    assert load_layout(str(path)).neighbours(4) == {"a": "b", "b": "ac", "c": "b"}


@pytest.mark.parametrize("alphabet", ALPHABETS)
@pytest.mark.parametrize("name", LAYOUTS)
@settings(max_examples=15)  # there are many pairs
@given(data=st.data())
def test_every_layout_takes_every_alphabet(name, alphabet, data):
    letters = data.draw(st.lists(ALPHABETS[alphabet], max_size=9))
    operator = Keyboard(layout=name, positions="all", neighbours=8, keys="all")
    recipe = Recipe(name="test", summary="", source="", seed=0, operators=(operator,))
    layout = load_layout(name)
    near = layout.neighbours(8, letters_only=False)
    keys = {layout.upper(key): key for key in near} | {key: key for key in near}
    for old, new in zip(letters, Attack(recipe, 0).tokens([letters]).sentences[0], strict=True):
        if old in keys and old.isalnum():
            assert new.lower() in near[keys[old]] or new in map(layout.upper, near[keys[old]])
        else:
            assert new == old
