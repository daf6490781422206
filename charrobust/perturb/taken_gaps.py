"""Gaps between code points that edits cover or border on: where a further edit would touch an earlier one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from charrobust.perturb.operators.base import Replacements
from charrobust.perturb.words import Index, Mask


@dataclass(frozen=True, eq=False)
class TakenGaps:
    """The gaps that some edits take.

    An edit of code points start to end (exclusive) takes the gaps start to end (inclusive). Whether any gap of a span
    is taken is one subtraction of two counts, however many edits there are.

    Attributes:
        before: The number of taken gaps before each gap, and behind the last; shape (code points + 3,).
    """

    before: Index

    @classmethod
    def of(cls, edits: Iterable[Replacements], code_points: int) -> Self:
        """Count the gaps that edits take.

        Args:
            edits: The edits.
            code_points: How many code points they are among.

        Returns:
            The counts.
        """
        # +1 where an edit begins and -1 behind its end: the running sum is the number of edits at each gap, and the
        # running sum of where it is above 0 the number of taken gaps.
        # There is one gap more than code points, and the end of an edit at the last gap is noted one further.
        steps = np.zeros(code_points + 2, np.int64)
        for replacements in edits:
            np.add.at(steps, replacements.start, 1)
            np.add.at(steps, replacements.end + 1, -1)
        is_taken = np.cumsum(steps) > 0
        # With a 0 in front, entry i counts the gaps before gap i.
        return cls(np.concatenate([[0], np.cumsum(is_taken)]))

    def are_free(self, edits: Replacements) -> Mask:
        """Tell which edits touch none of these, shape (edits,)."""
        # No gap of the span is taken where the count is the same before its first gap and behind its last.
        return np.asarray(self.before[edits.end + 1] == self.before[edits.start])
