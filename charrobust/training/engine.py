"""The library's Trainer, with our data order, loss, measures and records."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Sampler, SequentialSampler
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from charrobust.errors import UserError
from charrobust.training.configuration import Configuration
from charrobust.training.evaluation import Evaluation
from charrobust.training.interruptions import Stop
from charrobust.training.objective import Losses, Objective
from charrobust.training.record import METRICS

# Called with a stage, how far it is, where it ends (0 if that is not known), and the newest metrics.
Report = Callable[[str, int, int, Mapping[str, float]], object]


def training_arguments(configuration: Configuration, output: Path) -> TrainingArguments:
    """Return the arguments of the Trainer for a pre-training run.

    Raises:
        UserError: As :func:`make_arguments`.
    """
    training = configuration.training
    return make_arguments(
        output,
        "start with torchrun --nproc-per-node {} -m charrobust pretrain ..., or ",
        max_steps=training.steps,
        per_device_train_batch_size=training.batch_size,
        gradient_accumulation_steps=training.accumulation,
        learning_rate=training.learning_rate,
        warmup_steps=training.warmup,
        weight_decay=training.weight_decay,
        bf16=training.precision == "bfloat16",
        torch_compile=training.compile,
        seed=training.seed,
        dataloader_num_workers=training.workers,
        logging_steps=training.log_every,
        eval_steps=training.evaluate_every,
        save_steps=training.save_every,
        save_total_limit=2,
        report_to=["tensorboard"] if training.tensorboard else [],
        ddp_timeout=24 * 3600,  # processes wait while the first one packs the corpus
    )


def make_arguments(output: Path, launch: str, **options: Any) -> TrainingArguments:
    """Return arguments of the Trainer; on a machine without a GPU it runs on the CPU.

    Args:
        output: Folder of the run.
        launch: How several GPUs are to be used, if they can be.
        options: Further arguments.

    Raises:
        UserError: The device cannot compute in the precision asked for, or several GPUs are seen by one process.
    """
    on_gpu = torch.cuda.is_available()
    try:
        made = TrainingArguments(
            output_dir=str(output),
            use_cpu=not on_gpu,
            dataloader_pin_memory=on_gpu,
            logging_nan_inf_filter=False,
            eval_strategy="steps",
            disable_tqdm=True,
            remove_unused_columns=False,
            **options,
        )
    except ValueError as error:
        raise UserError(f"[training] {error}") from error
    if made.n_gpu > 1:
        raise UserError(
            f"{made.n_gpu} GPUs are visible to one process; {launch.format(made.n_gpu)}show one GPU only "
            "(CUDA_VISIBLE_DEVICES=0)"
        )
    return made


class Meter:
    """What happens between two log entries. Values stay on the device until they are read."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._started, self._waited, self._passes = time.perf_counter(), 0.0, 0
        self._parts: dict[str, Tensor] = {}
        self._counts: dict[str, Tensor] = {}

    def add(self, losses: Losses) -> None:
        """Take the losses and counts of a pass."""
        self._parts = {name: self._parts.get(name, 0) + value for name, value in losses.parts.items()}
        self._counts = {name: self._counts.get(name, 0) + value for name, value in losses.counts.items()}
        self._passes += 1

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count what happens as waiting for data."""
        start = time.perf_counter()
        yield
        self._waited += time.perf_counter() - start

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Do not count the time that something takes."""
        start = time.perf_counter()
        yield
        self._started += time.perf_counter() - start

    def read(self, summed: Callable[[Tensor], Tensor]) -> dict[str, float]:
        """Return means and rates since the last call, and begin anew.

        Args:
            summed: Returns the sum of a tensor over all processes.
        """
        names = [*self._parts, *self._counts]
        values = [*self._parts.values(), *self._counts.values()]
        passes = torch.full_like(values[0], self._passes, dtype=torch.float32)
        *totals, passes = summed(torch.stack([*(value.float() for value in values), passes])).tolist()
        total = dict(zip(names, totals, strict=True))
        elapsed = max(time.perf_counter() - self._started, 1e-9)
        metrics = {name: total[name] / passes for name in self._parts}
        if "nlm_words" in total:
            metrics["nlm_accuracy"] = total["nlm_right"] / max(total["nlm_words"], 1)
            metrics["nlm_outside"] = total["nlm_outside"] / max(total["nlm_words"] + total["nlm_outside"], 1)
        for name in ("tokens", "examples"):
            if name in total:
                metrics[f"{name}_per_second"] = total[name] / elapsed
        metrics["data_wait_share"] = min(self._waited / elapsed, 1.0)
        self._begin()
        return metrics


class MeteredTrainer(Trainer):
    """Reads its data in order, and logs what the meter says."""

    loss_is_scaled_for_ga = False

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.meter = Meter()
        super().__init__(*arguments, **named)

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        dataset: Any = self.train_dataset if train_dataset is None else train_dataset
        return SequentialSampler(dataset)

    def get_batch_samples(self, *arguments: Any, **named: Any) -> Any:
        """Fetch the batches of a step, and take the time."""
        with self.meter.waiting():
            return super().get_batch_samples(*arguments, **named)

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Log metrics, those of the meter among them; the library's summary at the end is left out.

        Raises:
            UserError: The loss is not finite.
        """
        if "train_runtime" in logs:
            return
        if "loss" in logs:
            if not math.isfinite(logs["loss"]):
                raise UserError(
                    f"the loss is {logs['loss']} at step {self.state.global_step}; go on from the last checkpoint "
                    "with a lower training.learning_rate, or with training.precision = float32"
                )
            logs |= self.meter.read(lambda values: self.accelerator.reduce(values, "sum"))
        super().log(logs)

    def _save_checkpoint(self, *arguments: Any, **named: Any) -> None:
        with self.meter.paused():
            super()._save_checkpoint(*arguments, **named)


class PretrainingTrainer(MeteredTrainer):
    """Computes the loss of pre-training, and evaluates as we do."""

    def __init__(
        self, *arguments: Any, objective: Objective, measure: Callable[[Any], Evaluation], **named: Any
    ) -> None:
        self.found: Evaluation | None = None  # what was measured last
        self._measure = measure
        super().__init__(*arguments, **named)
        self._objective = replace(objective, precision=self.accelerator.autocast)

    def compute_loss(self, model: Any, inputs: Any, *_: Any, **__: Any) -> Any:
        """Return the weighted loss of a batch."""
        _still(self.model)
        losses = self._objective(model, inputs)
        self.meter.add(losses)
        return losses.total

    def measure(self) -> Evaluation:
        """Measure the model on held-out blocks."""
        with self.meter.paused():
            self.found = self._measure(self.model)
        return self.found

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Measure the model, and log what is found."""
        metrics = {f"eval_{name}": value for name, value in asdict(self.measure()).items() if value is not None}
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


def _still(model: Any) -> None:
    """Let a frozen backbone run without dropout."""
    backbone = getattr(getattr(model, "charbert", None), "backbone", None)
    if backbone is not None and backbone.training and not next(backbone.parameters()).requires_grad:
        backbone.eval()


class Recorder(TrainerCallback):
    """Writes metrics to a file, reports progress, and ends the run with a checkpoint when a signal asks for it."""

    def __init__(self, output: Path, report: Report, stop: Stop) -> None:
        self._path, self._report, self._stop = output / METRICS, report, stop
        self._newest: dict[str, float] = {}

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Take over changed intervals, and drop what was recorded after the checkpoint."""
        state.compute_steps(args, state.max_steps)  # type: ignore[no-untyped-call]
        if state.is_world_process_zero:
            lines = self._path.read_text(encoding="utf-8").splitlines(keepends=True) if self._path.exists() else []
            kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= state.global_step]
            self._path.write_text("".join(kept), encoding="utf-8")

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **given: Any,
    ) -> None:
        """Write a line, without the library's epoch: to it, the whole run is one."""
        logs = {name: value for name, value in given["logs"].items() if name != "epoch"}
        self._newest |= logs
        if state.is_world_process_zero:
            with self._path.open("a", encoding="utf-8") as handle:
                handle.write(json.dumps({"step": state.global_step, **logs}) + "\n")

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> TrainerControl:
        """Report, and see whether to stop."""
        self._report("training", state.global_step, state.max_steps, self._newest)
        if _anywhere(self._stop.requested, args.device):
            control.should_log = control.should_save = control.should_training_stop = True
        return control


def _anywhere(flag: bool, device: torch.device) -> bool:
    """Tell whether a flag is set in any process."""
    if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        return flag
    value = torch.tensor(int(flag), device=device)
    torch.distributed.all_reduce(value, torch.distributed.ReduceOp.MAX)
    return bool(value)
