"""Searches that are killed go on."""

from dataclasses import replace

import pytest

from charrobust.datasets import load_data
from charrobust.search import search
from charrobust.search.searches.beam import Beam
from tests.search.systems import LABELS, TEXTS, Hashed, attack_of, data_of


def run(folder, system, data=None, **options):
    return search(system, data or data_of(system), attack_of(), store=folder, **{"search": "beam", **options})


def test_a_search_that_was_killed_goes_on(tmp_path):
    whole = run(None, Hashed(), edits=2)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, Hashed(breaks_after=4), edits=2, round_size=1)
    system = Hashed()
    found = run(tmp_path, system, edits=2)
    assert found.outcomes == whole.outcomes
    assert [batch.records for batch in found.batches] == [batch.records for batch in whole.batches]
    assert 0 < len(set(system.searched)) < sum(outcome.queries for outcome in whole.outcomes)


def test_what_is_known_is_not_asked_again(tmp_path):
    first = run(tmp_path, Hashed())
    system = Hashed()
    assert run(tmp_path, system).outcomes == first.outcomes
    assert system.searched == []


def test_records_are_known_wherever_they_stand(tmp_path):
    run(tmp_path, Hashed())
    system = Hashed()
    found = run(tmp_path, system, data_of(system, TEXTS[::-1]))
    assert system.searched == []
    assert [outcome.examples for outcome in found.outcomes] == [(number,) for number in range(len(TEXTS))]


@pytest.mark.parametrize(
    "options", [{"edits": 2}, {"budget": 5}, {"search": "pruthi"}, {"search": Beam(width=2)}, {"seed": 1}]
)
def test_another_search_is_kept_apart(tmp_path, options):
    run(tmp_path, Hashed())
    system = Hashed()
    run(tmp_path, system, **options)
    assert system.searched


def test_another_system_or_attack_is_kept_apart(tmp_path):
    run(tmp_path, Hashed())
    other, system = Hashed(salt="1"), Hashed()
    run(tmp_path, other)
    search(system, data_of(system), replace(attack_of(), seed=8), search="beam", store=tmp_path)
    assert other.searched
    assert system.searched


def test_what_is_edited_of_a_record_is_kept_apart(tmp_path):
    system = Hashed()
    pair = {"premise": "wonderful weather", "hypothesis": "every sentence changes"}
    records = [{**pair, "label": LABELS[system.margin(pair["premise"]) > 0]}]

    def candidates(**fields):
        data = load_data(records, task="classification", text_column=["premise", "hypothesis"], **fields)
        (outcome,) = search(system, data, attack_of(), search="exhaustive", store=tmp_path).outcomes
        return outcome.candidates

    both, one = candidates(), candidates(field=["hypothesis"])
    assert 0 < one < both


@pytest.mark.parametrize("rules", [{"edits_per_word": 2}, {"errors": "non-word"}])
def test_what_words_may_become_is_kept_apart(tmp_path, rules):
    attack = attack_of()
    other = replace(attack, recipe=replace(attack.recipe, **rules))
    first, system = Hashed(), Hashed()
    search(first, data_of(first, TEXTS[:1]), attack, search="beam", store=tmp_path)
    search(system, data_of(system, TEXTS[:1]), other, search="beam", store=tmp_path)
    assert system.searched


def test_how_many_words_a_recipe_edits_does_not_matter(tmp_path):
    attack = attack_of()
    first, system = Hashed(), Hashed()
    other = replace(attack, recipe=attack.recipe.at(0.5))
    search(first, data_of(first, TEXTS[:1]), attack, search="beam", store=tmp_path)
    search(system, data_of(system, TEXTS[:1]), other, search="beam", store=tmp_path)
    assert system.searched == []


def test_a_system_that_cannot_be_told_from_others_is_not_kept(tmp_path):
    system = Hashed()
    system.reusable = False
    run(tmp_path, system)
    assert not list(tmp_path.iterdir())


def test_progress_counts_records():
    told = []
    run(None, Hashed(), progress=lambda stage, done, total, metrics: told.append((stage, done, total)))
    counted = [(done, total) for stage, done, total in told if stage == "beam search against hashed"]
    assert counted == [(done, len(TEXTS)) for done in range(len(TEXTS) + 1)]
