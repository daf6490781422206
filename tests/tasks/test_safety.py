"""How safe labels are: every effect has its line for every task, and doubts are said."""

import logging
from pathlib import Path

import pytest

from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.options import DataOptions
from charrobust.datasets.source import open_source
from charrobust.perturb import Attack, load_recipe, recipe_names
from charrobust.perturb.operators.base import EFFECTS, LEVELS
from charrobust.tasks.registry import task_classes
from charrobust.tasks.safety import CERTAIN, RARE, REFUSED


def test_every_task_speaks_of_every_effect():
    for task in task_classes():
        assert set(task.safety) == set(EFFECTS), task.name
        assert {safety.certainty for safety in task.safety.values()} <= {CERTAIN, RARE, REFUSED}
        assert all(safety.why for safety in task.safety.values())


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_has_a_level_and_effects(name):
    recipe = load_recipe(name)
    assert {operator.level for operator in recipe.operators} <= set(LEVELS)
    assert set(recipe.effects) <= set(EFFECTS)
    assert all(operator.source for operator in recipe.operators if operator.name != "nlpaug")


def test_doubts_are_logged(tmp_path, caplog):
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "so it is not", "label": 1}\n', encoding="utf-8")
    source = open_source(path, DataOptions(task="classification"))
    with caplog.at_level(logging.WARNING, logger="charrobust"):
        attack_file(source.format, source.task, Attack.load("charbert"), output=tmp_path / "one.jsonl")
        assert not caplog.records
        attack_file(source.format, source.task, Attack.load("drop-words"), output=tmp_path / "two.jsonl")
    assert "may change a label, though rarely (word-loss)" in caplog.text


def test_the_guide_says_what_the_tasks_say():
    guide = (Path(__file__).parents[2] / "docs/guide/noise.md").read_text("utf-8")
    rows = [line.split("|")[1:-1] for line in guide.splitlines() if line.startswith("|")]
    table = {row[0].strip(): [cell.strip() for cell in row[2:]] for row in rows}
    by_name = {task.name: task for task in task_classes()}
    for effect in EFFECTS:
        labels, tags, text = table[effect]
        assert labels == by_name["classification"].safety[effect].certainty == by_name["qa"].safety[effect].certainty
        assert tags.startswith(by_name["tagging"].safety[effect].certainty)
        assert text == by_name["text"].safety[effect].certainty
