"""Searches that cannot be: one message each."""

import pytest

from charrobust.attackers.plan import plan_attackers
from charrobust.attackers.searched import Searched
from charrobust.errors import UserError
from charrobust.perturb import Attack
from charrobust.scoring import evaluate
from charrobust.systems.seeds import Seeds
from charrobust.systems.share import Share
from tests.attackers.searching import _one_draw  # noqa: F401
from tests.scoring.fakes import fake_system, reviews

pytestmark = pytest.mark.usefixtures("_one_draw")


@pytest.mark.parametrize("text", ["worst", "worst:", "worst:charbert", "worst:charbert:2", "worst:charbert:greedy",
                                  "worst:greedy:2", "worst::greedy:2", "worst:charbert:greedy:two",
                                  "worst:charbert:greedy:-1", "worst@1:charbert:greedy:2"])  # fmt: skip
def test_another_form(text):
    with pytest.raises(UserError, match=r"expected worst:RECIPE:SEARCH:EDITS, such as worst:charbert:greedy:2"):
        plan_attackers([text])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("worst:charbart:greedy:2", "unknown recipe 'charbart'; did you mean 'charbert'"),
        ("worst:charbert:gredy:2", "'gredy' is not known; did you mean 'greedy'"),
        ("worst:charbert:greedy:0", "at least 1 edit a text, got 0"),
    ],
)
def test_unknown_names_and_numbers(text, said):
    with pytest.raises(UserError, match=said):
        plan_attackers([text])


def test_a_budget_of_nothing():
    with pytest.raises(UserError, match="`search_budget` must be at least 1 query about an example, got 0"):
        plan_attackers(["worst:charbert:greedy:2"], search_budget=0)


def test_a_budget_without_a_search():
    with pytest.raises(UserError, match="`search_budget` is that of searches, and no attack is one"):
        plan_attackers(["charbert"], search_budget=5)


@pytest.mark.parametrize(
    "options",
    [{"seed": 1}, {"search_budget": 5}, {"language": "de"}, {"protect_patterns": ["a"]}],
    ids=lambda options: next(iter(options)),
)
def test_the_standard_is_fixed(options):
    (name,) = options
    with pytest.raises(UserError, match=f"worst:standard is fixed, .* leave out `{name}`"):
        plan_attackers(["worst:standard"], **options)


def test_what_a_recipe_has_and_a_search_has_not():
    with pytest.raises(UserError, match="several draws are those of a recipe"):
        plan_attackers(["worst:charbert:greedy:2"], draws=3)


def test_nothing_to_ask():
    searched = Searched(Attack.load("drop"), "worst", "greedy")
    with pytest.raises(UserError, match="asks a system which edits harm it, and there is none"):
        searched.attack(None, reviews())


def test_models_of_several_seeds():
    seeds = Seeds("run", [fake_system("seed-1"), fake_system("seed-2")])
    with pytest.raises(UserError, match="attacks one model, and run holds several, of different seeds: seed-1, seed-2"):
        evaluate([seeds], reviews(), ["worst:drop:greedy:1"])


def test_several_processes(tmp_path):
    share = Share(0, 2)
    with pytest.raises(UserError, match="worst:drop:greedy:1 asks in one process, and there are 2 ranks"):
        evaluate([fake_system()], reviews(), ["worst:drop:greedy:1"], output=tmp_path, share=share)
