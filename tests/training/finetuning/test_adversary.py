"""Adversarial training: what is trained on, when it is searched, and what is said of it."""

import json

import pytest
import torch

from charrobust.training.finetuning.adversary import asking
from charrobust.training.finetuning.finetune import finetune
from charrobust.training.finetuning.settings import parse_finetuning
from charrobust.training.interruptions import Interrupted
from tests.models.families import rest_at_night
from tests.training.finetuning.adversaries import adversary_of, due_batches, read_data
from tests.training.runs import interrupting, same_weights
from tests.training.tasks import TASKS, data, entries, small


@pytest.mark.parametrize("task", TASKS)
def test_forms_are_worse_than_the_clean_ones(backbone, task):
    predictor, given = read_data(backbone, task)
    with asking(predictor.model):
        worse = adversary_of(given).worse(predictor, list(range(20)), 3)
        clean = [given.examples[number] for number in worse.forms]
        forms = list(worse.forms.values())
        before, after = (predictor.judge(some).margins for some in (clean, forms))
    assert len(forms) >= 3
    assert worse.lost <= worse.searched <= 20
    assert (after < before).all()
    assert [form.target for form in forms] == [example.target for example in clean] or task == "qa"
    assert all(form.texts != example.texts for form, example in zip(forms, clean, strict=True))


def test_another_moment_draws_otherwise(backbone):
    predictor, given = read_data(backbone, "classification")
    adversary = adversary_of(given, budget=2)
    with asking(predictor.model):
        first, again, other = (adversary.worse(predictor, list(range(12)), moment).forms for moment in (0, 0, 1))
    assert first == again != other


def test_answers_stay_where_they_are_found(backbone):
    predictor, given = read_data(backbone, "qa")
    with asking(predictor.model):
        forms = adversary_of(given, edits=3).worse(predictor, list(range(40)), 0).forms
    assert any(form.spans for form in forms.values())
    for form in forms.values():
        assert [form.texts[1][start:end] for start, end in form.spans] == list(form.target)


@pytest.mark.parametrize("task", TASKS)
def test_a_batch_holds_the_forms_that_were_found(backbone, task):
    due = due_batches(backbone, task)
    items = due.batches.items(2)
    numbers = sorted(item.searched[0] for item in items if item.searched)
    with asking(due.model):
        worse = due.adversary.worse(due.system, numbers, 2)
    assert 0 < len(worse.forms) <= len(numbers) < len(items)
    made = due.made(due[2])
    for item, row, mask in zip(items, made["input_ids"], made["attention_mask"], strict=True):
        is_clean = row[mask.bool()].tolist() == list(item.window.ids)
        assert is_clean == (item.searched is None or item.searched[0] not in worse.forms)
    assert (int(made["searched"]), int(made["lost"])) == (worse.searched, worse.lost)
    labels = due.batches.tensors(items)["labels"]
    assert len(made["labels"]) == len(labels)
    if labels.dim() == 1:
        assert made["labels"].equal(labels)


@pytest.mark.parametrize("search", ["random", "greedy"])
def test_a_search_leaves_the_model_and_random_numbers_as_they_are(backbone, search):
    due = due_batches(backbone, "classification", search=search)
    model = due.model
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    due.made(due[0])
    assert model.training
    assert torch.get_rng_state().equal(state)
    assert all(value.equal(weights[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_batch_is_searched_against_the_weights_of_its_time(backbone):
    due = due_batches(backbone, "classification", share=1.0)
    first = due[0]
    before = due.made(first)["input_ids"]
    for parameter in due.model.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    assert due.made(first)["input_ids"].tolist() != before.tolist()


def test_worse_forms_come_with_their_clean_ones(backbone):
    due = due_batches(backbone, "classification", consistent=True)
    items = due.batches.items(1)
    made = due.made(due[1])
    assert len(made["pairs"]) > 0
    for worse, clean in made["pairs"].tolist():
        ids = made["input_ids"][clean][made["attention_mask"][clean].bool()]
        assert ids.tolist() == list(items[worse].window.ids)


def test_another_share_of_the_examples_in_each_epoch():
    adversary = adversary_of(data("classification")[0], share=0.25)
    first, other = adversary.drawn(4000, 0), adversary.drawn(4000, 1)
    assert first == adversary.drawn(4000, 0) != other
    assert 850 < len(first) < 1150


@pytest.mark.parametrize("task", rest_at_night(TASKS))
def test_resumption_is_exact(backbone, tmp_path, task):
    options = {"noise__recipe": "charbert", "noise__share": 0.3, "noise__consistency": 0.5, "training__accumulation": 2}
    configuration = small(backbone, adversarial__search="greedy:1", adversarial__budget=4, **options)
    given = data(task, 24)
    whole = finetune(configuration, *given, output=tmp_path / "whole", seed=4)
    with pytest.raises(Interrupted, match="after step 1 of 3"):
        finetune(configuration, *given, output=tmp_path / "parts", seed=4, progress=interrupting(1))
    done = finetune(configuration, *given, output=tmp_path / "parts", seed=4, resume=True)
    assert done.measured == whole.measured
    assert same_weights(tmp_path / "whole", tmp_path / "parts")
    found = [[entry["adversarial_success"] for entry in entries(tmp_path / name)] for name in ("whole", "parts")]
    assert found[0] == found[1]


def test_what_is_written(backbone, tmp_path):
    output = tmp_path / "out"
    options = {"adversarial__search": "random:2", "adversarial__budget": 2, "training__epochs": 1}
    finetune(small(backbone, **options), *data("classification", 16), output=output)
    record = json.loads((output / "finetuning.json").read_text(encoding="utf-8"))
    said = "adversarial training (charbert, random search, edits: 2, queries: 2, 0.5 of the examples)"
    assert record["defences"] == [said]
    assert set(record["digests"]) == {"train", "eval", "adversarial"}
    assert said in (output / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("named", "noise", "recipe"),
    [
        ("greedy:1", "", "charbert"),
        ("greedy:1", "typing", "typing"),
        ("charbert:de:beam:2", "typing", "charbert:de"),
    ],
)
def test_the_recipe_of_a_search(named, noise, recipe):
    changes = {"adversarial.search": named, "noise.recipe": noise, "noise.share": 0.0}
    configuration = parse_finetuning({}, changes)
    assert configuration.adversarial_recipe == recipe
    assert configuration.defences[0].startswith(f"adversarial training ({recipe}, ")
    assert parse_finetuning({}, changes | {"adversarial.share": 0.0}).defences == []
