"""The library's Trainer with the losses, data order and measures of pre-training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from transformers import TrainingArguments

from charrobust.training.engine import MeteredTrainer, make_arguments
from charrobust.training.pretraining.configuration import Configuration
from charrobust.training.pretraining.evaluation import Evaluation
from charrobust.training.pretraining.objective import Objective


def training_arguments(configuration: Configuration, output: Path, device: str | None = None) -> TrainingArguments:
    """Return the arguments of the Trainer for a pre-training run.

    Args:
        configuration: The run.
        output: Its folder.
        device: Where it trains; None for a GPU where there is one.

    Returns:
        The arguments.

    Raises:
        UserError: As :func:`make_arguments`.
    """
    training = configuration.training
    return make_arguments(
        output,
        "start with torchrun --nproc-per-node {} -m charrobust pretrain ..., or ",
        device=device,
        max_steps=training.steps,
        per_device_train_batch_size=training.batch_size,
        gradient_accumulation_steps=training.accumulation,
        learning_rate=training.learning_rate,
        warmup_steps=training.warmup,
        weight_decay=training.weight_decay,
        precision=training.precision,
        torch_compile=training.compile,
        seed=training.seed,
        dataloader_num_workers=training.workers,
        logging_steps=training.log_every,
        eval_steps=training.evaluate_every,
        save_steps=training.save_every,
        # Two, as the newer one may be cut short by a crash.
        save_total_limit=2,
        report_to=["tensorboard"] if training.tensorboard else [],
        ddp_timeout=24 * 3600,  # processes wait while the first one packs the corpus
    )


class PretrainingTrainer(MeteredTrainer):
    """Computes the loss of pre-training, and evaluates as we do."""

    def __init__(
        self, *arguments: Any, objective: Objective, measure: Callable[[Any], Evaluation], **named: Any
    ) -> None:
        self.newest_evaluation: Evaluation | None = None
        self._measure = measure
        super().__init__(*arguments, **named)
        # The Trainer casts the model's own call; the teacher is called beside it and needs the same context.
        self._objective = replace(objective, precision=self.accelerator.autocast)

    def compute_loss(self, model: Any, inputs: Any, *_: Any, **__: Any) -> Any:
        """Return the weighted loss of a batch."""
        # In each step, as the Trainer sets the whole model to training before it.
        _still(self.model)
        losses = self._objective(model, inputs)
        self.meter.add(losses)
        return losses.total

    def measure(self) -> Evaluation:
        """Measure the model on held-out blocks."""
        with self.meter.paused():
            self.newest_evaluation = self._measure(self.model)
        return self.newest_evaluation

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Measure the model, and log what is found."""
        metrics = {}
        for name, value in asdict(self.measure()).items():
            if value is not None:
                # By this prefix the Trainer's callbacks know evaluations.
                metrics[f"eval_{name}"] = value
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


def _still(model: Any) -> None:
    """Let a frozen backbone run without dropout."""
    backbone = getattr(getattr(model, "charbert", None), "backbone", None)
    # One weight tells for all, as a backbone is frozen whole or not at all.
    if backbone is not None and backbone.training and not next(backbone.parameters()).requires_grad:
        backbone.eval()
