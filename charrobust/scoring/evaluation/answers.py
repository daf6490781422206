"""What systems said of the versions of a data set: all that scores are made of, wherever the systems were asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from charrobust.systems.system import SystemInfo
from charrobust.tasks.examples import Prediction


@dataclass(frozen=True, eq=False)
class Answers:
    """What one system said.

    Attributes:
        info: The system.
        said: By the name of a version, what each seed of the system said of each draw: (seeds, draws, examples).
        names: The data set's name of each label of the system; empty where the answers have to tell.
        tokenizer: The system's tokenizer; None where it has none, or it is not known.
        said_of_others: The same of versions that a search found against other systems, by their names and those of
            the systems.
    """

    info: SystemInfo
    said: Mapping[str, Sequence[Sequence[Sequence[Prediction]]]]
    names: Mapping[str, str] = field(default_factory=dict)
    tokenizer: Any = None
    said_of_others: Mapping[tuple[str, str], Sequence[Sequence[Sequence[Prediction]]]] = field(default_factory=dict)

    def in_order(self) -> list[Prediction]:
        """Return all predictions: one seed after the other, and of each one version after the other."""
        found: list[Prediction] = []
        for of_seed in zip(*self.said.values(), strict=True):
            found += chain.from_iterable(chain.from_iterable(of_seed))
        return found
