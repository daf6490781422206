"""Plain names of attacks, which tell them apart, and the typos beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from charrobust.attackers.versions import AttackInfo, FieldEdit
from charrobust.report.names import attack_title, mark_of
from charrobust.report.noise_tables import language_table, level_table
from charrobust.report.selection import labels_by_attack
from charrobust.report.typos import example_typos
from charrobust.scoring.evaluation.results import AttackedExample
from tests.report import sample_results

AVERAGE = "average case"
SEARCHED = AttackInfo("worst:drop:greedy:2", "worst case of greedy", "drop", search="greedy", most_edits=2, budget=60)


@pytest.mark.parametrize(
    ("attack", "title", "mark"),
    [
        (AttackInfo("clean", "clean"), "clean text", ""),
        (AttackInfo("charbert", AVERAGE, "charbert", 1.0), "attack charbert", ""),
        (AttackInfo("everyday", AVERAGE, "everyday", 0.1), "attack everyday, 10 % of words", ""),
        (AttackInfo("drop@1", AVERAGE, "drop", 1.0, "drop"), "attack drop, 100 % of words", ""),
        (AttackInfo("charbert@0.5x2", AVERAGE, "charbert", 0.5), "attack charbert, 50 % of words, 2 edits each", ""),
        (AttackInfo("charbert/swap", AVERAGE, "charbert", 1.0, "swap"), "attack charbert, swap only", ""),
        (AttackInfo("ladder-any", AVERAGE, "ladder-any", 1.0, by_count=True), "attack ladder-any, 1 word a text", ""),
        (
            AttackInfo("swap-sentences", AVERAGE, "swap-sentences", 0.25, level="sentences"),
            "attack swap-sentences, 25 % of sentences",
            "",
        ),
        (AttackInfo("a.jsonl", "given"), "file a.jsonl", ""),
        (SEARCHED, "attack drop, greedy search, 2 edits", "worst case"),
        (
            AttackInfo("drop, worst of 5", "worst of 5 draws", "drop", 1.0, draws=5),
            "attack drop, worst of 5 draws",
            "worst of 5 draws",
        ),
    ],
    ids=lambda value: value.name if isinstance(value, AttackInfo) else "",
)
def test_titles(attack, title, mark):
    assert (attack_title(attack), mark_of(attack)) == (title, mark)


def test_what_titles_do_not_tell_apart_says_more():
    longer = replace(SEARCHED, name="other", budget=90)
    results = replace(sample_results.classification(0), attacks=(SEARCHED, longer, replace(longer, name="third")))
    labels = labels_by_attack(results)
    assert labels[SEARCHED.name].title == "attack drop, greedy search, 2 edits, at most 60 queries"
    assert labels["other"].title == "attack drop, greedy search, 2 edits, at most 90 queries"
    assert labels["third"].title == "attack third"


@pytest.mark.parametrize(
    ("clean", "attacked", "old", "new", "typo"),
    [
        ("a good movie here", "a good moive here", (9, 11), (9, 11), "movie → moive"),
        ("a good movie here", "a good here", (6, 12), (6, 6), "movie → (nothing)"),
        ("a movie", "a mov ie", (5, 5), (5, 6), "movie → mov ie"),
        ("mov ie", "movie", (3, 4), (3, 3), "mov ie → movie"),
        ("same", "same", (0, 4), (0, 4), None),
        ("x" * 40, "x" * 39, (0, 1), (0, 0), None),
        ("text", "text", (90, 99), (90, 99), None),
    ],
)
def test_typos(clean, attacked, old, new, typo):
    edit = FieldEdit(0, old, new, "any")
    shown = AttackedExample("1", "charbert", "", (clean,), (attacked,), (edit,), ())
    results = replace(sample_results.classification(0), shown=(shown,))
    assert example_typos(results).get("charbert") == typo


def test_average_and_worst_stand_side_by_side():
    found = sample_results.searched()
    assert level_table(replace(found, searches=())) is None, "one level, nothing searched"
    attacks = tuple(replace(attack, level="letters") for attack in found.attacks)
    table = level_table(replace(found, attacks=attacks))
    assert table.heads == ("text", "level of noise", "model", "clean", "average case", "worst case", "certified")
    row = dict(zip(table.heads, table.rows[0], strict=True))
    assert (row["text"].text, row["model"].text, row["clean"].text) == ("attack charbert", "MiniLM", "86.0")
    assert (row["average case"].text, row["average case"].change) == ("57.0", "−29.0")
    assert row["worst case"].value < row["certified"].value
    assert row["worst case"].note.endswith("greedy search, 2 edits")


def test_languages():
    results = sample_results.classification(0)
    assert language_table(results) is None
    names = {"charbert": "charbert:de", "drop": "drop:fr"}
    attacks = tuple(replace(attack, recipe=names.get(attack.recipe or "")) for attack in results.attacks)
    table = language_table(replace(results, attacks=attacks))
    assert [row[1].text for row in table.rows] == ["de"] * 3 + ["fr"] * 3
