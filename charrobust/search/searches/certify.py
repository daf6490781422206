"""Certification: whether any single edit turns a record, asked in the order of greedy search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from charrobust.search.searches.greedy import Greedy

_SHARE_AT_ONCE = 1 / 8


@dataclass(frozen=True)
class Certify(Greedy):
    """Asks about single edits, those first that look worst, until one loses ground or all were asked.

    It tells lost records from proved ones exactly as exhaustive search does, and ends sooner where a record is lost;
    what it found there is an edit that suffices, and need not be the worst. Further edits are added to the worst state,
    which proves nothing of them.
    """

    name: ClassVar[str] = "certify"
    proves: ClassVar[bool] = True

    share: float = 1.0

    def needs_scores(self, edits: int) -> bool:
        """See the base class: all single edits are asked in the end, in whatever order."""
        return edits > 1

    def at_once(self, asked: int) -> int:
        """See the base class: more and more, for where much was asked in vain, most is likely to be asked."""
        return max(self.batch, int(asked * _SHARE_AT_ONCE))
