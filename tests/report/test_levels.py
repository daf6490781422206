"""Recipes stand by level: in the tables, and in the figures that read the same versions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from charrobust.attackers.drawn import Drawn
from charrobust.attackers.versions import AttackInfo
from charrobust.datasets import load_data
from charrobust.perturb import Attack
from charrobust.report.selection import by_level, scored_versions
from charrobust.report.tables import attack_table, score_table
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
    table = score_table(with_levels(results, charbert="words", drop="letters"))
    versions, levels = column(table, "version"), column(table, "level")
    assert versions[:2] == ["clean", "drop@0.1"]
    assert versions[5] == "charbert"
    assert versions[-2:] == ["published.jsonl", "worst case"]
    assert levels == ["–", *["letters"] * 4, *["words"] * 5, "–", "–"]


def test_one_level_alone_is_not_repeated(results):
    assert "level" not in score_table(with_levels(results, charbert="letters", drop="letters")).heads
    assert "level" not in score_table(with_levels(results)).heads


def test_the_table_of_attacks_names_levels(results):
    table = attack_table(with_levels(results, charbert="words", drop="letters"))
    assert column(table, "level") == [*["letters"] * 4, *["words"] * 5, "–"]


def test_figures_read_versions_in_the_same_order(results):
    leveled = with_levels(results, charbert="words", drop="letters")
    names = [version.name for version in scored_versions(leveled)]
    assert names == column(score_table(leveled), "version")


def test_attacks_of_a_level_keep_their_order():
    names = ["b", "a", "c"]
    attacks = [AttackInfo(name, "average case", level="words") for name in names]
    assert [attack.name for attack in by_level([*attacks, AttackInfo("clean", "clean")])] == ["clean", *names]


@pytest.mark.parametrize(("recipe", "level"), [("typing", "letters"), ("homoglyphs", "unicode"), ("asr", "machines")])
def test_a_version_knows_the_level_of_its_recipe(recipe, level):
    data = load_data([{"text": "one or two words", "label": "a"}], task="classification")
    version = Drawn(Attack.load(recipe), recipe).attack(None, data)
    assert version.info.level == level
