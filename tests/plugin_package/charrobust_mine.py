"""One thing of each kind that a package can add to charrobust."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from charrobust.attackers.attacker import Attacker
from charrobust.attackers.versions import AttackInfo, Version
from charrobust.datasets.formats import Delimited
from charrobust.perturb.operators import WordOperator
from charrobust.search import Limits, Search, State, Unit, Value
from charrobust.systems.system import System
from charrobust.tasks.classification.record import Classification
from charrobust.tasks.metrics import Metric, mean_of, with_ones


@dataclass(frozen=True, kw_only=True)
class Shout(WordOperator):
    """An operator: writes the word in capitals."""

    name = "shout"

    def rewrite(self, word: str, bits: int) -> str:
        return word.upper()


@dataclass(frozen=True)
class Semicolons(Delimited):
    """A format: CSV with semicolons."""

    delimiter: str = ";"


@dataclass(frozen=True)
class Stars(Classification):
    """A task: from one star to five."""

    name = "stars"


def load_longest(path: str, options: object) -> System:
    """Load a system, ``longest:NUMBER``: four stars for texts of more letters than that, one for others."""
    number = int(path.partition(":")[2])
    return System.of(
        lambda texts: ["4" if len(text) > number else "1" for text in texts],
        task="stars",
        name=f"longest {number}",
        version=str(number),
    )


def nearly(task: object, targets: Sequence[str], labels: Sequence[str]) -> Metric:
    """Make a metric: stars are numbers, of which neighbours are half right."""

    def points(actual: Sequence[str], predicted: Sequence[str]) -> np.ndarray:
        distance = np.abs(np.array(actual, int) - np.array(predicted, int))
        return with_ones(np.maximum(0, 1 - distance / 2))

    return Metric("nearly right", points, mean_of)


class Reversing(Attacker):
    """An attacker: turns texts round."""

    def __init__(self, text: str, options: object) -> None:
        self.name = text

    def attack(self, system, data):
        examples = [replace(each, texts=tuple(text[::-1] for text in each.texts)) for each in data.examples]
        info = AttackInfo(self.name, "given", edits=1.0, distance=1.0)
        return Version(info, tuple(examples), lambda number: ())


@dataclass(frozen=True)
class Backwards(Search):
    """A search: asks about every single edit, the last first."""

    name = "backwards"

    def needs_scores(self, edits: int) -> bool:
        return False

    def steps(
        self, unit: Unit, limits: Limits, rng: np.random.Generator
    ) -> Generator[Sequence[State], Sequence[Value], None]:
        yield unit.singles[::-1]
