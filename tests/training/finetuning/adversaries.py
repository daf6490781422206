"""Adversaries of tiny models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from charrobust.datasets import DataSet
from charrobust.perturb import Attack, load_recipe
from charrobust.systems.loading import load_tokenizer
from charrobust.systems.predictor import Predictor, Settings
from charrobust.tasks.windows.batching import Padding
from charrobust.tasks.windows.windower import Windower
from charrobust.training.finetuning.adversary import Adversary, asking
from charrobust.training.finetuning.due_batches import DueBatches
from charrobust.training.finetuning.models import build_model
from charrobust.training.finetuning.training_batches import Material, TrainingBatches
from tests.training.tasks import data, data_of


def adversary_of(given: DataSet, **changes: Any) -> Adversary:
    """Return an adversary that searches at random."""
    recipe = changes.pop("recipe", "charbert")
    options = {"search": "random", "edits": 1, "budget": 8, "share": 0.5, "seed": 1} | changes
    return Adversary(given, Attack(load_recipe(recipe), 1), **options)


def read_data(backbone: Path, task: str) -> tuple[Predictor, DataSet]:
    """Return a random model, in the mode in which it is trained, and data that it has right, so that all is searched."""
    given = data(task)[0]
    predictor = predictor_of(backbone, given)
    with asking(predictor.model):
        said = predictor.predict(given.examples)
    if task == "qa":
        said = [(answer,) if answer else () for answer in said]
    examples = [replace(example, target=target) for example, target in zip(given.examples, said, strict=True)]
    return predictor, replace(data_of("read", task, examples), label_names=given.classes)


def predictor_of(backbone: Path, given: DataSet) -> Predictor:
    """Return a random model of the task of some data; it is in the mode in which it is trained."""
    # Its head is drawn.
    torch.manual_seed(3)
    task, labels = type(given.task), given.classes
    model, _ = build_model(str(backbone), "finetuned", task, labels)
    settings = Settings(task, task.head_class()(labels=labels), max_length=64, stride=8)
    return Predictor(model.train(), load_tokenizer(str(backbone)), settings)


def due_batches(backbone: Path, task: str, *, consistent: bool = False, **changes: Any) -> DueBatches:
    """Return the batches of two epochs."""
    predictor, given = read_data(backbone, task)
    adversary = adversary_of(given, **changes)
    windower = Windower(predictor.tokenizer, 64, 8, segments=False)
    material = Material(given.examples, windower, predictor.settings.head, consistent=consistent, adversary=adversary)
    padding = Padding.of(predictor.tokenizer)
    return DueBatches(
        TrainingBatches(material, padding, batch_size=8, epochs=2, seed=1), adversary, predictor.model, predictor
    )
