"""The headline says what was found in plain words."""

from dataclasses import replace

import pytest

from charrobust.report.headline import asides, headline, main_attack, main_example, worst_case
from charrobust.report.wording import number, p_value, points
from charrobust.scoring.intervals import Interval
from tests.report import sample_results


def said(results):
    return "".join(piece.text for piece in headline(results)).replace("\u00a0", " ")


def test_one_sentence_with_both_numbers_and_their_intervals():
    results = sample_results.classification(0)
    assert said(results) == (
        "Accuracy of model MiniLM falls from 86.0 (83.8 to 88.4) on clean text to 51.3 (49.1 to 53.8) "
        "under attack drop, 100 % of words."
    )
    assert [piece.text for piece in headline(results) if piece.kind == "value"] == ["86.0", "51.3"]


def test_the_other_systems_follow():
    (line,) = asides(sample_results.classification(0))
    assert line.startswith("Under the same attack model spelling + MiniLM goes from 85.2 to 66.")
    assert "and model charbert-minilm-l6 goes from 85.8 to 75." in line
    assert asides(sample_results.regression()) == []


def test_of_many_systems_some_are_left_to_the_table():
    results = sample_results.classification(0, {f"system {number}": (0.8, 0.1) for number in range(9)})
    assert asides(results)[0].endswith("; 4 more stand in the table.")


def test_one_system():
    assert said(sample_results.regression()).startswith("Pearson of model MiniLM falls from 88.0")
    assert said(sample_results.regression()).endswith("under attack charbert.")


def test_clean_text_alone():
    results = sample_results.regression()
    scores = tuple(score for score in results.scores if score.attack == "clean")
    alone = replace(results, scores=scores)
    assert said(alone) == "Pearson of model MiniLM is 88.0 (85.8 to 90.4) on clean text."
    assert main_attack(alone) is None


def test_what_is_gained_or_may_be_chance():
    results = sample_results.regression()
    lost = Interval(0.01, -0.01, 0.03)
    scores = tuple(replace(score, lost=score.lost and lost) for score in results.scores)
    assert said(replace(results, scores=scores)).endswith(", a difference that may be chance.")
    higher = Interval(0.9, 0.88, 0.92)
    scores = tuple(replace(score, value=higher) if score.lost else score for score in results.scores)
    assert "rises from 88.0" in said(replace(results, scores=scores))


def test_a_file_is_named():
    results = sample_results.classification(0)
    attacks = tuple(attack for attack in results.attacks if attack.name in ("clean", "published.jsonl"))
    assert said(replace(results, attacks=attacks)).endswith("under file published.jsonl.")


def test_average_case_before_searches():
    found = main_attack(sample_results.searched())
    assert (found.search, found.operator) == (None, "drop")


def test_worst_case():
    assert worst_case(sample_results.classification(0)) == (
        "If each text meets the attack that hurts it most, model MiniLM keeps 30.6 (28.4 to 33.0), model spelling + MiniLM "
        "keeps 54.7 (52.5 to 57.1) and model charbert-minilm-l6 keeps 69.2 (67.0 to 71.6)."
    )
    assert worst_case(sample_results.regression()) == ""


def test_the_example_is_of_the_main_attack_and_was_made_wrong():
    results = sample_results.classification(40)
    attacks = tuple(attack for attack in results.attacks if attack.name in ("clean", "charbert", "drop@0.1"))
    example = main_example(replace(results, attacks=attacks))
    assert example.attack == "charbert"
    assert (example.predictions[0].clean_right, example.predictions[0].attacked_right) == (True, False)
    assert main_example(replace(results, shown=())) is None


@pytest.mark.parametrize(
    ("value", "shown"), [(1.25, "1.2"), (-0.04, "0.0"), (-3.0, "−3.0"), (None, "–"), (float("nan"), "–")]
)
def test_numbers(value, shown):
    assert number(value) == shown


def test_points_and_p_values():
    assert points(0.8604) == "86.0"
    assert [p_value(p) for p in (0.0002, 0.04, float("nan"))] == ["< 0.001", "0.040", "–"]
