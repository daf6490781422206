"""Training behind defences: the model learns on what it will read, texts that were restored or encoded before."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from charrobust.errors import UserError
from charrobust.systems.defended import Defended
from charrobust.systems.gates import gate_margin
from charrobust.systems.restoration import (
    FOLD,
    SPELLING,
    Restorer,
    TextRestorer,
    load_restorer,
    restore_all,
    with_targets,
)
from charrobust.systems.system import System
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example


@dataclass(frozen=True)
class Behind:
    """The defences that stand before a model; there may be none.

    Attributes:
        restorers: What restores texts, in order.
        task: The class of the task; tells which texts are restored.
    """

    restorers: tuple[Restorer | TextRestorer, ...]
    task: type[Task]

    @classmethod
    def of(cls, names: Sequence[str], task: type[Task]) -> Behind:
        """Load defences.

        Args:
            names: ``spelling``, ``fold``, or folders of recognisers or encodings, in order.
            task: The class of the task.

        Returns:
            The defences.

        Raises:
            UserError: One of them cannot be loaded, or is a gate.
        """
        for name in names:
            if not name or gate_margin(name) is not None:
                raise UserError(
                    f"a model is trained behind {SPELLING}, {FOLD} or a folder of train-encodings or train-recogniser, "
                    f"got {name!r}; leave out gates"
                )
        return cls(tuple(map(load_restorer, names)), task)

    @property
    def digest(self) -> str:
        """A digest of all that texts are restored by; empty where there is no defence."""
        prints = [restorer.fingerprint for restorer in self.restorers]
        return hashlib.sha256("\n".join(prints).encode()).hexdigest() if prints else ""

    def read(self, examples: Sequence[Example]) -> Sequence[Example]:
        """Return examples as the model reads them, with their targets."""
        return with_targets(restore_all(self.restorers, examples, self.task), examples, self.task)

    def before(self, system: System) -> System:
        """Return a system with the defences before it."""
        return Defended(system.name, system, self.restorers) if self.restorers else system
