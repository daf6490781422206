"""What ends a run early: a signal, or memory that runs out."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from charrobust.errors import UserError


class Interrupted(Exception):  # noqa: N818
    """A signal ended the run, which can go on.

    Attributes:
        step: Steps done.
        steps: Steps of the whole run.
        output: The run's folder.
        kept: What is kept of these steps, in words.
        number: The signal.
    """

    def __init__(self, step: int, steps: int, output: Path, *, kept: str = "a checkpoint is written") -> None:
        """Say what happened, and how to go on.

        Args:
            step: Steps done.
            steps: Steps of the whole run.
            output: The run's folder.
            kept: What is kept of these steps, in words.
        """
        self.step, self.steps, self.output, self.kept = step, steps, output, kept
        self.number = Stop.number
        super().__init__(f"interrupted after step {step} of {steps}; {kept}. Go on with `resume`")


@contextmanager
def memory_advice(batch_size: int, accumulation: int, *, what: str, smaller: str) -> Iterator[None]:
    """Say what to do where memory runs out.

    Args:
        batch_size: Size of a batch.
        accumulation: Batches of an update.
        what: What a batch holds, such as ``texts of 128 tokens``.
        smaller: What else could be smaller, and than what.

    Raises:
        UserError: Memory ran out.
        RuntimeError: Anything else that the block raised.
    """
    try:
        yield
    except RuntimeError as error:
        # On a CPU it is a plain RuntimeError, told by the name of the allocator alone.
        if not (isinstance(error, torch.OutOfMemoryError) or "DefaultCPUAllocator" in str(error)):
            raise
        remedy = (
            f"try training.batch_size={max(1, batch_size // 2)} with training.accumulation={accumulation * 2}, which "
            "trains alike"
            if batch_size > 1
            else f"try a smaller {smaller}"
        )
        raise UserError(f"out of memory with batches of {batch_size} {what}; {remedy}, in a new run") from error


class Stop:
    """Turns the first Ctrl-C, or the first SIGTERM, into a request to stop after the step; a second one goes through.

    A context; does nothing outside the main thread, where Python takes no signals.
    """

    number: int = signal.SIGINT  # the last signal; of the class, as signals are sent to the process
    _signals = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.requested = False
        self._before: dict[int, Any] = {}
        # Worker processes inherit the handlers, and are told by another process id.
        self._owner = os.getpid()

    def __enter__(self) -> Stop:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._ask) for number in self._signals}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() != self._owner:  # a worker: it ends with the process that reads it
            return
        if self.requested:
            # Raised once more, for what stood there before may be no function but the system's default.
            signal.signal(number, self._before[number])
            signal.raise_signal(number)
        self.requested = True
        Stop.number = number
