"""Attacks that there are not, and files that do not line up."""

import json

import pytest

from charrobust.attackers.plan import make_versions, plan_attackers
from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.options import DataOptions
from charrobust.datasets.source import open_source
from charrobust.errors import DataError, UserError
from charrobust.perturb import Attack
from tests.scoring.fakes import LABELS, TEXTS, names, questions, reviews


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def given(data, path):
    return make_versions(data, plan_attackers([path]))


def records(**changes):
    made = [{"text": text, "label": label} for text, label in zip(TEXTS, LABELS, strict=True)]
    for number, record in changes.items():
        made[int(number[1:])] |= record
    return made


@pytest.mark.parametrize(
    ("attack", "message"),
    [
        ("charbrt", "attack 'charbrt' is no recipe and no existing file; did you mean 'charbert'"),
        ("gone.jsonl", r"attack 'gone\.jsonl' is no recipe and no existing file"),
        ("gone.toml", r"recipe file not found: gone\.toml"),
        ("drop@lots", "severity 'lots' does not fit recipe 'drop'"),
    ],
)
def test_no_such_attack(attack, message):
    with pytest.raises(UserError, match=message):
        plan_attackers([attack])


def test_a_severity_that_does_not_fit():
    with pytest.raises(UserError, match=r"severity '0\.5' does not fit recipe 'pruthi-random'"):
        plan_attackers(["charbert", "pruthi-random"], severities=["0.5"])


def test_two_versions_of_one_name(tmp_path):
    path = tmp_path / "drop.toml"
    path.write_text('summary = "s"\nsource = "s"\nseed = 1\n[[operators]]\nname = "drop"\n')
    with pytest.raises(UserError, match="two versions of the data would be called 'drop'"):
        plan_attackers(["drop", path])
    with pytest.raises(UserError, match="would be called 'clean'"):
        plan_attackers([write(tmp_path / "clean", [])])


def test_another_label(tmp_path):
    path = write(tmp_path / "x.jsonl", records(_3={"label": "good"}))
    message = (
        r"x\.jsonl, line 4: does not line up with the clean data \(reviews, example 3\): expected the label 'bad', "
        "got 'good'; attacked data must hold the same examples in the same order"
    )
    with pytest.raises(DataError, match=message):
        given(reviews(), path)


@pytest.mark.parametrize("count", [4, 7])
def test_another_number_of_examples(tmp_path, count):
    path = write(tmp_path / "x.jsonl", (records() * 2)[:count])
    end = {4: r"x\.jsonl ends after line 4", 7: "reviews ends after example 5"}[count]
    with pytest.raises(DataError, match=f"expected 6 examples, got {count}; {end}"):
        given(reviews(), path)


def test_another_number_of_tokens(tmp_path):
    lines = [{"tokens": list(example.texts), "tags": list(example.target)} for example in names().examples]
    lines[1] = {"tokens": ["rain", "in", "Lon", "don"], "tags": ["O", "O", "B-PER", "O"]}
    with pytest.raises(DataError, match=r"line 2: .* expected this number of tokens: 3, got 4"):
        given(names(), write(tmp_path / "x.jsonl", lines))


def test_other_questions(tmp_path):
    lines = [
        {"id": str(number), "question": example.texts[0], "context": example.texts[1], "answers": []}
        for number, example in enumerate(questions().examples)
    ]
    with pytest.raises(DataError, match=r"line 1: .* expected the answers \('Rotterdam', 'in Rotterdam'\), got \(\)"):
        given(questions(), write(tmp_path / "x.jsonl", lines))
    lines[0]["context"] = "Other."
    with pytest.raises(DataError, match=r"line 1: .* expected this number of answers: 2, got 0"):
        given(questions(), write(tmp_path / "x.jsonl", lines))
    lines[0]["id"] = "q"
    with pytest.raises(DataError, match=r"line 1: .* expected the id '0', got 'q'"):
        given(questions(), write(tmp_path / "x.jsonl", lines))


@pytest.mark.parametrize("options", [{"severities": [0.5]}, {"per_operator": True}])
def test_severities_and_operators_of_nothing(options):
    with pytest.raises(UserError, match="are those of a recipe; name one to attack with"):
        plan_attackers([], **options)


def test_draws_are_those_of_a_recipe(tmp_path):
    path = write(tmp_path / "attacked.jsonl", [{"text": "a", "label": "b"}])
    with pytest.raises(UserError, match="several draws are those of a recipe"):
        plan_attackers([path], draws=3)
    with pytest.raises(UserError, match="`draws` must be at least 1, got 0"):
        plan_attackers(["drop"], draws=0)


@pytest.mark.parametrize("options", [{"seed": 7}, {"language": "de"}, {"protect_patterns": ["x"]}])
def test_what_no_attack_takes(tmp_path, options):
    ready = [write(tmp_path / "attacked.jsonl", records()), Attack.load("drop")]
    (name,) = options
    for attacks in ([], ready):
        with pytest.raises(UserError, match=f"no recipe or search is named that would take `{name}`; leave that out"):
            plan_attackers(attacks, **options)
    for named in ("charbert", "worst:charbert:greedy:1"):
        plan_attackers([*ready, named], **options)


def test_an_edit_log_of_other_data(tmp_path):
    attack = Attack.load("drop")
    made = []
    for name, rows in (("clean", records()), ("other", records(r0={"text": "quite another text"}))):
        opened = open_source(write(tmp_path / f"{name}.jsonl", rows), DataOptions(task=reviews().task.name))
        path = tmp_path / f"{name}-attacked.jsonl"
        log = tmp_path / f"{name}-attacked.edits.jsonl"
        attack_file(opened.format, opened.task, attack, output=path, sink=opened.format, edits=log)
        made.append((path, log))
    (path, log), (_, other) = made
    given(reviews(), path)
    other.replace(log)
    with pytest.raises(
        DataError, match=r"is not the edit log of these data: in record 0 it has '.*' where the text has"
    ):
        given(reviews(), path)
