"""The headline says what was found in plain words."""

from dataclasses import replace

import pytest

from charrobust.report.headline import headline, worst_case
from charrobust.report.wording import number, p_value, points
from charrobust.scoring.intervals import Interval
from tests.report import sample_results


def test_two_systems():
    assert headline(sample_results.classification(0)) == (
        "On clean text MiniLM scores 86.0; typos (charbert, average case) take 29.0 points; "
        "with charbert-minilm-l6, which scores 85.8, they take 8.7 points."
    )


def test_the_highest_score_under_attack_is_named_not_the_least_loss():
    results = sample_results.classification(0)
    low = {"clean": Interval(0.5, 0.4, 0.6), "charbert": Interval(0.5, 0.4, 0.6)}
    other = next(system for system in results.systems if system.name == "charbert-minilm-l6")
    more = tuple(
        replace(score, system="guesses", value=low[score.attack], lost=score.lost and Interval(0.0, 0.0, 0.0))
        for score in results.scores
        if score.system == other.name and score.attack in low
    )
    systems = (*results.systems, replace(other, name="guesses"))
    found = headline(replace(results, systems=systems, scores=(*results.scores, *more)))
    assert "with charbert-minilm-l6, which scores 85.8," in found


def test_one_system():
    assert headline(sample_results.regression()).endswith("; typos (charbert, average case) take 29.0 points.")


def test_clean_text_alone():
    results = sample_results.regression()
    scores = tuple(score for score in results.scores if score.attack == "clean")
    assert headline(replace(results, scores=scores)) == "On clean text MiniLM scores 88.0."


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        (Interval(-0.02, -0.03, -0.01), "add 2.0 points."),
        (Interval(0.01, -0.01, 0.03), "take 1.0 points, which may be chance."),
    ],
)
def test_what_is_gained_or_may_be_chance(lost, said):
    results = sample_results.regression()
    scores = tuple(replace(score, lost=score.lost and lost) for score in results.scores)
    assert headline(replace(results, scores=scores)).endswith(said)


def test_a_file_is_named():
    results = sample_results.classification(0)
    attacks = tuple(attack for attack in results.attacks if attack.name in ("clean", "published.jsonl"))
    assert "; the edits of published.jsonl take 21.0 points" in headline(replace(results, attacks=attacks))


def test_worst_case():
    assert worst_case(sample_results.classification(0)).endswith(
        "(worst case), MiniLM keeps 30.6, spelling + MiniLM keeps 54.7 and charbert-minilm-l6 keeps 69.2."
    )
    assert worst_case(sample_results.regression()) == ""


@pytest.mark.parametrize(
    ("value", "shown"), [(1.25, "1.2"), (-0.04, "0.0"), (-3.0, "−3.0"), (None, "–"), (float("nan"), "–")]
)
def test_numbers(value, shown):
    assert number(value) == shown


def test_points_and_p_values():
    assert points(0.8604) == "86.0"
    assert [p_value(p) for p in (0.0002, 0.04, float("nan"))] == ["< 0.001", "0.040", "–"]
