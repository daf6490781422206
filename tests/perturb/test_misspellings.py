"""Real misspellings, by lists and by the replacements of dictionaries."""

import pickle
from collections import Counter

import pytest
from hypothesis import given

from charrobust.perturb import Attack, Recipe, revert
from charrobust.perturb.misspellings import load_misspellings
from charrobust.perturb.operators.hunspell import Hunspell
from charrobust.perturb.operators.misspelt import Misspelt
from tests.perturb.test_operators import outcomes
from tests.strategies import texts


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "mine.tsv"
    path.write_text("# mine\nletter\tleter\t3\nletter\tletter's\n\na lot\talot\ninto\tin to\nNASA\tNSAA\n", "utf-8")
    return path


@pytest.fixture
def affix(tmp_path):
    path = tmp_path / "xx.aff"
    lines = "SET ISO8859-1", "REP 6", "REP f ph", "REP \xdf ss", "REP ^nok kn", "REP alot a_lot", "REP s$ z", "REP v ph"
    path.write_bytes("\n".join(lines).encode("iso8859-1"))
    return path


def test_words_are_misspelt_as_listed(pairs):
    operator = Misspelt(pairs=str(pairs))
    assert outcomes(operator, "letter") == {"leter", "letter's"}
    assert outcomes(operator, "Letter") == {"Leter", "Letter's"}
    assert outcomes(operator, "LETTER") == {"LETER", "LETTER'S"}
    assert outcomes(operator, "NASA") == {"NSAA"}
    assert outcomes(operator, "nasa") == outcomes(operator, "nasa") == {"nasa"}


def test_counts_are_weights(pairs):
    recipe = Recipe(name="test", summary="", source="", seed=0, operators=(Misspelt(pairs=str(pairs)),))
    made = Attack(recipe, 0).texts(["letter"] * 2000, ids=list(map(str, range(2000))))
    assert 1430 < Counter(made.texts)["leter"] < 1570


def test_a_token_is_never_split_but_a_text_may_be(pairs):
    recipe = Recipe(name="test", summary="", source="", seed=0, operators=(Misspelt(pairs=str(pairs)),))
    assert Attack(recipe, 0).text("run into it").text == "run in to it"
    made = Attack(recipe, 0).tokens([["into"]])
    assert made.sentences == [["into"]]
    assert made.tally.left == {("misspelt", "would break the token"): 1}


def test_json_lines_are_the_same_list(pairs, tmp_path):
    other = tmp_path / "mine.jsonl"
    other.write_text(
        '{"correct": "letter", "misspelt": "letter\'s", "count": 2, "language": "en"}\n'
        '{"correct": "letter", "misspelt": "leter", "count": 6}\n'
        '{"correct": "into", "misspelt": "in to"}\n{"correct": "NASA", "misspelt": "NSAA"}\n',
        "utf-8",
    )
    assert load_misspellings(str(other)) == load_misspellings(str(pairs))


def test_lists_go_where_the_recipe_goes(pairs, affix):
    sent = pickle.dumps((Misspelt(pairs=str(pairs)), Hunspell(affix=str(affix))))
    pairs.unlink()
    affix.unlink()
    misspelt, hunspell = pickle.loads(sent)
    assert outcomes(misspelt, "NASA") == {"NSAA"}
    assert outcomes(hunspell, "phab") == {"fab", "vab"}


@pytest.mark.parametrize(("word", "expected"), [
    ("phab", {"fab", "vab"}), ("Mass", {"Maß"}), ("knab", {"nokab"}), ("akna", {"akna"}), ("jazz", {"jazs"}),
    ("zab", {"zab"}), ("alot", {"alot"}),
])  # fmt: skip
def test_replacements_of_a_dictionary_are_turned_around(affix, word, expected):
    assert outcomes(Hunspell(affix=str(affix)), word) == expected


def test_the_shipped_list():
    known = load_misspellings("en")
    assert len(known) > 2500
    assert "seperate" in known["separate"].forms
    assert all(borders.borders[-1] == pytest.approx(1) for borders in known.values())


@given(text=texts)
def test_misspellings_can_be_undone(text):
    pair = Attack.load("misspellings").text(f"{text} separate believe their")
    assert revert(pair.text, pair.edits) == pair.source
    assert pair.text != pair.source


def test_recipes_name_lists_beside_them(pairs):
    recipe = pairs.with_name("own.toml")
    recipe.write_text("summary = ''\nsource = ''\nseed = 1\n[[operators]]\nname = 'misspelt'\npairs = 'mine.tsv'\n")
    here = Attack.load(recipe).text("NASA")
    assert here.text == "NSAA"
    folder = pairs.parent / "elsewhere"
    folder.mkdir()
    assert recipe.rename(folder / "own.toml")
    pairs.rename(folder / "mine.tsv")
    assert Attack.load(folder / "own.toml").text("letter " * 9) == Attack.load(folder / "own.toml").text("letter " * 9)
