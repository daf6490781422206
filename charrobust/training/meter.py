"""What is measured while a model trains: losses, rates, and time spent waiting for data."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Losses:
    """What one pass yields.

    Attributes:
        total: The weighted sum, to be minimised; shape ().
        parts: Each loss before its weight, by name, without gradient.
        counts: ``tokens``, in fine-tuning ``examples``, and with a noisy LM: ``nlm_words`` (noised words of the
            vocabulary), ``nlm_right`` (those recognised), ``nlm_outside`` (noised words outside the vocabulary); with
            adversarial training ``searched`` (examples), ``lost`` (those that a search turned from right to wrong).
    """

    total: Tensor
    parts: dict[str, Tensor]
    counts: dict[str, Tensor]


class Meter:
    """What happens between two log entries. Values stay on the device until they are read, for a look waits for it."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._started, self._waited, self._passes = time.perf_counter(), 0.0, 0
        self._parts: dict[str, Tensor] = {}
        self._counts: dict[str, Tensor] = {}

    def add(self, losses: Losses) -> None:
        """Take the losses and counts of a pass."""
        _add(losses.parts, self._parts)
        _add(losses.counts, self._counts)
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
        # As if the clock had begun later by as much.
        self._started += time.perf_counter() - start

    def read(self, summed: Callable[[Tensor], Tensor]) -> dict[str, float]:
        """Return means and rates since the last call, and begin anew.

        Args:
            summed: Returns the sum of a tensor over all processes.

        Returns:
            The means and rates by name.
        """
        sums = self._parts | self._counts
        # On the device of the others; also a sum, as each process takes passes of its own.
        passes = torch.full_like(next(iter(sums.values())), self._passes, dtype=torch.float32)
        # One tensor, so that the processes talk, and the device is waited for, once.
        values = torch.stack([*(value.float() for value in sums.values()), passes])
        *totals, passes = summed(values).tolist()
        total = dict(zip(sums, totals, strict=True))
        elapsed = max(time.perf_counter() - self._started, 1e-9)
        metrics = {name: total[name] / passes for name in self._parts}
        if "nlm_words" in total:
            metrics["nlm_accuracy"] = total["nlm_right"] / max(total["nlm_words"], 1)
            metrics["nlm_outside"] = total["nlm_outside"] / max(total["nlm_words"] + total["nlm_outside"], 1)
        if "searched" in total:
            metrics["adversarial_success"] = total["lost"] / max(total["searched"], 1)
        for name in ("tokens", "examples"):
            if name in total:
                metrics[f"{name}_per_second"] = total[name] / elapsed
        metrics["data_wait_share"] = min(self._waited / elapsed, 1.0)
        self._begin()
        return metrics


def _add(values: Mapping[str, Tensor], totals: dict[str, Tensor]) -> None:
    """Add values to totals of the same names; one that comes for the first time is a total already."""
    for name, value in values.items():
        totals[name] = totals[name] + value if name in totals else value
