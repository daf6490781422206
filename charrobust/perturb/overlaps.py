"""Edits that meet: of two that would change the same place, the one of the word that is drawn first stays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from charrobust.perturb.assembly import Draft
from charrobust.perturb.counter_random import Keys
from charrobust.perturb.words import Index, Mask


def meeting(drafts: Sequence[Draft], bits: Sequence[Keys]) -> list[Mask]:
    """Tell which edits are to be left out, as another edit changes the same place.

    The words that are edited at a lower share come first at any share, so that their edits stay at a higher one.

    Args:
        drafts: All edits of a batch.
        bits: For each draft the random numbers by which its words are drawn, shape (edits,): the smaller come first.

    Returns:
        For each draft a mask of shape (edits,).
    """
    if not drafts:
        return []
    counts = [len(draft.words) for draft in drafts]
    start = np.concatenate([draft.replacements.start for draft in drafts])
    end = np.concatenate([draft.replacements.end for draft in drafts])
    priority = np.concatenate(bits)
    left_out = np.zeros(len(start), bool)
    rows = _in_company(start, end)
    taken = _Taken()
    for row in rows[np.argsort(priority[rows], kind="stable")].tolist():
        left_out[row] = not taken.take(int(start[row]), int(end[row]))
    return np.split(left_out, np.cumsum(counts)[:-1])


class _Taken:
    """Places of a buffer that edits have taken."""

    def __init__(self) -> None:
        self._span_at: dict[int, int] = {}
        self._insertions: set[int] = set()

    def take(self, start: int, end: int) -> bool:
        """Take a span, unless an edit before has changed a part of it; edits may touch."""
        if start == end:
            # Inside a span where the same one is on both sides.
            before = self._span_at.get(start - 1)
            is_inside = before is not None and before == self._span_at.get(start)
            if is_inside or start in self._insertions:
                return False
            self._insertions.add(start)
            return True
        inner = range(start + 1, end)
        if any(place in self._span_at for place in range(start, end)) or any(map(self._insertions.__contains__, inner)):
            return False
        self._span_at.update(dict.fromkeys(range(start, end), start))
        return True


def _in_company(start: Index, end: Index) -> Index:
    """Return the numbers of the edits that overlap another one, or may."""
    order = np.lexsort((end, start))
    reach = np.maximum.accumulate(end[order])
    # An edit has company where it starts before all edits in front of it have ended, or at an insertion.
    meets_before = np.zeros(len(order), bool)
    meets_before[1:] = start[order][1:] <= reach[:-1]
    has_company = meets_before.copy()
    has_company[:-1] |= meets_before[1:]
    return order[has_company]
