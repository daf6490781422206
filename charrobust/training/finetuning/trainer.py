"""The library's Trainer on batches of examples: our losses and metrics, early stopping, the best model kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import TrainingArguments

from charrobust.datasets.dataset import DataSet
from charrobust.errors import UserError
from charrobust.systems.predictor import Predictor, Settings
from charrobust.tasks.metrics import score
from charrobust.tasks.windows.windower import Window
from charrobust.training.engine import MeteredTrainer, make_arguments
from charrobust.training.finetuning.adversary import asking
from charrobust.training.finetuning.losses import TaskLoss
from charrobust.training.finetuning.settings import FinetuningConfiguration

BEST = "best"  # folder of the best model so far


def finetuning_arguments(
    configuration: FinetuningConfiguration, output: Path, *, seed: int, per_epoch: int, device: str | None = None
) -> TrainingArguments:
    """Return the arguments of the Trainer for a fine-tuning run.

    Args:
        configuration: The run.
        output: Its folder.
        seed: Its seed.
        per_epoch: Batches of an epoch.
        device: Where it trains; None for a GPU where there is one.

    Returns:
        The arguments.

    Raises:
        UserError: The device cannot compute in the precision asked for, or there are several GPUs or processes.
    """
    training = configuration.training
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise UserError("fine-tuning runs in one process; start it without torchrun, one seed a GPU")
    steps = -(-training.epochs * per_epoch // training.accumulation)  # the whole run is one pass over its batches
    # Steps of an epoch, rounded down; the end of the run is measured in any case.
    of_epoch = max(1, steps // training.epochs)
    return make_arguments(
        output,
        "",
        device=device,
        max_steps=steps,
        per_device_train_batch_size=1,  # an item of the data is a batch already
        gradient_accumulation_steps=training.accumulation,
        learning_rate=configuration.learning_rate,
        # Below 1, the library takes it for a share of the steps.
        warmup_steps=training.warmup,
        weight_decay=training.weight_decay,
        precision=training.precision,
        seed=seed,
        logging_steps=min(training.log_every, of_epoch),
        eval_steps=max(1, of_epoch // training.evaluations),
        save_steps=training.save_every or of_epoch,
        # One is enough to go on from; the best model is kept apart from checkpoints.
        save_total_limit=1,
        report_to=list(training.report_to),
    )


@dataclass(frozen=True)
class Measure:
    """Measures a model on evaluation data.

    Attributes:
        data: The evaluation data.
        windows: Their windows.
        tokenizer: The model's tokenizer.
        settings: How the model is asked.
        batch_size: Windows of a batch.
    """

    data: DataSet
    windows: Sequence[Window]
    tokenizer: Any
    settings: Settings
    batch_size: int

    def __call__(self, model: Any) -> dict[str, float]:
        """Return the metrics of a model, the main one first; it is left in the mode, training or not, it was in."""
        with asking(model):
            predictor = Predictor(model, self.tokenizer, self.settings, batch_size=self.batch_size)
            predictions = predictor.predict_windows(self.windows, self.data.examples)
        targets = [example.target for example in self.data.examples]
        metrics = self.data.task.metrics(targets, self.settings.head.labels)
        return {metric.name: score(metric, targets, predictions) for metric in metrics}


class FinetuningTrainer(MeteredTrainer):
    """Computes the losses of a task, measures as we do, keeps the best model and ends early."""

    def __init__(
        self,
        *arguments: Any,
        loss: TaskLoss,
        measure: Callable[[Any], dict[str, float]],
        patience: int,
        keep_best: bool,
        make: Callable[[Any], dict[str, Any]] | None = None,
        **named: Any,
    ) -> None:
        super().__init__(*arguments, **named)
        self._make = make
        self._loss, self._measure, self._patience, self._keep_best = loss, measure, patience, keep_best

    def get_batch_samples(self, *arguments: Any, **named: Any) -> Any:
        """Fetch the batches of a step; now, with the weights of this step, is the time to make what is made late."""
        batches, count = super().get_batch_samples(*arguments, **named)
        return (batches if self._make is None else list(map(self._make, batches))), count

    def compute_loss(self, model: Any, inputs: Any, *_: Any, **__: Any) -> Any:
        """Return the loss of a batch."""
        losses = self._loss(model, inputs)
        self.meter.add(losses)
        return losses.total

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Measure the model, log what is found, keep the model if it is the best, and see whether to end."""
        with self.meter.paused():
            metrics = {f"eval_{name}": value for name, value in self._measure(self.model).items()}
            self.log(metrics)
            # Read off the log, which checkpoints hold: a run that goes on knows all evaluations before.
            found = evaluations(self.state.log_history)
            if self._keep_best and best_of(found) == len(found) - 1:
                self.save_model(str(Path(str(self.args.output_dir)) / BEST))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        if is_over(found, self._patience):
            self.control.should_training_stop = True
        return metrics


def evaluations(history: Sequence[Mapping[str, Any]]) -> list[dict[str, float]]:
    """Return the metrics of each evaluation in a log, in order, the main one first; ``step`` is the last entry."""
    measured = []
    for entry in history:
        metrics = {name.removeprefix("eval_"): value for name, value in entry.items() if name.startswith("eval_")}
        if metrics:
            measured.append(metrics | {"step": entry["step"]})
    return measured


def best_of(found: Sequence[Mapping[str, float]]) -> int:
    """Return the number of the first evaluation with the best main metric."""
    scores = [next(iter(metrics.values())) for metrics in found]
    # The main metric stands first in every entry, and is better the higher it is.
    return scores.index(max(scores))


def is_over(found: Sequence[Mapping[str, float]], patience: int) -> bool:
    """Tell whether no evaluation was better for long enough."""
    return bool(patience and found) and len(found) - 1 - best_of(found) >= patience
