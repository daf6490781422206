"""What follows from a fine-tuning run's configuration and data: how the model is asked, its batches, its manifest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from charrobust.datasets.dataset import DataSet
from charrobust.environment import package_versions
from charrobust.errors import UserError
from charrobust.perturb import Attack, load_recipe
from charrobust.systems.loading import length_limit, place_of
from charrobust.systems.predictor import Settings
from charrobust.tasks.base import Task
from charrobust.tasks.head import TaskHead
from charrobust.tasks.windows.batching import Padding
from charrobust.tasks.windows.windower import Windower
from charrobust.training.finetuning.adversary import Adversary
from charrobust.training.finetuning.augmentation import Noise
from charrobust.training.finetuning.behind import Behind
from charrobust.training.finetuning.checks import digest_of
from charrobust.training.finetuning.settings import FinetuningConfiguration
from charrobust.training.finetuning.training_batches import Material, TrainingBatches
from charrobust.training.manifest import recipe_digest


@dataclass(frozen=True)
class Plan:
    """A fine-tuning run with one seed, before anything is loaded.

    Attributes:
        configuration: What the run is made of.
        train: What is trained on; tells the task.
        evaluation: What is measured on.
        labels: Names of the classes or tags that are learnt.
        behind: The defences through which texts are read.
        seed: The seed.
    """

    configuration: FinetuningConfiguration
    train: DataSet
    evaluation: DataSet
    labels: Sequence[str]
    behind: Behind
    seed: int

    @property
    def task(self) -> Task:
        """The task."""
        return self.train.task

    def manifest(self) -> dict[str, Any]:
        """Return what is written about the run when it begins."""
        configuration, recipe = self.configuration, self.configuration.noise.recipe
        digests = {"train": digest_of(self.train.examples), "eval": digest_of(self.evaluation.examples)}
        if self.behind.digest:
            digests["behind"] = self.behind.digest
        if recipe:
            digests["noise"] = recipe_digest(load_recipe(recipe))
        if configuration.adversarial_recipe:
            digests["adversarial"] = recipe_digest(load_recipe(configuration.adversarial_recipe))
        return {
            "task": self.task.name,
            "columns": asdict(self.task),
            "encoder": configuration.model,
            "use": configuration.use,
            "defences": configuration.defences,
            "data": {"train": self.train.name, "eval": self.evaluation.name},
            "examples": {"train": len(self.train), "eval": len(self.evaluation)},
            "digests": digests,
            "seed": self.seed,
            "learning_rate": configuration.learning_rate,
            "configuration": asdict(configuration),
            "versions": package_versions(),
        }

    def settings(self, model: Any, tokenizer: Any) -> Settings:
        """Return how the model is asked, in training as later.

        Args:
            model: A model of the transformers library with the head of the task.
            tokenizer: Its tokenizer.

        Returns:
            How it is asked.

        Raises:
            UserError: It does not read windows that long, or its tokenizer does not serve the task.
        """
        reading, head = self.configuration.reading, type(self.task).head_class()
        limit = length_limit(model, tokenizer)
        if reading.max_length is not None and reading.max_length > limit:
            raise UserError(
                f"[reading] max_length is {reading.max_length}, but {self.configuration.model} reads windows of "
                f"{limit} tokens at most; give a smaller one"
            )
        settings = Settings(
            type(self.task),
            head(labels=tuple(self.labels), **self._head_options(head)),
            max_length=min(reading.max_length or head.max_length, limit),
            stride=head.stride if reading.stride is None else reading.stride,
            texts=len(getattr(self.task, "texts", ())) or None,
        )
        settings.head.check_tokenizer(self.task.name, tokenizer)
        return settings

    def _head_options(self, head: type[TaskHead]) -> dict[str, Any]:
        """Return the options of the task's head: what the data tell, and what the configuration says."""
        beside = head.options_beside(Path(place_of(self.configuration.model)))
        # Later ones win: files beside the model over the configuration, and what the data tell over both.
        given = asdict(self.configuration.reading) | beside | self.task.head_options(self.train.examples)
        return {name: value for name, value in given.items() if name in head.options()}

    def batches(self, windower: Windower, settings: Settings) -> TrainingBatches:
        """Return the batches of the run."""
        noise, training = self.configuration.noise, self.configuration.training
        added = Noise(load_recipe(noise.recipe), noise.share, self.seed, self.task) if noise.recipe else None
        consistent = noise.consistency > 0
        material = Material(
            self.train.examples,
            windower,
            settings.head,
            noise=added,
            consistent=consistent,
            adversary=self._adversary(),
            behind=self.behind,
        )
        padding = Padding.of(windower.tokenizer)
        return TrainingBatches(
            material, padding, batch_size=training.batch_size, epochs=training.epochs, seed=self.seed
        )

    def _adversary(self) -> Adversary | None:
        """Return what looks for worse forms of training examples, if anything does."""
        adversarial = self.configuration.adversarial
        if not adversarial.is_done:
            return None
        _, search, edits = adversarial.parts
        return Adversary(
            self.train,
            Attack(load_recipe(self.configuration.adversarial_recipe), self.seed),
            search,
            edits=edits,
            budget=adversarial.budget,
            share=adversarial.share,
            seed=self.seed,
        )
