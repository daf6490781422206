"""The benchmark of realism: kinds of edits, and what one edit of a recipe can reach."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.noise_realism import FOLDER, Edit, distance, edit_between, half, outcomes, producible, read_list
from charrobust.perturb import Recipe, load_recipe
from charrobust.perturb.operators import Add, Drop, Keyboard, Swap
from charrobust.perturb.operators.doubling import Double, Undouble
from charrobust.perturb.operators.rewriting import Phonetic
from charrobust.perturb.operators.substitution import Substitute

OPERATORS = (
    Drop(), Drop(positions="first"), Swap(positions="all"), Add(positions="last"), Keyboard(neighbours=8), Double(),
    Undouble(positions="all"), Substitute(positions="all"), Phonetic(),
)  # fmt: skip
words = st.lists(st.text("abcdehoprt", min_size=1, max_size=8), min_size=1, max_size=20, unique=True)


@pytest.mark.parametrize(("correct", "misspelt", "edit"), [
    ("letter", "leter", Edit("undouble", "inner")), ("letter", "lettr", Edit("drop", "inner")),
    ("letter", "etter", Edit("drop", "first")), ("letter", "lette", Edit("drop", "last")),
    ("letter", "llter", None), ("letter", "lletter", Edit("double", "inner")), ("leter", "lexter", Edit("add", "inner")),
    ("leter", "xleter", Edit("add", "first")), ("leter", "leterx", Edit("add", "last")),
    ("leter", "letre", Edit("swap", "last")), ("leter", "lewer", Edit("letter", "inner")),
    ("leter", "lerer", Edit("key", "inner")), ("leter", "later", Edit("vowel", "inner")),
    ("lété", "léte", Edit("mark", "last")), ("leter", "Leter", Edit("case", "first")), ("leter", "later's", None),
])  # fmt: skip
def test_kinds_of_edits(correct, misspelt, edit):
    assert edit_between(correct, misspelt) == edit


@given(left=st.text("abc", max_size=6), right=st.text("abc", max_size=6))
def test_what_is_one_edit_has_distance_1(left, right):
    assert (edit_between(left, right) is not None) == (distance(left, right) == 1)


@settings(max_examples=30)
@given(operator=st.sampled_from(OPERATORS), words=words)
def test_what_an_operator_makes_can_be_reached(operator, words):
    recipe = Recipe(name="test", summary="", source="", seed=0, operators=(operator,))
    made = outcomes(recipe, words)
    assert producible(recipe, made).all()
    others = [(word, f"{word}zzz") for word in words]
    assert not producible(recipe, others).any()


def test_what_is_out_of_reach():
    pairs = [("letter", "etter"), ("letter", "leter"), ("le", "el"), ("letter", "lezzer"), ("letter", "lwtter")]
    assert producible(load_recipe("charbert"), pairs).tolist() == [False, True, False, False, True]


@pytest.mark.skipif(not FOLDER.is_dir(), reason="needs lists of misspellings")
@pytest.mark.parametrize(("recipe", "names"), [
    ("typing", ("wikipedia_common_en", "codespell_en", "birkbeck_mitton_en", "belinkov_bisk_de")),
    ("any-letter", ("wikipedia_common_en", "belinkov_bisk_cs", "belinkov_bisk_de")),
])  # fmt: skip
def test_recipes_reach_real_misspellings(recipe, names):
    for name in names:
        near = [pair for pair in half(read_list(FOLDER / f"{name}.jsonl.gz"), True) if edit_between(*pair)][:400]
        assert np.mean(producible(load_recipe(recipe), near)) > 0.83
