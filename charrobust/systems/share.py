"""The share of one of several processes that ask a system together, each started with its rank."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from charrobust.errors import UserError

RANK, RANKS = "RANK", "WORLD_SIZE"
PATIENCE = 30.0  # minutes
_POLL = 0.5  # seconds between two looks at what others wrote


class ShareDone(Exception):  # noqa: N818 - nothing is wrong
    """A process has done its share, and the first of the ranks goes on alone."""


@dataclass(frozen=True)
class Share:
    """What of the work is that of this process.

    Ranks talk through files alone, so that they need not run at the same time or know each other's address.

    Attributes:
        rank: Its number, from 0.
        ranks: How many there are.
        patience: Minutes that the first waits for a sign of the others.
    """

    rank: int = 0
    ranks: int = 1
    patience: float = PATIENCE

    @staticmethod
    def of_environment(environment: Mapping[str, str] = os.environ, patience: float = PATIENCE) -> Share:
        """Return the share that the environment names, as ``torchrun`` and the scripts of job arrays set it.

        Args:
            environment: With ``RANK`` and ``WORLD_SIZE``; without both, all of the work is that of this process.
            patience: Minutes that the first waits for a sign of the others.

        Returns:
            The share.

        Raises:
            UserError: One of the two is missing, no number, or too large.
        """
        given = {name: environment[name] for name in (RANK, RANKS) if name in environment}
        if not given:
            return Share(patience=patience)
        told = ", ".join(f"{name}={value}" for name, value in given.items())
        if len(given) == 2 and all(map(str.isdecimal, given.values())):
            rank, ranks = map(int, given.values())
            if rank < ranks:
                return Share(rank, ranks, patience)
        raise UserError(
            f"the environment says {told}; expected {RANK} from 0 and {RANKS} above it, or neither, for one process"
        )

    @property
    def is_first(self) -> bool:
        """Whether this process puts together what all said."""
        return self.rank == 0

    @property
    def is_all(self) -> bool:
        """Whether there is no other process."""
        return self.ranks == 1

    def owner(self, number: int) -> int:
        """Return the rank whose work a part is, by the number of the part."""
        return number % self.ranks

    def takes(self, number: int) -> bool:
        """Tell whether a part is the work of this process."""
        return self.owner(number) == self.rank

    def wait(self, lacking: Callable[[], Collection[int]], read: Callable[[], bool], where: Path) -> None:
        """Wait for what other ranks are to write.

        Args:
            lacking: Returns the ranks whose share is not whole, as far as is read; none ends the wait.
            read: Reads what is new, and tells whether there was anything.
            where: Where it is kept, for messages.

        Raises:
            UserError: There was no sign of the others for as long as the patience lasts.
        """
        heard = time.monotonic()
        while ranks := lacking():
            if read():
                heard = time.monotonic()
            elif time.monotonic() - heard > 60 * self.patience:
                raise UserError(self._silence(ranks, where))
            else:
                time.sleep(_POLL)

    def _silence(self, ranks: Collection[int], where: Path) -> str:
        listed = ", ".join(map(str, sorted(ranks)[:10]))
        return (
            f"no sign of the other ranks for {self.patience:g} minutes (`wait`), and of {self.ranks} ranks these have "
            f"not done their share: {listed}; look at what they printed, and start all of them again: what is done is "
            f"kept in {where}"
        )


ALL = Share()
