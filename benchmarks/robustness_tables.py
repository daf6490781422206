"""The tables of the robustness page, out of folders that ``charrobust evaluate`` wrote: one of each task.

    python benchmarks/robustness_tables.py sst2=OUTPUT/sst2/scores-1 ner=OUTPUT/ner/scores-1 ...

Each system's main metric, clean and attacked; what is lost, and as a share of what the first system loses; differences
between systems on the same examples, with the p-values of paired permutation tests.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from charrobust.scoring import Results, read_results
from charrobust.scoring.intervals import Interval

CHANNEL, AUGMENTED = "charbert-minilm-l6", "charbert-minilm-l6 + augmentation"
DEFENCES = ("MiniLM + word recognition", "MiniLM + spelling")
# Systems that are compared: the first of each with the others.
PAIRS: Mapping[str, Sequence[str]] = {
    CHANNEL: ("MiniLM", "AdvBERT-type", *DEFENCES),
    AUGMENTED: ("MiniLM + augmentation", *DEFENCES),
}
CLEAN = "clean"


@dataclass(frozen=True)
class Column:
    """A task under an attack.

    Attributes:
        name: What stands above it.
        attack: Name of the attack.
        results: What was found in the task.
    """

    name: str
    attack: str
    results: Results

    @cached_property
    def values(self) -> dict[tuple[str, str], Interval]:
        """The main metric by system and attack."""
        main = [score for score in self.results.scores if score.metric == self.results.metrics[0]]
        return {(score.system, score.attack): score.value for score in main}

    def both(self, system: str) -> str:
        """Return a system's values, clean and attacked."""
        return " / ".join(shown(self.values[system, attack]) for attack in (CLEAN, self.attack))

    def lost(self, system: str) -> float:
        """Return what the attack takes from a system."""
        return self.values[system, CLEAN].value - self.values[system, self.attack].value

    def share_lost(self, system: str, plain: str) -> str:
        """Return what the attack takes from a system, and as a share of what it takes from another."""
        return f"{100 * self.lost(system):.1f} ({self.lost(system) / self.lost(plain):.2f})"

    def difference(self, attack: str, first: str, second: str) -> str:
        """Return by how many points one system is ahead of another, with the p-value."""
        for found in self.results.comparisons:
            if found.attack == attack and {found.first, found.second} == {first, second}:
                sign = 1 if found.first == first else -1
                p = "p < 0.001" if found.p < 0.001 else f"p = {found.p:.3f}"
                return f"{100 * sign * found.difference.value:+.1f} ({p})"
        return ""


def columns_of(name: str, results: Results) -> Iterator[Column]:
    """Go through the columns of a task: one for each attack; the worst of several is none."""
    attacks = [attack.name for attack in results.attacks if attack.case not in (CLEAN, "worst case")]
    for attack in attacks:
        yield Column(name if len(attacks) == 1 else f"{name}, {attack}", attack, results)


def shown(value: Interval) -> str:
    """Return a value with its interval, in per cent."""
    return f"{100 * value.value:.1f} ({100 * value.low:.1f} to {100 * value.high:.1f})"


def print_table(title: str, columns: Sequence[str], rows: Mapping[str, Sequence[str]]) -> None:
    """Print a table."""
    print("| " + " | ".join([title, *columns]) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name, cells in rows.items():
        print("| " + " | ".join([name, *cells]) + " |")
    print()


def print_tables(found: Mapping[str, Results]) -> None:
    """Print all tables.

    Args:
        found: What was found, by task.
    """
    columns = [column for name, results in found.items() for column in columns_of(name, results)]
    systems = [system.name for system in columns[0].results.systems]
    names = [column.name for column in columns]
    print_table("clean / attacked", names, {row: [column.both(row) for column in columns] for row in systems})
    shares = {row: [column.share_lost(row, systems[0]) for column in columns] for row in systems}
    print_table(f"points lost (share of what {systems[0]} loses)", names, shares)
    pairs = {f"{first} minus {second}": (first, second) for first, others in PAIRS.items() for second in others}
    for is_attacked in (True, False):
        rows = {}
        for name, pair in pairs.items():
            rows[name] = [column.difference(column.attack if is_attacked else CLEAN, *pair) for column in columns]
        print_table("attacked" if is_attacked else CLEAN, names, rows)


if __name__ == "__main__":
    print_tables({name: read_results(folder) for name, _, folder in (given.partition("=") for given in sys.argv[1:])})
