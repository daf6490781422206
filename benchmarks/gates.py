"""What gates before spelling correction and word recognition keep on clean text, and what they cost under attack.

    python benchmarks/gates.py MODEL --data FILE --train FILE --task NAME [--train-limit N] [--limit N]
        [--restorer spelling] [--row NAME ...]

Rows are the model alone, behind a restorer, and behind the restorer with the gate or with some of its clauses; columns
clean text and attacks, in percent, with 95 % intervals. Sentences that rows read alike are asked once.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from charrobust.attackers.plan import make_versions, plan_attackers
from charrobust.datasets.load import load_data
from charrobust.scoring.intervals import bootstrap
from charrobust.systems.gates import Gate, Gated, gate_margin, words_of
from charrobust.systems.naming import load_system
from charrobust.systems.restoration import load_restorer, restore
from charrobust.systems.system import System
from charrobust.tasks.examples import Example, Prediction

ATTACKS = ("charbert", "any-letter", "misspellings")
ROWS = (
    "alone", "ungated", "known", "whole", "names stay", "margin", "gate@3", "gate@5", "gate", "gate@20",
    "gate@3, whole", "gate@20, whole", "gate@55, whole",
)  # fmt: skip


class Asked:
    """A model that is asked once about each text."""

    def __init__(self, system: System) -> None:
        self.system = system
        self._said: dict[tuple[str, ...], Prediction] = {}

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Return what the model says of examples."""
        new = {example.texts: example for example in examples if example.texts not in self._said}
        self._said |= zip(new, self.system.predict(list(new.values())), strict=True)
        return [self._said[example.texts] for example in examples]


def gate_of(row: str, known: frozenset[str], tokenizer: object) -> Gate:
    """Return the gate of a row, whole or with some of its clauses."""
    clauses = {
        "known": Gate(known=known, name_margin=0),
        "whole": Gate(tokenizer=tokenizer, name_margin=0),
        "names stay": Gate(name_margin=float("inf")),
        "margin": Gate(),
    }
    if row in clauses:
        return clauses[row]
    name, *whole = row.split(", ")
    return Gate(known=known, tokenizer=tokenizer if whole else None, name_margin=gate_margin(name) or 0)


def main() -> None:
    """Print the table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--data", required=True)
    parser.add_argument("--train", required=True, help="what the model was trained on")
    parser.add_argument("--task", required=True)
    parser.add_argument("--train-limit", type=int)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--skip", type=int, default=0, help="examples of the data that are left out, the first ones")
    parser.add_argument("--restorer", default="spelling")
    parser.add_argument("--row", action="append", choices=ROWS)
    options = parser.parse_args()
    data = load_data(options.data, task=options.task, limit=options.limit)
    known = words_of(load_data(options.train, task=options.task, limit=options.train_limit).examples)
    asked = Asked(load_system(options.model))
    restorer = load_restorer(options.restorer)
    versions = make_versions(data, plan_attackers(ATTACKS))
    targets = [example.target for example in data.examples]
    metric = data.task.metrics(targets)[0]
    print(f"| {options.model}, {len(data) - options.skip} examples, {metric.name} | clean | {' | '.join(ATTACKS)} |")
    print(f"|---|{'---|' * len(versions)}")
    for row in options.row or ROWS:
        cells = []
        for version in versions:
            examples = list(version.examples)[options.skip :]
            if row != "alone":
                gated = restorer if row == "ungated" else Gated(restorer, gate_of(row, known, asked.system.tokenizer))
                examples = restore(gated, examples, type(data.task))
            statistics = metric.statistics(targets[options.skip :], asked.predict(examples))
            found = bootstrap(metric, statistics)
            cells.append(f"{100 * found.value:.1f} ({100 * found.low:.1f} to {100 * found.high:.1f})")
        print(f"| {row} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
