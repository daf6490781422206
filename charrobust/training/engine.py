"""The library's Trainer, with our data order and records: what pre-training and fine-tuning share."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch.utils.data import Sampler, SequentialSampler
from transformers import (
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from charrobust.errors import UserError
from charrobust.progress import Progress
from charrobust.systems.devices import device_of
from charrobust.systems.precision import in_bfloat16
from charrobust.training.interruptions import Stop
from charrobust.training.manifest import METRICS, drop_metrics
from charrobust.training.meter import Meter
from charrobust.training.run import Run

T = TypeVar("T", bound="MeteredTrainer")


def make_arguments(
    output: Path, launch: str, *, precision: str, device: str | None = None, **options: Any
) -> TrainingArguments:
    """Return arguments of the Trainer; on a machine without a GPU it runs on the CPU.

    Args:
        output: Folder of the run.
        launch: How several GPUs are to be used, if they can be.
        precision: ``float32`` or ``bfloat16``, see :func:`.in_bfloat16`.
        device: Where it trains, see :func:`.device_of`; None for a GPU where there is one.
        options: Further arguments.

    Returns:
        The arguments.

    Raises:
        UserError: The device is not there, cannot compute in the precision asked for, or is not the first that the
            process sees; or several GPUs are seen by one process.
    """
    chosen = device_of(device)
    if chosen.index:
        raise UserError(
            f"training takes the first GPU that it sees, and `device` is {device!r}; show it that one alone: "
            f"CUDA_VISIBLE_DEVICES={chosen.index} before the command, without `device`"
        )
    on_gpu = chosen.type == "cuda"
    try:
        made = TrainingArguments(
            output_dir=str(output),
            use_cpu=chosen.type == "cpu",
            bf16=in_bfloat16(precision, chosen),
            dataloader_pin_memory=on_gpu,
            # The filter would put a mean in the place of a loss that is not finite, which `log` below refuses.
            logging_nan_inf_filter=False,
            eval_strategy="steps",
            disable_tqdm=True,
            # Items hold more than a model's arguments, which the Trainer would drop.
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


class MeteredTrainer(Trainer):
    """Reads its data in order, and logs what the meter says."""

    # `compute_loss` returns the mean of its batch: the Trainer is still to divide it by the passes of an update.
    loss_is_scaled_for_ga = False

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.meter = Meter()
        super().__init__(*arguments, **named)

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        dataset: Any = self.train_dataset if train_dataset is None else train_dataset
        # The data sets are random by themselves, place by place: a resumed run skips places without drawing anything.
        return SequentialSampler(dataset)

    def get_batch_samples(self, *arguments: Any, **named: Any) -> Any:
        """Fetch the batches of a step, and take the time."""
        # The library fetches all batches of an update here, before its first pass: no other call waits for workers.
        with self.meter.waiting():
            return super().get_batch_samples(*arguments, **named)

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Log metrics, those of the meter among them; the library's summary at the end is left out.

        Args:
            logs: The metrics by name.
            start_time: When training began, for the library's rates.

        Raises:
            UserError: The loss is not finite.
        """
        if "train_runtime" in logs:
            return
        # Evaluations are logged as well, by names with `eval_` in front; the meter is read with the loss alone.
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


def train_to_end(run: Run, build: Callable[[Recorder], T]) -> T:
    """Train a model from the beginning or a checkpoint on, to its end or until a signal asks for one.

    Args:
        run: The run.
        build: Returns the trainer, with the recorder among its callbacks.

    Returns:
        The trainer.
    """
    with Stop() as stop:
        trainer = build(Recorder(run.output, run.progress, stop))
        trainer.remove_callback(PrinterCallback)  # it prints each log entry, which the recorder writes
        trainer.train(resume_from_checkpoint=None if run.checkpoint is None else str(run.checkpoint))
    return trainer


class Recorder(TrainerCallback):
    """Writes metrics to a file, tells progress, and ends the run with a checkpoint when a signal asks for it."""

    def __init__(self, output: Path, progress: Progress, stop: Stop) -> None:
        self._path, self._progress, self._stop = output / METRICS, progress, stop
        self._newest: dict[str, float] = {}

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Take over changed intervals, and drop what was recorded after the checkpoint."""
        # A checkpoint brings the intervals of the run that wrote it along, in place of those of the arguments.
        state.compute_steps(args, state.max_steps)  # type: ignore[no-untyped-call]
        if state.is_world_process_zero:
            drop_metrics(self._path.parent, behind=state.global_step)

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
        """Tell progress, and see whether to stop."""
        self._progress("training", state.global_step, state.max_steps, self._newest)
        # Asked after every step, in every process: all must take part in the reduction, and all must stop at one step.
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
