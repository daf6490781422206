"""Tokenizers that are refused."""

import pytest

from charrobust.errors import RecipeError, UserError
from charrobust.perturb import Attack
from charrobust.perturb.operators.subwords import Pieces

needs_tokenizers = pytest.mark.needs("tokenizers")


@needs_tokenizers
def test_files_that_are_no_tokenizers(tmp_path):
    path = tmp_path / "tokenizer.json"
    path.write_text('{"model": 3}')
    with pytest.raises(
        RecipeError,
        match=r"tokenizer '.*tokenizer\.json' is none of the tokenizers library: .*give its tokenizer\.json",
    ):
        Pieces(tokenizer=str(path))
    path.write_bytes(b"\xff")
    with pytest.raises(RecipeError, match=r"cannot read the tokenizer .*tokenizer\.json: 'utf-8'"):
        Pieces(tokenizer=str(path))


@needs_tokenizers
def test_directories_without_a_tokenizer(tmp_path):
    with pytest.raises(RecipeError, match=r"holds no tokenizer\.json; save the fast tokenizer of the model there"):
        Pieces(tokenizer=str(tmp_path))


@needs_tokenizers
def test_unknown_names():
    with pytest.raises(RecipeError, match=r"unknown tokenizer 'en'; .*Known: en-wordpiece"):
        Pieces(tokenizer="en")
    with pytest.raises(RecipeError, match=r"tokenizer file not found: no/such"):
        Pieces(tokenizer="no/such")


def test_unknown_edits():
    with pytest.raises(RecipeError, match=r"operator 'pieces': edit = 'dorp' is not known; did you mean 'drop'\?"):
        Pieces(edit="dorp")


def test_without_the_package_a_recipe_loads_and_an_attack_asks_for_it(monkeypatch):
    monkeypatch.setattr("charrobust.perturb.operators.subwords.is_installed", lambda _: False)
    monkeypatch.setattr("charrobust.perturb.operators.base.is_installed", lambda _: False)
    with pytest.raises(UserError, match=r"the operator 'pieces:drop' needs .*tokenizers"):
        Attack.load("subwords")
