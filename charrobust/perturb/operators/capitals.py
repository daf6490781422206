"""Capitals: a letter in the other case, a word in capitals, or without any."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from charrobust.perturb.code_points import upper_table
from charrobust.perturb.operators.exchange import Exchange

_CASES = ("other", "upper", "lower")


@dataclass(frozen=True, kw_only=True)
class Capitals(Exchange):
    """Write letters in another case: ``letter`` becomes ``leTter``. Letters whose capital is two, as that of ß, stay.

    Attributes:
        case: ``other`` turns the case around, ``upper`` writes capitals, ``lower`` small letters. With
            ``scope = "word"`` and ``positions = "all"``, ``upper`` makes ``LETTER`` of ``letter``.
    """

    name = "capitals"
    effect = "spelling"
    source = (
        "Niu, Mathur, Dinu, Al-Onaizan: Evaluating robustness to input perturbations for NMT, ACL 2020 (letter case)"
    )
    case: str = "other"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_choice("case", self.case, _CASES)

    @functools.cached_property
    def forms(self) -> Mapping[str, Sequence[str]]:
        """See the base class."""
        return {letter: (other,) for letter, other in _cases().items() if self._fits(other)}

    def forms_of_cluster(self, cluster: str) -> Sequence[str]:
        """See the base class: the marks of a letter stay."""
        other = _cases().get(cluster[0])
        if other is None or not self._fits(other):
            return ()
        return (other + cluster[1:],)

    def _fits(self, written: str) -> bool:
        """Tell whether a letter is of the case that is to be written."""
        return self.case == "other" or (self.case == "upper") == written.isupper()


@functools.cache
def _cases() -> Mapping[str, str]:
    """Return each letter's other case, where that is one letter that leads back."""
    pairs: dict[str, str] = {}
    for upper in map(chr, np.flatnonzero(upper_table()).tolist()):
        lower = upper.lower()
        if len(lower) == 1 and lower != upper and lower.upper() == upper:
            pairs |= {upper: lower, lower: upper}
    return pairs
