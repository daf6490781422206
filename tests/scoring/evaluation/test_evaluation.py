"""The main path: what evaluations of systems with known outcomes find."""

import math
from dataclasses import asdict

import numpy as np
import pytest

from charrobust.attackers.plan import make_versions, plan_attackers
from charrobust.attackers.versions import CLEAN, WORST
from charrobust.datasets import load_data
from charrobust.perturb import Attack
from charrobust.scoring import evaluate
from charrobust.scoring.evaluation.examples import choose_examples
from charrobust.systems.defended import Defended
from tests.scoring.fakes import FakePredictor, FakeRestorer, fake_system, names, outcome_of, questions, reviews


def score_of(results, attack, metric=None, system=None):
    metric, system = metric or results.metrics[0], system or results.systems[0].name
    (found,) = [s for s in results.scores if (s.attack, s.metric, s.system) == (attack, metric, system)]
    return found


def test_what_an_attack_takes_from_a_classifier():
    results = evaluate([fake_system()], reviews(60), ["drop"])
    clean, attacked = score_of(results, CLEAN), score_of(results, "drop")
    assert (clean.value.value, clean.lost, clean.success) == (1, None, None)
    # "wonderful" is never seen again, so all is said to be bad
    assert attacked.value.value == pytest.approx(0.5)
    assert attacked.value.low < 0.5 < attacked.value.high
    assert (attacked.lost.value, attacked.relative) == (pytest.approx(0.5), pytest.approx(0.5))
    assert attacked.success.value == pytest.approx(0.5)
    assert score_of(results, "drop", "macro F1").value.value == pytest.approx(1 / 3)
    assert results.metrics == ("accuracy", "macro F1", "F1 of good", "Matthews")


@pytest.mark.needs("torch", "transformers")
def test_everything_is_told():
    results = evaluate([fake_system("a"), fake_system("b", word="storms")], reviews(30), ["drop", "swap@0.5"])
    assert (results.task, results.data, results.examples, results.confidence) == ("classification", "reviews", 30, 0.95)
    assert [system.name for system in results.systems] == ["a", "b"]
    assert [attack.name for attack in results.attacks] == [CLEAN, "drop", "swap@0.5"]
    assert len(results.scores) == 2 * 4 * 4
    assert [(each.attack, each.first, each.second) for each in results.comparisons] == [
        (attack, "a", "b") for attack in (CLEAN, "drop", "swap@0.5")
    ]
    assert {each.attack for each in results.splits} == {CLEAN, "drop", "swap@0.5"}
    assert {"charrobust", "torch", "python"} <= set(results.versions)
    assert results == evaluate([fake_system("a"), fake_system("b", word="storms")], reviews(30), ["drop", "swap@0.5"])


def test_systems_are_compared_on_the_same_examples():
    results = evaluate([fake_system("a"), fake_system("b", word="storms")], reviews(60))
    (found,) = results.comparisons
    assert found.difference.value == pytest.approx(1 - 1 / 3)
    assert found.difference.low > 0.5
    assert found.p == pytest.approx(1e-4)
    (equal,) = evaluate([fake_system("a"), fake_system("b")], reviews(60)).comparisons
    assert (asdict(equal.difference), equal.p) == ({"value": 0, "low": 0, "high": 0}, 1)


def test_the_worst_case_takes_the_worst_attack_for_each_example():
    results = evaluate([fake_system()], reviews(60), ["drop@0.5", "swap@0.5", "add@0.5"])
    attacked = [score_of(results, name).value.value for name in ("drop@0.5", "swap@0.5", "add@0.5")]
    worst = score_of(results, WORST)
    assert worst.value.value <= min(attacked)
    assert worst.lost.value == pytest.approx(1 - worst.value.value)
    assert worst.success.value == pytest.approx(worst.lost.value)


def test_a_single_attack_has_no_worst_case():
    assert WORST not in {each.attack for each in evaluate([fake_system()], reviews(), ["drop"]).scores}


@pytest.mark.parametrize(
    ("data", "metrics"),
    [
        (names(), ("span F1", "tag accuracy")),
        (questions(), ("F1", "exact match")),
        (load_data(["a", "bb", "ccc", "dddd"], [1, 2, 3, 5], task="regression"), ("Pearson", "Spearman")),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_other_tasks(data, metrics):
    results = evaluate([fake_system(task=data.task.name, labels=data.classes)], data, ["drop", "add", "everyday@1"])
    assert (results.task, results.metrics) == (data.task.name, metrics)
    for found in results.scores:
        assert found.value.low - 1e-9 <= found.value.value <= found.value.high + 1e-9
        assert (found.success is None) == (found.attack == CLEAN or data.task.name == "regression")
        assert found.lost is None or math.isfinite(found.lost.value)
    assert all(each.target is not None for each in results.shown)


def test_restorers_stand_before_models():
    texts = ["wonderfull weather", "bad"] * 10
    data = load_data(texts, ["good", "bad"] * 10)
    systems = [fake_system("plain"), Defended("defended", FakePredictor(), (FakeRestorer(),))]
    results = evaluate(systems, data)
    assert [score_of(results, CLEAN, system=name).value.value for name in ("plain", "defended")] == [1, 1]
    assert ("wonderful weather",) in systems[1].system.asked
    assert results.systems[1].defences == ("restoration",)


def test_labels_by_number():
    data = load_data(["wonderful", "rain"] * 5, [1, 0] * 5)
    results = evaluate([fake_system(labels=("LABEL_0", "LABEL_1"))], data)
    assert score_of(results, CLEAN).value.value == 1
    assert "F1 of 1" in results.metrics


def test_a_rerun_computes_only_what_changed(tmp_path):
    evaluate([fake_system()], reviews(), ["drop"], output=tmp_path)
    again, more = fake_system(), fake_system()
    evaluate([again], reviews(), ["drop"], output=tmp_path)
    assert again.system.asked == []
    evaluate([more], reviews(), ["drop", "add"], output=tmp_path)
    assert len(more.system.asked) == 6


def test_progress_is_told(tmp_path):
    steps = []
    evaluate([fake_system()], reviews(), ["drop"], output=tmp_path, progress=lambda *step: steps.append(step))
    assert steps[0] == ("fake", 0, 12, {})
    assert ("fake", 12, 12, {}) in steps
    assert steps[-1] == ("scores", 1, 1, {})


def test_flipped_examples_are_shown_first_and_attacks_take_turns():
    results = evaluate([fake_system()], reviews(60), ["drop", "add"])
    first = results.shown[:10]
    assert all(each.predictions[0].clean_right and not each.predictions[0].attacked_right for each in first)
    assert [each.attack for each in first] == ["drop", "add"] * 5
    assert first[0].clean == ("wonderful weather",)
    assert (first[0].target, first[0].predictions[0].clean, first[0].predictions[0].attacked) == ("good", "good", "bad")
    assert {edit.operator for edit in first[0].edits} == {"drop"}


def test_no_more_are_shown_than_asked_for():
    data = reviews(60)
    versions = make_versions(data, plan_attackers(["drop", Attack.load("add")]))
    results = evaluate([fake_system()], data, ["drop", "add"])
    assert (len(results.shown), results.flipped) == (120, 60)  # 60 of each, half of them flipped
    outcomes = {"fake": {}}
    for version in versions:
        said = fake_system().predict(version.examples)
        outcomes["fake"][version.name] = outcome_of(data.task, [e.target for e in version.examples], said)
    chosen = choose_examples(data.task, versions, outcomes, most=30, others=10)
    flipped = [each.predictions[0].attacked_right for each in chosen.shown].count(False)
    assert (len(chosen.shown), flipped, chosen.flipped) == (40, 30, 60)


def test_texts_that_no_page_can_hold_are_not_shown(monkeypatch):
    monkeypatch.setattr("charrobust.scoring.evaluation.examples._MOST_LETTERS", 200)
    results = evaluate([fake_system()], reviews(60), ["drop"])
    shown = [each for each in results.shown if not each.predictions[0].attacked_right]
    assert results.flipped == 30
    assert 0 < len(shown) < 30
    assert sum(len(text) for each in shown for text in (*each.clean, *each.attacked)) <= 200


def test_numbers_that_moved_most_are_shown_first():
    data = load_data(["wonderful weather", "a", "typing"], [17, 1, 6], task="regression")
    results = evaluate([fake_system(task="regression", labels=())], data, ["drop"])
    assert [each.clean[0] for each in results.shown] == ["wonderful weather", "typing"]
    assert (results.shown[0].predictions[0].clean, results.shown[0].predictions[0].attacked) == ("17", "15")
    assert results.shown[0].predictions[0].clean_right is None


def test_answers_and_tags_are_shown_as_text():
    shown = evaluate([fake_system(task="qa", labels=())], questions(), ["add"]).shown
    assert {each.target for each in shown} == {"Rotterdam | in Rotterdam", ""}
    shown = evaluate([fake_system(task="tagging", labels=("O", "B-PER"))], names(), ["add"]).shown
    assert shown[0].target == "B-PER O O O B-PER"
    assert shown[0].clean[:2] == ("Peter", "saw")


def test_intervals_of_resamples_are_paired_across_systems():
    results = evaluate([fake_system("a"), fake_system("b")], reviews(60), ["drop"])
    values = [score_of(results, "drop", system=name).value for name in "ab"]
    assert values[0] == values[1]
    assert np.isfinite(values[0].low)
