"""What adversarial training refuses, before it begins."""

import pytest

from charrobust.datasets import load_data
from charrobust.errors import RecipeError, UserError
from charrobust.training.finetuning.finetune import finetune
from charrobust.training.finetuning.settings import parse_finetuning
from tests.tasks.retrieval.collection import write_collection
from tests.training.tasks import data, small


def refused(error, match, configuration, given, output):
    with pytest.raises(error, match=match):
        finetune(configuration, *given, output=output)
    assert not output.exists()


@pytest.mark.parametrize("named", ["greedy", "greedy:", "greedy:0", "greedy:-1", "greedy:one", ":1", "charbert:greedy"])
def test_searches_of_another_form(named):
    with pytest.raises(UserError, match=r"\[adversarial\] search is .* expected SEARCH:EDITS or RECIPE:SEARCH:EDITS"):
        parse_finetuning({}, {"adversarial.search": named})


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"search": "greddy:1"}, "unknown search 'greddy'; did you mean 'greedy'"),
        ({"search": "random:1", "budget": 0}, r"\[adversarial\] budget must be at least 1"),
        ({"search": "random:1", "share": 1.5}, r"\[adversarial\] share must be between 0 and 1"),
        ({"serch": "random:1"}, "unknown key 'serch'"),
    ],
)
def test_bad_settings(changes, match):
    with pytest.raises(UserError, match=match):
        parse_finetuning({"adversarial": changes})


def test_recipes_that_are_not_there(backbone, tmp_path):
    configuration = small(backbone, adversarial__search="charbart:random:1")
    refused(RecipeError, "did you mean 'charbert'", configuration, data("classification"), tmp_path / "out")


def test_recipes_whose_edits_cannot_be_listed(backbone, tmp_path):
    pytest.importorskip("nlpaug")
    recipe = tmp_path / "odd.toml"
    recipe.write_text(
        'summary = "odd"\nsource = "none"\nseed = 1\n[[operators]]\nname = "nlpaug"\naugmenter = "OcrAug"\n',
        encoding="utf-8",
    )
    configuration = small(backbone, adversarial__search=f"{recipe}:random:1")
    refused(RecipeError, "nlpaug", configuration, data("classification"), tmp_path / "out")


def test_searches_that_cannot_make_so_many_edits(backbone, tmp_path):
    configuration = small(backbone, adversarial__search="exhaustive:3")
    refused(UserError, "makes 1 or 2 edits, got 3", configuration, data("classification"), tmp_path / "out")


def test_what_is_read_with_a_corpus(backbone, tmp_path):
    collection = load_data(write_collection(tmp_path / "collection"))
    configuration = small(backbone, adversarial__search="random:1")
    refused(UserError, "read beside a corpus", configuration, (collection, collection), tmp_path / "out")


def test_another_search_than_the_run_began_with(backbone, tmp_path):
    output, given = tmp_path / "out", data("classification", 16)
    options = {"training__epochs": 1, "adversarial__budget": 2}
    finetune(small(backbone, adversarial__search="random:1", **options), *given, output=output)
    with pytest.raises(UserError, match=r"adversarial\.search: 'random:1', now 'random:2'"):
        finetune(small(backbone, adversarial__search="random:2", **options), *given, output=output, resume=True)
