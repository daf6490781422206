"""How long it takes to list the candidates of SST-2 sentences, and to make states of one edit.

python benchmarks/candidates.py [SENTENCES]
"""

from __future__ import annotations

import statistics
import sys
import time

from real_data import records

from charrobust.perturb import Attack
from charrobust.tasks.classification.record import Classification
from charrobust.tasks.moves import Moves
from charrobust.tasks.records import Batch, Place

RECIPES = ("ladder-inner", "ladder-last", "ladder-first", "ladder-any", "charbert", "any-letter")
TASK = Classification(("text",), "label")


def measure(recipe: str, texts: list[str]) -> None:
    """Print the medians of one recipe, in processor time."""
    attack = Attack.load(recipe)
    attack.candidates(texts[0])  # tables are made on first use
    counts, listed, made = [], [], []
    for text in texts:
        started = time.process_time()
        count = len(attack.candidates(text))
        listed.append((time.process_time() - started) * 1e3)
        counts.append(count)
        moves = Moves(TASK, Batch(0, [{"text": text, "label": 0}], [Place("benchmark", "")]), attack)
        states = [(move,) for move in range(len(moves))]
        started = time.process_time()
        moves.perturb(states)
        made.append((time.process_time() - started) * 1e6 / max(1, len(states)))
    print(
        f"{recipe:14} {statistics.median(counts):7.0f} candidates {statistics.median(listed):6.2f} ms to list "
        f"{statistics.median(made):6.1f} us a state"
    )


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    chosen = [record["text"] for record in records("glue_sst2/dev")[:count]]
    for name in RECIPES:
        measure(name, chosen)
