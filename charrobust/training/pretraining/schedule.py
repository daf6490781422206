"""The order in which blocks are seen."""

from __future__ import annotations

import numpy as np
from torch.utils.data import Dataset


class Schedule(Dataset[tuple[int, int]]):
    """All blocks in random order, again and again, in another order each epoch.

    Every place is computed from the seed alone, so that a run can go on at any place without reading what
    came before. To be read in order: the permutation of the last epoch asked for is kept.
    """

    def __init__(self, blocks: int, length: int, seed: int) -> None:
        """Lay out a schedule.

        Args:
            blocks: Number of blocks of the corpus.
            length: Number of places: blocks seen in the whole run, over all epochs.
            seed: The seed.

        Raises:
            ValueError: There is no block, or the length is negative.
        """
        if blocks < 1 or length < 0:
            raise ValueError(f"a schedule needs one block or more and no negative length, got {blocks} and {length}")
        self.blocks = blocks
        self.length = length
        self.seed = seed
        self._epoch = -1
        self._order = np.zeros(0, np.int64)

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, place: int) -> tuple[int, int]:
        """Return the epoch and the block at a place.

        Args:
            place: Number of the place in the run.

        Returns:
            The epoch, from 0, and the number of the block.

        Raises:
            IndexError: The place is outside the schedule.
        """
        epoch, rank = divmod(range(self.length)[place], self.blocks)  # the range counts from the end, or refuses
        if epoch != self._epoch:
            self._order = np.random.default_rng([self.seed, epoch]).permutation(self.blocks)
            self._epoch = epoch
        return epoch, int(self._order[rank])
