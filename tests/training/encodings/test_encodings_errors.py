"""What is said about encodings that cannot be trained or read."""

import json

import pytest

from charrobust.errors import DataError, UserError
from charrobust.systems.encodings import Encodings
from charrobust.systems.restoration import load_restorer
from tests.training.encodings.test_encodings import TEXT, train


@pytest.mark.parametrize(
    ("text", "settings", "kind", "message"),
    [
        ("... --\n", {}, DataError, "the text holds no word"),
        ("1 2\n", {}, DataError, "has a letter"),
        (TEXT, {"recipe": "lader-any"}, UserError, "a recipe that ships, got 'lader-any'; did you mean 'ladder-any'"),
        (TEXT, {"recipe": "synonyms.toml"}, UserError, "a recipe that ships, got 'synonyms.toml'"),
        (
            TEXT,
            {"recipe": "ocr"},
            UserError,
            "cannot be enumerated, because of nlpaug:OcrAug; take a recipe without, such as",
        ),
        (TEXT + "their\n", {"recipe": "homophones"}, UserError, "makes \"they're\" of 'their', .* edits of one letter"),
        (TEXT, {"fidelity": 0.0}, UserError, "fidelity must be at least 0.05, got 0.0"),
        (TEXT, {"neutral": ""}, UserError, "`neutral` must be one word of letters, got ''"),
        (TEXT, {"neutral": "a b"}, UserError, "`neutral` must be one word of letters, got 'a b'"),
        (
            " ".join(f"{a}{b}{c}{d}q" for a in "bcdfg" for b in "aeiou" for c in "klmnp" for d in "aeioux")
            + " move them\n",
            {"recipe": "inflections"},
            UserError,
            "inflections makes 'mov.*' of 'move', and encodings are made for edits of one letter",
        ),
    ],
)
def test_what_cannot_be_trained_leaves_nothing(tmp_path, text, settings, kind, message):
    with pytest.raises(kind, match=message):
        train(tmp_path, text, **settings)
    assert not (tmp_path / "out").exists()


def test_a_folder_is_not_written_twice(tmp_path):
    train(tmp_path)
    with pytest.raises(UserError, match=r"out exists; give another name or remove it first"):
        train(tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        {"read_as": {"a": "b"}},
        {"read_as": ["a"]},
        {"read_as": {"a": 1}},
        {"read_as": {"": ""}},
        {"recipe": 3},
        {"neutral": 3},
        {"neutral": ""},
    ],
)
def test_damaged_files_are_told(tmp_path, changed):
    Encodings("ladder-any", {"movie": "movie"}).save(tmp_path)
    content = json.loads((tmp_path / "encodings.json").read_text(encoding="utf-8"))
    (tmp_path / "encodings.json").write_text(json.dumps(content | changed), encoding="utf-8")
    with pytest.raises(UserError, match=r"encodings\.json is damaged: expected what charrobust train-encodings wrote"):
        load_restorer(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '"x"', "{"])
def test_other_files_are_told(tmp_path, text):
    (tmp_path / "encodings.json").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match="is damaged"):
        load_restorer(tmp_path)


def test_recipes_that_are_gone_are_told(tmp_path):
    Encodings("ladder-any", {"movie": "movie"}).save(tmp_path)
    path = tmp_path / "encodings.json"
    for recipe in ("gone", "/etc/passwd"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"recipe": recipe}), encoding="utf-8")
        with pytest.raises(UserError, match=rf"encodings\.json was made for a recipe that does not ship, '{recipe}'"):
            load_restorer(tmp_path)


def test_another_version_of_the_recipe_is_told(tmp_path):
    Encodings("ladder-any", {"movie": "movie"}).save(tmp_path)
    path = tmp_path / "encodings.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"recipe_digest": "', '"recipe_digest": "0'), encoding="utf-8"
    )
    with pytest.raises(UserError, match="another version of the recipe ladder-any; train the encodings again"):
        load_restorer(tmp_path)
