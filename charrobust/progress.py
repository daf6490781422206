"""How long work tells where it is: one kind of callback, for training, evaluation and measurements alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Progress = Callable[[str, int, int, Mapping[str, float]], object]
"""Called with a stage, how much of it is done, how much there is to do (0 if unknown), and the newest metrics."""


def no_progress(stage: str, done: int, total: int, metrics: Mapping[str, float]) -> None:
    """Show nothing: the progress of work that nobody watches."""
