"""Versions that a search finds: their names, what they say, and what of them is scored."""

import pytest

from charrobust.attackers.plan import make_versions, plan_attackers
from charrobust.attackers.searched import Searched
from charrobust.attackers.standard import LADDER, STANDARD_ATTACKS
from charrobust.perturb import revert
from charrobust.perturb.edits import Edit
from charrobust.scoring import evaluate, read_results, write_results
from tests.attackers.searching import CALLS, _one_draw  # noqa: F401
from tests.scoring.fakes import fake_system, reviews

pytestmark = pytest.mark.usefixtures("_one_draw")


@pytest.mark.parametrize(
    ("text", "recipe", "search", "edits"),
    [
        ("worst:charbert:greedy:2", "charbert", "greedy", 2),
        ("worst:charbert:de:exhaustive:1", "charbert:de", "exhaustive", 1),
        ("worst:charbert:de@0.3x2:beam:3", "charbert:de", "beam", 3),
        ("worst:any-letter@0.5:random:12", "any-letter", "random", 12),
    ],
)
def test_the_grammar(text, recipe, search, edits):
    (attacker,) = plan_attackers([text], seed=7)
    assert isinstance(attacker, Searched)
    assert (attacker.name, attacker.search, attacker.most_edits) == (text, search, edits)
    assert (attacker.attack_of.recipe.name, attacker.attack_of.seed) == (recipe, 7)


def test_a_recipe_of_a_user(tmp_path):
    path = tmp_path / "my:own@1" / "mine.toml"
    path.parent.mkdir()
    path.write_text('summary = "x"\nsource = "x"\nseed = 1\n[[operators]]\nname = "drop"\n')
    (attacker,) = plan_attackers([f"worst:{path}:greedy:1"])
    assert attacker.attack_of.recipe.name == "mine"


def test_options_of_all_attacks_are_those_of_searches(tmp_path):
    options = {"language": "de", "protect_patterns": ["x+"], "search_budget": 9, "store": tmp_path}
    (attacker,) = plan_attackers(["worst:charbert:greedy:1"], **options)
    assert attacker.attack_of.recipe.name == "charbert:de"
    assert attacker.attack_of.protect_patterns == ("x+",)
    assert (attacker.budget, attacker.store) == (9, tmp_path)


def test_the_standard_is_the_ladder_with_two_limits():
    assert len(STANDARD_ATTACKS) == 2 * len(LADDER)
    assert {text.split(":", 2)[2] for text in STANDARD_ATTACKS} == {"certify:1", "greedy:2"}


def test_a_version_says_what_was_searched():
    attackers = plan_attackers(["worst:drop@1:greedy:2", "drop@1"])
    _, version, drawn = make_versions(reviews(), attackers, [fake_system("one")])
    info = version.info
    assert (info.case, info.search, info.most_edits, info.system) == ("worst case of greedy", "greedy", 2, "one")
    assert (info.recipe, info.severity, info.draws) == ("drop", None, 1)
    # The search keeps those of the drawn edits that do harm.
    hurt = [number for number, outcome in enumerate(version.found) if outcome.success]
    assert hurt
    for number, (example, other) in enumerate(zip(version.examples, drawn.examples, strict=True)):
        assert (example.texts == other.texts) == (number in hurt)
        assert version.edits(number) == (drawn.edits(number) if number in hurt else ())
    assert info.edits == sum(len(version.edits(number)) for number in hurt) / len(reviews())
    assert 0 < info.words_changed < drawn.info.words_changed


def test_edits_of_a_version_lead_back_to_the_clean_text():
    (attacker,) = plan_attackers(["worst:drop@1:greedy:2"])
    _, version = make_versions(reviews(), [attacker], [fake_system("one")])
    for number, (clean, changed) in enumerate(zip(reviews().examples, version.examples, strict=True)):
        (before,), (after,) = clean.texts, changed.texts
        edits = [(edit.operator, edit.old, edit.new) for edit in version.edits(number)]
        texts = [(before[slice(*old)], after[slice(*new)]) for _, old, new in edits]
        assert revert(after, [Edit(0, *edit, *pair) for edit, pair in zip(edits, texts, strict=True)]) == before


def test_progress_names_the_version_and_the_system():
    told = []
    (attacker,) = plan_attackers(["worst:drop:greedy:1"], progress=lambda *step: told.append(step[:3]))
    attacker.attack(fake_system("one"), reviews())
    assert told[-1] == ("worst:drop:greedy:1, one", 6, 6)


def test_figures_of_searches(tmp_path):
    systems = [fake_system("one"), fake_system("two", word="w")]
    attacks = ["worst:drop@1:exhaustive:1", "worst:drop@1:greedy:2", "drop@1"]
    found = evaluate(systems, reviews(), attacks, search_budget=50, output=tmp_path)
    assert [(call["system"], call["search"], call["budget"]) for call in CALLS] == [
        ("one", "exhaustive", 50), ("two", "exhaustive", 50), ("one", "greedy", 50), ("two", "greedy", 50),
    ]  # fmt: skip
    assert {call["store"] for call in CALLS} == {tmp_path / "searches"}
    scores = {(each.system, each.attack): each for each in found.scores if each.metric == "accuracy"}
    for search in found.searches:
        score = scores[search.system, search.attack]
        # For classes, a record is an example: what the search left right is what the system has right when asked again.
        assert search.robust.value == score.value.value
        assert search.success == score.success
        assert search.by_queries[0].robust == search.by_edits[0].robust
        assert search.by_edits[0].robust.value == scores[search.system, "clean"].value.value
        assert search.by_queries[-1].robust == search.by_edits[-1].robust == search.robust
        proves = "exhaustive" in search.attack
        assert (search.certified, search.certified_edits) == ((search.robust, 1) if proves else (None, 0))
    assert read_results(write_results(found, tmp_path)) == found


def test_where_every_record_is_turned_nothing_is_certified_and_that_is_said():
    data = reviews().excerpt([0, 2, 4])  # those that the system has right for a word that no draw leaves whole
    attacks = ["worst:drop@1:exhaustive:1", "worst:drop@1:greedy:1"]
    exhaustive, greedy = evaluate([fake_system("one")], data, attacks).searches
    limited, _ = evaluate([fake_system("one")], data, attacks, search_budget=50).searches
    assert exhaustive.robust.value == greedy.robust.value == 0
    assert exhaustive.certified == exhaustive.robust
    assert exhaustive.certified.high > 0
    assert greedy.certified is limited.certified is None


def test_curves_fall():
    found = evaluate([fake_system("one")], reviews(), ["worst:charbert:greedy:3"])
    (search,) = found.searches
    assert [point.most for point in search.by_edits] == [0, 1, 2, 3]
    for curve in (search.by_edits, search.by_queries):
        values = [point.robust.value for point in curve]
        assert values == sorted(values, reverse=True)
        assert all(point.robust.low <= point.robust.value <= point.robust.high for point in curve)


def test_what_carries_over():
    systems = [fake_system("one"), fake_system("two", word="weather"), fake_system("three", word="w")]
    found = evaluate(systems, reviews(), ["worst:drop@1:greedy:1"])
    scores = {(each.system, each.attack): each for each in found.scores if each.metric == "accuracy"}
    assert len(found.transfers) == 9
    for transfer in found.transfers:
        if transfer.against == transfer.system:
            assert transfer.value == scores[transfer.system, transfer.attack].value
            assert transfer.success == scores[transfer.system, transfer.attack].success
    assert {transfer.metric for transfer in found.transfers} == {"accuracy"}
    # A text that has no "weather" is edited where that harms the first, and reads the same to the second.
    by_pair = {(each.against, each.system): each.success.value for each in found.transfers}
    assert by_pair["one", "two"] < by_pair["one", "one"]
    frame = found.to_frame("transfers")
    assert set(frame.case) == {"worst case of greedy"}
    assert set(found.to_frame("searches").edits_at_success.dropna()) == {1.0}


def test_one_system_has_nothing_to_carry_over_to():
    assert evaluate([fake_system("one")], reviews(), ["worst:drop@1:greedy:1"]).transfers == ()
