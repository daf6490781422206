"""Stands in for the package of branch `core` until that is merged."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from charrobust.datasets.dataset import DataSet
from charrobust.perturb import Attack
from charrobust.plugins import Registry
from charrobust.progress import Progress, no_progress
from charrobust.systems.system import System
from charrobust.tasks.records import Batch, FieldLog

SEARCHES: Registry[Any] = Registry("search", {"exhaustive": "", "greedy": "", "beam": "", "random": ""})


@dataclass(frozen=True)
class Outcome:
    """What a search found of one record."""

    examples: tuple[int, ...]
    right_before: bool
    clean: float
    found: float
    success: bool = False
    queries: int = 0
    queries_at_success: int | None = None
    candidates: int = 0
    distinct: int = 0
    state: tuple[int, ...] = ()
    certified: int = 0
    seconds: float = field(default=0.0, compare=False)

    @property
    def edits(self) -> int:
        """Number of edits of the worst state."""
        return len(self.state)


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found."""

    search: str
    edits: int
    budget: int | None
    batches: tuple[Batch, ...]
    logs: tuple[FieldLog, ...]
    outcomes: tuple[Outcome, ...]


def search(
    system: System,
    data: DataSet,
    attack: Attack,
    *,
    search: str = "greedy",
    edits: int = 1,
    budget: int | None = None,
    seed: int = 0,
    store: str | Path | None = None,
    progress: Progress = no_progress,
) -> Found:
    """Find."""
    raise NotImplementedError
