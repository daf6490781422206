"""Adversaries of tiny models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from charrobust.datasets import DataSet
from charrobust.perturb import Attack, load_recipe
from charrobust.systems.loading import load_tokenizer
from charrobust.systems.predictor import Predictor, Settings
from charrobust.tasks.windows.batching import Padding
from charrobust.tasks.windows.windower import Windower
from charrobust.training.finetuning.adversary import Adversary
from charrobust.training.finetuning.due_batches import DueBatches
from charrobust.training.finetuning.models import build_model
from charrobust.training.finetuning.training_batches import Material, TrainingBatches


def adversary_of(data: DataSet, **changes: Any) -> Adversary:
    """Return an adversary that searches at random."""
    recipe = changes.pop("recipe", "charbert")
    options = {"search": "random", "edits": 1, "budget": 8, "share": 0.5, "seed": 1} | changes
    return Adversary(data, Attack(load_recipe(recipe), 1), **options)


def predictor_of(backbone: Path, data: DataSet) -> Predictor:
    """Return a random model of the task of some data; it is in the mode in which it is trained."""
    task, labels = type(data.task), data.classes
    model, _ = build_model(str(backbone), "finetuned", task, labels)
    settings = Settings(task, task.head_class()(labels=labels), max_length=64, stride=8)
    return Predictor(model.train(), load_tokenizer(str(backbone)), settings)


def due_batches(backbone: Path, data: DataSet, *, consistent: bool = False, **changes: Any) -> DueBatches:
    """Return the batches of two epochs."""
    predictor, adversary = predictor_of(backbone, data), adversary_of(data, **changes)
    windower = Windower(predictor.tokenizer, 64, 8, segments=False)
    material = Material(
        data.examples, windower, predictor.settings.head, consistent=consistent, adversary=adversary
    )
    padding = Padding.of(predictor.tokenizer)
    return DueBatches(TrainingBatches(material, padding, batch_size=8, epochs=2, seed=1), adversary, predictor)
