"""A fine-tuning run: from examples to a model for a task, with all that tells how it came about."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from transformers import PrinterCallback, set_seed

from charrobust.datasets.dataset import DataSet
from charrobust.environment import package_versions
from charrobust.errors import UserError
from charrobust.perturb import load_recipe
from charrobust.progress import Progress, no_progress
from charrobust.systems.loading import has_segments, length_limit, load_tokenizer, place_of
from charrobust.systems.predictor import SETTINGS, Settings
from charrobust.tasks.base import Task
from charrobust.tasks.head import TaskHead
from charrobust.tasks.windows.batching import Padding
from charrobust.tasks.windows.windower import Windower
from charrobust.training.checkpoints import last_whole_checkpoint
from charrobust.training.engine import Recorder
from charrobust.training.finetuning.augmentation import Noise
from charrobust.training.finetuning.card import finetuning_card
from charrobust.training.finetuning.checks import checked_labels, digest_of
from charrobust.training.finetuning.losses import TaskLoss
from charrobust.training.finetuning.models import build_model, freeze
from charrobust.training.finetuning.resumption import check_same, has_ended
from charrobust.training.finetuning.settings import FinetuningConfiguration
from charrobust.training.finetuning.trainer import (
    BEST,
    FinetuningTrainer,
    Measure,
    best_of,
    evaluations,
    finetuning_arguments,
    is_over,
)
from charrobust.training.finetuning.training_batches import Material, TrainingBatches
from charrobust.training.interruptions import Interrupted, Stop, memory_advice
from charrobust.training.manifest import (
    METRICS,
    claim,
    recipe_digest,
    write_manifest,
)

_EARLY = {SETTINGS, METRICS, BEST}


@dataclass(frozen=True)
class Finetuned:
    """What a run with one seed yields.

    Attributes:
        output: Folder of the model.
        seed: The seed.
        steps: Steps done, those before a resumption among them.
        measured: Metrics on the evaluation data, the main one first.
    """

    output: Path
    seed: int
    steps: int
    measured: Mapping[str, float]


def finetune(
    configuration: FinetuningConfiguration,
    train: DataSet,
    evaluation: DataSet,
    output: str | Path,
    *,
    seed: int = 1,
    resume: bool = False,
    keep_checkpoints: bool = False,
    progress: Progress = no_progress,
) -> Finetuned:
    """Fine-tune a model, and write it with all that tells how it came about.

    ``output`` then holds the model and its tokenizer, ``README.md`` (a model card), ``finetuning.json`` (settings,
    versions, measures) and ``metrics.jsonl``.

    Args:
        configuration: What the run is made of.
        train: What is trained on; tells the task.
        evaluation: What is measured on.
        output: Folder to write.
        seed: Seed of new weights, order and noise.
        resume: Whether to go on from the last whole checkpoint there, exactly as if there had been no end; a run that
            is finished stays.
        keep_checkpoints: Whether the last checkpoint is kept once the run is finished.
        progress: See :data:`charrobust.progress.Progress`.

    Raises:
        UserError: Something given does not serve: data, folder, model, options, memory; or, on resumption, the
            configuration or the data differ from those of the run.
        Interrupted: A signal ended the run.
    """
    output = Path(output)
    labels = checked_labels(train, evaluation)
    if configuration.noise.consistency:
        train.task.check_comparable()
    run = _Run(configuration, train, evaluation, output=output, seed=seed, labels=labels, progress=progress)
    record = run.record()
    if resume:
        record = check_same(output, record)
        if "measured" in record:
            return Finetuned(output, seed, record["steps"], record["measured"])
    set_seed(seed)
    tokenizer = load_tokenizer(configuration.model)
    model = build_model(configuration.model, configuration.use, type(train.task), labels)
    freeze(model, configuration.training.freeze)
    settings = run.settings(model, tokenizer)
    settings.head.check_tokenizer(train.task.name, tokenizer)
    windower = Windower(tokenizer, settings.max_length, settings.stride, has_segments(model))
    batches = run.batches(windower, settings)
    record |= settings.as_record()
    if resume:
        write_manifest(output, record, SETTINGS)
    else:
        claim(output, record, SETTINGS, early=_EARLY)
    training = configuration.training
    smaller = f"`reading.max_length` than {settings.max_length}"
    with memory_advice(
        training.batch_size, training.accumulation, what=f"windows of {settings.max_length} tokens", smaller=smaller
    ):
        done = run.train(model, batches, settings, resume=resume)
    _finish(output, tokenizer, record | done)
    if not keep_checkpoints:
        for checkpoint in output.glob("checkpoint-*"):
            shutil.rmtree(checkpoint)
    return Finetuned(output, seed, done["steps"], done["measured"])


@dataclass(frozen=True)
class _Run:
    """What :func:`finetune` was given."""

    configuration: FinetuningConfiguration
    train_data: DataSet
    evaluation: DataSet
    output: Path
    seed: int
    labels: Sequence[str]
    progress: Progress

    @property
    def task(self) -> Task:
        """The task."""
        return self.train_data.task

    def record(self) -> dict[str, Any]:
        """Return what is written about the run when it begins."""
        configuration, both = self.configuration, {"train": self.train_data, "eval": self.evaluation}
        recipe = configuration.noise.recipe
        noise = {"noise": recipe_digest(load_recipe(recipe))} if recipe else {}
        return {
            "task": self.task.name,
            "columns": asdict(self.task),  # type: ignore[call-overload]
            "encoder": configuration.model,
            "use": configuration.use,
            "defences": configuration.defences,
            "data": {name: data.name for name, data in both.items()},
            "examples": {name: len(data.examples) for name, data in both.items()},
            "digests": {name: digest_of(data.examples) for name, data in both.items()} | noise,
            "seed": self.seed,
            "learning_rate": configuration.learning_rate,
            "configuration": asdict(configuration),
            "versions": package_versions(),
        }

    def settings(self, model: Any, tokenizer: Any) -> Settings:
        """Return how the model is asked, in training as later.

        Raises:
            UserError: It does not read windows that long.
        """
        reading, head = self.configuration.reading, type(self.task).head_class()
        limit = length_limit(model, tokenizer)
        if reading.max_length is not None and reading.max_length > limit:
            raise UserError(
                f"[reading] max_length is {reading.max_length}, but {self.configuration.model} reads windows of "
                f"{limit} tokens at most; give a smaller one"
            )
        return Settings(
            type(self.task),
            head(labels=tuple(self.labels), **self._head_options(head)),
            max_length=min(reading.max_length or head.max_length, limit),
            stride=head.stride if reading.stride is None else reading.stride,
            texts=len(getattr(self.task, "texts", ())) or None,
        )

    def _head_options(self, head: type[TaskHead]) -> dict[str, Any]:
        """Return the options of the task's head: what the data tell, and what the configuration says."""
        known = head.options()
        beside = head.options_beside(Path(place_of(self.configuration.model)))
        given = asdict(self.configuration.reading) | beside | self.task.head_options(self.train_data.examples)
        return {name: value for name, value in given.items() if name in known}

    def batches(self, windower: Windower, settings: Settings) -> TrainingBatches:
        """Return the batches of the run."""
        noise, training = self.configuration.noise, self.configuration.training
        added = Noise(load_recipe(noise.recipe), noise.share, self.seed, self.task) if noise.recipe else None
        material = Material(
            self.train_data.examples, windower, settings.head, noise=added, consistent=noise.consistency > 0
        )
        padding = Padding.of(windower.tokenizer)
        return TrainingBatches(
            material, padding, batch_size=training.batch_size, epochs=training.epochs, seed=self.seed
        )

    def train(self, model: Any, batches: TrainingBatches, settings: Settings, *, resume: bool) -> dict[str, Any]:
        """Train a model and write the one that is kept; return the steps done and what was measured."""
        configuration, windower = self.configuration, batches.material.windower
        measure = Measure(
            self.evaluation,
            settings.head.windows(windower, self.evaluation.examples),
            tokenizer=windower.tokenizer,
            settings=settings,
            batch_size=max(32, configuration.training.batch_size),
        )
        arguments = finetuning_arguments(configuration, self.output, seed=self.seed, per_epoch=batches.per_epoch)
        checkpoint = last_whole_checkpoint(self.output) if resume else None
        with Stop() as stop:
            trainer = FinetuningTrainer(
                model,
                arguments,
                data_collator=_only,
                train_dataset=batches,
                eval_dataset=self.evaluation.examples,
                callbacks=[Recorder(self.output, self.progress, stop)],
                loss=TaskLoss(settings.head, configuration.noise.consistency),
                measure=measure,
                patience=configuration.training.patience,
                keep_best=configuration.training.keep == "best",
            )
            trainer.remove_callback(PrinterCallback)
            if checkpoint is None or not has_ended(checkpoint, configuration):
                trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
            else:
                trainer.state = trainer.state.load_from_json(str(checkpoint / "trainer_state.json"))
        found = evaluations(trainer.state.log_history)
        ended = trainer.state.global_step >= trainer.state.max_steps or is_over(found, configuration.training.patience)
        if not ended:
            state = trainer.state
            raise Interrupted(state.global_step, state.max_steps, self.output)
        return self._kept(trainer, found)

    def _kept(self, trainer: FinetuningTrainer, found: list[dict[str, float]]) -> dict[str, Any]:
        """Put the model that is kept in its place; return the steps done and what was measured of it."""
        if not found or found[-1]["step"] != trainer.state.global_step:
            trainer.evaluate()
            found = evaluations(trainer.state.log_history)
        chosen = found[best_of(found)] if self.configuration.training.keep == "best" else found[-1]
        if self.configuration.training.keep == "best":
            _move_up(self.output / BEST)
        else:
            trainer.save_model(str(self.output))
        measured = {name: value for name, value in chosen.items() if name != "step"}
        return {"steps": trainer.state.global_step, "kept_step": chosen["step"], "measured": measured}


def _move_up(folder: Path) -> None:
    """Move what a folder holds to the one above it; done already where there is none."""
    if folder.is_dir():
        for path in folder.iterdir():
            path.replace(folder.parent / path.name)
        folder.rmdir()


def _only(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the one item of a list: the data are batches already."""
    return items[0]


def _finish(output: Path, tokenizer: Any, record: dict[str, Any]) -> None:
    """Write what stands beside the weights."""
    (output / "training_args.bin").unlink(missing_ok=True)  # a pickle, and all that is in it is in the record
    tokenizer.save_pretrained(output)
    (output / "README.md").write_text(finetuning_card(output.resolve().name, record), encoding="utf-8")
    write_manifest(output, record, SETTINGS)
