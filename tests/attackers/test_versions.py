"""Versions of data sets: which there are, and what they hold."""

import json
from dataclasses import replace

import pytest

from charrobust.attackers.plan import make_versions, plan_attackers
from charrobust.attackers.versions import AttackInfo
from charrobust.datasets import load_data
from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.formats import format_of
from charrobust.datasets.load import read_source
from charrobust.datasets.source import Source, open_source
from charrobust.perturb import Attack, replay
from charrobust.perturb.edits import Edit
from tests.scoring.fakes import names, questions, reviews


def plan_names(*attacks, **options):
    return [attacker.name for attacker in plan_attackers(attacks, **options)]


def test_the_names_of_versions():
    assert plan_names("charbert", "drop@0.5", "everyday@0.1") == ["charbert", "drop@0.5", "everyday"]
    assert plan_names("charbert@0.5x2") == ["charbert@0.5x2"]
    assert plan_names("pruthi-random@2") == ["pruthi-random@2"]


def test_severities_come_besides_a_recipe_s_own():
    assert plan_names("charbert", severities=["0.25", 0.5, "1"]) == ["charbert", "charbert@0.25", "charbert@0.5"]


def test_operators_of_a_recipe():
    assert plan_names("charbert@0.5", "drop", per_operator=True) == [
        "charbert@0.5", "charbert@0.5/drop", "charbert@0.5/add", "charbert@0.5/swap", "charbert@0.5/keyboard", "drop",
    ]  # fmt: skip
    assert plan_names("everyday", per_operator=True).count("everyday/add") == 1
    operators = [attacker.operator for attacker in plan_attackers(["charbert", "drop"], per_operator=True)]
    assert operators == [None, "drop", "add", "swap", "keyboard", "drop"]


def test_the_same_version_twice_is_made_once():
    assert plan_names("charbert", "charbert@1", Attack.load("charbert")) == ["charbert"]


@pytest.mark.needs("nlpaug")
def test_an_operator_with_a_mapping_has_no_hash():
    assert plan_names("ocr", "ocr") == ["ocr"]


def test_seeds_are_those_asked_for():
    seeds = [attacker.attack_of.seed for seed in (None, 5) for attacker in plan_attackers(["charbert"], seed=seed)]
    assert seeds == [2020, 5]


@pytest.mark.parametrize("name", ["reviews", "entities", "questions"])
@pytest.mark.parametrize("field", [None, "context"])
def test_versions_are_what_the_attack_command_writes(name, field, tmp_path):
    opened = open_source(name)
    both = field and name == "questions"
    task = replace(opened.task, attacked=("question", "context")) if both else opened.task
    path = tmp_path / opened.format.path.name
    attack_file(opened.format, task, Attack.load("charbert", seed=3), output=path, sink=opened.format)
    data = read_source(replace(opened, task=task))
    version = make_versions(data, plan_attackers(["charbert"], seed=3))[1]
    assert version.examples == read_source(Source("attacked", format_of(path), task)).examples
    given = make_versions(data, plan_attackers([path]))[1]
    assert [example.texts for example in given.examples] == [example.texts for example in version.examples]
    assert (given.info.case, given.name) == ("given", path.name)
    assert given.info.words_changed == pytest.approx(version.info.words_changed, abs=0.06)
    assert given.info.distance == pytest.approx(version.info.distance, rel=0.02)


@pytest.mark.parametrize("data", [reviews(), names(), questions()], ids=lambda data: data.task.name)
def test_edits_lead_from_clean_to_attacked_examples(data):
    for version in make_versions(data, plan_attackers(["charbert", "everyday@1"])):
        for number, (clean, attacked) in enumerate(zip(data.examples, version.examples, strict=True)):
            fields = {}
            for edit in version.edits(number):
                old, new = clean.texts[edit.field][slice(*edit.old)], attacked.texts[edit.field][slice(*edit.new)]
                fields.setdefault(edit.field, []).append(Edit(0, edit.operator, edit.old, edit.new, old, new))
            made = [replay(text, fields.get(field, [])) for field, text in enumerate(clean.texts)]
            assert made == list(attacked.texts)


@pytest.mark.parametrize("name", ["reviews", "entities"])
def test_the_edit_log_beside_a_given_file_tells_its_edits(name, tmp_path):
    opened = open_source(name)
    path = tmp_path / opened.format.path.name
    log = path.with_name(f"{path.stem}.edits.jsonl")
    attack = Attack.load("charbert", seed=3)
    attack_file(opened.format, opened.task, attack, output=path, sink=opened.format, edits=log)
    data = read_source(opened)
    drawn, given = make_versions(data, plan_attackers(["charbert", path], seed=3))[1:]
    assert [given.edits(number) for number in range(20)] == [drawn.edits(number) for number in range(20)]


def test_edits_of_a_given_file_are_whole_words(tmp_path):
    path = tmp_path / "given.jsonl"
    path.write_text(json.dumps({"text": "wonderful waether", "label": "good"}) + "\n")
    version = make_versions(reviews(1), plan_attackers([path]))[1]
    (edit,) = version.edits(0)
    assert (edit.old, edit.new, edit.operator) == ((10, 17), (10, 17), "given")
    assert version.info == AttackInfo("given.jsonl", "given", words_changed=0.5, edits=1.0, distance=2.0)


def test_what_attacks_cost():
    clean, every, half = make_versions(reviews(), plan_attackers(["drop", "drop@0.5"]))
    assert (clean.info.edits, clean.info.distance, clean.info.words_changed) == (0, 0, 0)
    assert every.info.edits == every.info.distance == pytest.approx(2)
    assert every.info.words_changed == pytest.approx(1)
    assert 0 < half.info.edits < 2
    assert (half.info.recipe, half.info.severity, half.info.operator, half.info.seed) == ("drop", 0.5, "drop", 13)


def test_contexts_count_for_each_of_their_questions():
    data = load_data("questions", field="context", limit=2)
    assert data.owners[0] == data.owners[1]
    version = make_versions(data, plan_attackers(["drop"]))[1]
    assert version.info.edits == len(version.edits(0)) == len(version.edits(1))


def test_limited_data_take_the_beginning_of_a_file(tmp_path):
    data = load_data("reviews", limit=5)
    version = make_versions(data, plan_attackers([data.source.path]))[1]
    assert version.examples == data.examples


def test_files_of_one_name_are_told_apart(tmp_path):
    paths = []
    for folder in "ab":
        (tmp_path / folder).mkdir()
        paths.append(tmp_path / folder / "x.jsonl")
        paths[-1].write_text('{"text": "a", "label": 1}\n')
    assert plan_names(*paths) == ["x.jsonl", str(paths[1])]
