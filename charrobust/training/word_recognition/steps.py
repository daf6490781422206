"""The optimisation of a word recogniser: steps, what is logged of them, and checkpoints."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from itertools import islice

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from charrobust.errors import UserError
from charrobust.files import replacing
from charrobust.models.semi_character import SemiCharacterRecogniser
from charrobust.models.weights import check_finite
from charrobust.training.interruptions import Stop
from charrobust.training.manifest import METRICS, drop_metrics
from charrobust.training.run import Run
from charrobust.training.word_recognition.data import Reading, Readings
from charrobust.training.word_recognition.sampled_softmax import SampledSoftmax
from charrobust.training.word_recognition.settings import RecogniserSettings

CHECKPOINT = "checkpoint.safetensors"
_SAVE_EVERY = 1000  # steps between checkpoints
_STEEPEST = 1.0  # longer gradients are cut to this length
_SOFTMAX = SampledSoftmax()


class Training:
    """Takes the steps of a run. Each depends on its number and what was before it alone, so that a run can go on."""

    def __init__(
        self,
        run: Run,
        settings: RecogniserSettings,
        *,
        network: SemiCharacterRecogniser,
        readings: Readings,
    ) -> None:
        self._run, self._settings, self._network, self._readings = run, settings, network, readings
        # Fused: one pass over all weights, where the output layer of many words makes the step slow.
        self._optimizer = torch.optim.Adam(network.parameters(), lr=settings.learning_rate, fused=True)
        self._step = 0
        self._meter = _Meter()

    def run(self) -> None:
        """Take all steps that are left.

        Raises:
            UserError: The checkpoint is damaged, or the loss is not finite.
            Interrupted: A signal ended the run; a checkpoint is written.
        """
        if self._run.resumes:
            self._load()
            drop_metrics(self._run.output, behind=self._step)
        steps = self._settings.steps
        with Stop() as stop:
            for reading in islice(self._readings.after(self._step), steps - self._step):
                self._take(reading)
                if self._step % self._settings.log_every == 0 or self._step == steps:
                    self._log()
                if stop.requested or self._step % _SAVE_EVERY == 0 or self._step == steps:
                    self._save()
                if stop.requested:
                    self._run.check_ended(self._step, steps)

    def _take(self, reading: Reading) -> None:
        """Take one step."""
        # A generator a step, and a seed of dropout drawn from it: a run that goes on draws what it would have drawn.
        rng, device = np.random.default_rng([self._settings.seed, self._step]), self._network.output.weight.device
        torch.manual_seed(int(rng.integers(2**63)))
        for group in self._optimizer.param_groups:
            group["lr"] = self._settings.learning_rate * self._pace()
        self._network.train()
        # Sentences are read whole; of their words, shape (counted, word_size), those that are asked for are scored.
        vectors = self._network(reading.sentences)[reading.counted.to(device)]
        loss = _SOFTMAX.loss(self._network.output, vectors, reading.targets.to(device), rng=rng)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), _STEEPEST)
        self._optimizer.step()
        self._step += 1
        self._meter.add(loss.item(), reading.counted.numel())

    def _pace(self) -> float:
        """Return the share of the highest learning rate at a step: it rises and falls linearly."""
        steps, rise = self._settings.steps, self._settings.warmup * self._settings.steps
        # The lower of two lines; each divisor is 1 at least, for runs of few steps.
        return min((self._step + 1) / max(1.0, rise), (steps - self._step) / max(1.0, steps - rise))

    def _log(self) -> None:
        """Write what happened since the last entry, and tell progress.

        Raises:
            UserError: The loss is not finite.
        """
        entry = self._meter.read()
        if not math.isfinite(entry["loss"]):
            raise UserError(f"the loss is {entry['loss']} at step {self._step}; give a lower learning_rate")
        # Appended: a run that goes on keeps what was logged before.
        with (self._run.output / METRICS).open("a", encoding="utf-8") as handle:
            handle.write(json.dumps({"step": self._step, **entry}) + "\n")
        self._run.progress("training", self._step, self._settings.steps, entry)

    def _save(self) -> None:
        """Write a checkpoint: weights, and what the optimizer knows of each."""
        # The format holds tensors by name alone, in no tree: prefixes tell weights from moments, and whose they are.
        tensors = {f"weights.{name}": weight for name, weight in self._network.state_dict().items()}
        for number, moments in self._optimizer.state_dict()["state"].items():
            for name, moment in moments.items():
                tensors[f"optimizer.{number}.{name}"] = moment
        # The old one stays until the new one is whole, also if the machine stops amid writing.
        with replacing(self._run.output / CHECKPOINT) as path:
            save_file(tensors, path, {"step": str(self._step)})

    def _load(self) -> None:
        """Take up a checkpoint.

        Raises:
            UserError: It is damaged.
        """
        path = self._run.output / CHECKPOINT
        try:
            with safe_open(path, "pt") as file:
                self._step = int(file.metadata()["step"])
                parts = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - it is no mapping
            check_finite(parts)
            self._network.load_state_dict(_below("weights", parts))
        except (SafetensorError, OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
            raise UserError(f"{path} is damaged ({error}); begin a new run in another folder") from error
        moments = {}
        for number, _ in enumerate(self._network.parameters()):
            moments[number] = _below(f"optimizer.{number}", parts)
        # Groups and their settings are those of the new optimizer: only what it has learnt of each weight is taken up.
        self._optimizer.load_state_dict({**self._optimizer.state_dict(), "state": moments})


def _below(prefix: str, parts: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors whose names begin with a prefix, without it."""
    below = {}
    for name, part in parts.items():
        if name.startswith(f"{prefix}."):
            below[name.removeprefix(f"{prefix}.")] = part
    return below


class _Meter:
    """What happens between two log entries."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._begun, self._steps, self._words, self._loss = time.perf_counter(), 0, 0, 0.0

    def add(self, loss: float, words: int) -> None:
        """Take a step."""
        self._steps, self._words, self._loss = self._steps + 1, self._words + words, self._loss + loss

    def read(self) -> dict[str, float]:
        """Return the mean loss and the speed since the last call, and begin anew."""
        entry = {
            "loss": self._loss / self._steps,
            "words_per_second": self._words / (time.perf_counter() - self._begun),
        }
        self._begin()
        return entry
