"""Batches that are made when their turn comes: what is searched is searched against the weights of that step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from charrobust.systems.system import System
from charrobust.training.finetuning.adversary import Adversary, asking
from charrobust.training.finetuning.training_batches import Item, TrainingBatches


@dataclass(frozen=True, eq=False)
class Due:
    """A batch before its tensors are made.

    Attributes:
        number: Its number in the run.
        items: What is in it.
    """

    number: int
    items: Sequence[Item]


@dataclass(eq=False)
class DueBatches(Dataset[dict[str, Any]]):
    """All batches of a run with adversarial training.

    What reads data in training is ahead of the model by a batch; a search must not be, or a run that goes on from a
    checkpoint would search against other weights than one that was never stopped.

    Attributes:
        batches: The batches, with examples that are to be searched.
        adversary: What searches.
        model: The model that is trained.
        system: The same as it is asked, behind its defences.
    """

    batches: TrainingBatches
    adversary: Adversary
    model: Any
    system: System

    def check(self) -> None:
        """Refuse what cannot be searched, before training begins; see :meth:`Adversary.check`."""
        with asking(self.model):
            self.adversary.check(self.system)

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, number: int) -> dict[str, Any]:
        """Return a batch that :meth:`made` takes, in a dictionary, which the library wants.

        Args:
            number: Number of the batch in the run.

        Returns:
            The batch under the name ``due``.

        Raises:
            IndexError: The number is outside the run.
        """
        return {"due": Due(number, self.batches.items(number))}

    def made(self, given: dict[str, Any]) -> dict[str, Tensor]:
        """Search, and make the tensors of a batch.

        Args:
            given: What :meth:`__getitem__` returned.

        Returns:
            As :meth:`TrainingBatches.__getitem__`, with the numbers of examples that were ``searched``, and of those
            that ``lost`` what the model had right.
        """
        due: Due = given["due"]
        # Several windows of a batch may be of one example, which is searched once.
        numbers = sorted({item.searched[0] for item in due.items if item.searched is not None})
        with asking(self.model):
            worse = self.adversary.worse(self.system, numbers, due.number)
        tensors = self.batches.tensors(self.batches.hardened(due.items, worse.forms))
        return tensors | {"searched": torch.tensor(worse.searched), "lost": torch.tensor(worse.lost)}
