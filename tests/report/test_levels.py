"""Recipes stand by level: in the tables, and in the figures that read the same versions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from charrobust.attackers.drawn import Drawn
from charrobust.attackers.versions import AttackInfo
from charrobust.datasets import load_data
from charrobust.perturb import Attack
from charrobust.report.selection import by_level, main_versions
from charrobust.report.tables import attack_table, full_score_table, score_table
from tests.report import sample_results


def column(table, head):
    return [row[table.heads.index(head)].text for row in table.rows]


def with_levels(results, **levels):
    """Return results of which recipes have levels; the others have none."""
    attacks = tuple(replace(attack, level=levels.get(attack.recipe or "")) for attack in results.attacks)
    return replace(results, attacks=attacks)


@pytest.fixture(scope="module")
def results():
    return sample_results.classification(2)


def test_recipes_stand_by_level_between_clean_and_files(results):
    table = full_score_table(with_levels(results, charbert="words", drop="letters"))
    texts, levels = column(table, "text"), column(table, "level of noise")
    assert texts[:2] == ["clean text", "attack drop"]
    assert texts[5] == "attack charbert"
    assert texts[-2:] == ["file published.jsonl", "worst attack of each text"]
    assert levels == ["–", *["letters"] * 4, *["words"] * 5, "–", "–"]


def test_one_version_of_each_recipe_tells_the_story(results):
    table = score_table(with_levels(results, charbert="words", drop="letters"))
    assert column(table, "text") == [
        "clean text", "attack drop", "attack charbert", "file published.jsonl", "worst attack of each text",
    ]  # fmt: skip
    assert table.rows[1][0].note.startswith("100 % of words")


def test_one_level_alone_is_not_repeated(results):
    assert "level of noise" not in score_table(with_levels(results, charbert="letters", drop="letters")).heads
    assert "level of noise" not in score_table(with_levels(results)).heads


def test_the_table_of_attacks_names_levels(results):
    table = attack_table(with_levels(results, charbert="words", drop="letters"))
    assert column(table, "level of noise") == [*["letters"] * 4, *["words"] * 5, "–"]


def test_figures_read_versions_in_the_same_order(results):
    leveled = with_levels(results, charbert="words", drop="letters")
    names = [version.main for version in main_versions(leveled)]
    assert names == column(score_table(leveled), "text")


def test_attacks_of_a_level_keep_their_order():
    names = ["b", "a", "c"]
    attacks = [AttackInfo(name, "average case", level="words") for name in names]
    assert [attack.name for attack in by_level([*attacks, AttackInfo("clean", "clean")])] == ["clean", *names]


@pytest.mark.parametrize(("recipe", "level"), [("typing", "letters"), ("homoglyphs", "unicode"), ("asr", "machines")])
def test_a_version_knows_the_level_of_its_recipe(recipe, level):
    data = load_data([{"text": "one or two words", "label": "a"}], task="classification")
    version = Drawn(Attack.load(recipe), recipe).attack(None, data)
    assert version.info.level == level
