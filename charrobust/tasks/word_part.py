"""The words of a data set that a tokenizer splits, or those that it keeps whole: what scores are told apart by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charrobust.tasks.metrics import Mask


@dataclass(frozen=True)
class WordPart:
    """The words of a data set that a tokenizer splits, or those that it keeps whole.

    Attributes:
        split: Before each word, and at the end: the number of split words so far, shape (words + 1,).
        edges: Before each example, and at the end: the number of words so far, shape (examples + 1,).
        wanted: Whether the part is that of the split words.
    """

    split: NDArray[np.int64]
    edges: NDArray[np.int64]
    wanted: bool

    @property
    def words(self) -> Mask:
        """Which words are in the part, shape (words,)."""
        # The running count grows by one at each split word, and at no other.
        is_split = np.diff(self.split) > 0
        return np.asarray(is_split == self.wanted)

    def stretches(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> Mask:
        """Tell which stretches of words are in the part; one is split if any of its words is."""
        # Two values of the running count differ exactly where a split word lies between them.
        any_split = self.split[end] > self.split[start]
        return np.asarray(any_split == self.wanted)
