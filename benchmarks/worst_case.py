"""What is left of systems under the worst edits that can be found: clean, average and worst case, beside each other.

Each system is searched on the first examples that it has right: for the worst single edit of each recipe of the ladder
by exhaustive search, which proves what cannot be lost, and for the worst two edits by greedy search. What is finished
is not run again; a search that was interrupted goes on.

    python benchmarks/worst_case.py OUTPUT --task sst2 [--examples 300] NAME=SYSTEM [NAME=SYSTEM ...]

Without systems the tables of what is in OUTPUT are printed.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from charrobust.search import Found, search
from real_data import SHARED, records

from charrobust import evaluate, load_data
from charrobust.datasets.dataset import DataSet
from charrobust.perturb import Attack
from charrobust.scoring.intervals import wilson
from charrobust.systems.defended import Defended
from charrobust.systems.labels import label_names, translated
from charrobust.systems.naming import load_system
from charrobust.systems.system import System

TASKS = {
    "sst2": ("glue_sst2/dev", "classification", 872),
    "ner": ("conll2003_ner/testb", "tagging", 3453),
    "qnli": ("glue_qnli/dev", "classification", 2000),
}
LADDER = ("ladder-inner", "ladder-last", "ladder-first", "ladder-any")
AVERAGE = "charbert"
PLAN = (
    *((recipe, "exhaustive", 1) for recipe in LADDER),
    ("ladder-inner", "greedy", 2),
    ("ladder-any", "greedy", 2),
)


@dataclass(frozen=True)
class Cell:
    """What one search found of one system.

    Attributes:
        task: Short name of the data.
        system: Name of the system.
        recipe: The recipe, or ``average`` with the one that is drawn.
        search: The search; empty for a draw.
        edits: Edits at most.
        examples: Number of examples, all of them right when clean.
        kept: How many stay right.
        certified: How many are proved to stay right.
        queries: Mean number of queries.
        most_queries: The largest number.
        candidates: Mean number of single edits.
        distinct: Readings of the system among the texts asked, as a share.
        seconds: Wall-clock seconds.
        in_model: Seconds of these in the network.
        memory: Most memory of the process so far, in MiB.
    """

    task: str
    system: str
    recipe: str
    search: str
    edits: int
    examples: int
    kept: int
    certified: int = 0
    queries: float = 0.0
    most_queries: int = 0
    candidates: float = 0.0
    distinct: float = 1.0
    seconds: float = 0.0
    in_model: float = 0.0
    memory: int = 0

    @property
    def key(self) -> tuple[str, str, str, str, int, int]:
        """What tells it from others; the number of examples is that which was asked for."""
        return self.task, self.system, self.recipe, self.search, self.edits, self.examples

    def is_of(self, task: str, system: str, examples: int) -> bool:
        """Tell whether it is of a system, on so many examples of a task."""
        return (self.task, self.system, self.examples) == (task, system, examples)


@dataclass(frozen=True)
class Scores:
    """What a system makes of all the data.

    Attributes:
        task: Short name of the data.
        system: Name of the system.
        metric: The metric.
        clean: Its value on clean text.
        average: Its value on text that is attacked once, at random.
        examples: Number of examples.
    """

    task: str
    system: str
    metric: str
    clean: float
    average: float
    examples: int


class Kept:
    """The cells and scores that are in a folder."""

    def __init__(self, folder: Path) -> None:
        """Read what is there."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.cells = [Cell(**row) for row in self._rows("cells.jsonl")]
        self.scores = [Scores(**row) for row in self._rows("scores.jsonl")]

    def add_cell(self, cell: Cell) -> None:
        """Keep a cell."""
        self.cells.append(cell)
        self._append("cells.jsonl", asdict(cell))

    def add_scores(self, scores: Scores) -> None:
        """Keep scores."""
        self.scores.append(scores)
        self._append("scores.jsonl", asdict(scores))

    def has_cell(self, *key: Any) -> bool:
        """Tell whether there is a cell."""
        return any(cell.key == key for cell in self.cells)

    def has_scores(self, task: str, system: str) -> bool:
        """Tell whether there are scores."""
        return any((scores.task, scores.system) == (task, system) for scores in self.scores)

    def _rows(self, name: str) -> list[dict[str, Any]]:
        path = self.folder / name
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []

    def _append(self, name: str, row: dict[str, Any]) -> None:
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def right_data(system: System, task: str, count: int) -> DataSet:
    """Return the first examples that a system has right."""
    file, kind, limit = TASKS[task]
    rows = records(file)[:limit]
    data = load_data(rows, name=task, task=kind)
    predictions = translated(data.task, system.predict(data.examples), label_names(system, data))
    right = data.task.right([example.target for example in data.examples], predictions)
    if right is None or len(rows) != len(data):
        raise SystemExit(f"{file}: expected a record an example, each right or wrong")
    chosen = [row for row, is_right in zip(rows, right, strict=True) if is_right]
    return load_data(chosen[:count], name=task, task=kind)


@contextmanager
def timed(system: System) -> Iterator[list[float]]:
    """Measure the time that a system spends in its network; yields the durations of its passes."""
    inner = system.system if isinstance(system, Defended) else system
    durations: list[float] = []
    started: list[float] = []
    network: torch.nn.Module = inner.model  # type: ignore[attr-defined, unused-ignore]
    hooks = (
        network.register_forward_pre_hook(lambda *_: started.append(time.perf_counter())),
        network.register_forward_hook(lambda *_: durations.append(time.perf_counter() - started.pop())),
    )
    yield durations
    for hook in hooks:
        hook.remove()


def searched(system: System, data: DataSet, plan: tuple[str, str, int], store: Path, wanted: int) -> Cell:
    """Search, and say what was found."""
    recipe, name, edits = plan
    begun = time.perf_counter()
    with timed(system) as passes:
        found = search(system, data, Attack.load(recipe), search=name, edits=edits, store=store)
    seconds = time.perf_counter() - begun
    return cell_of(found, (data.name, system.name, recipe), wanted, seconds, sum(passes))


def cell_of(found: Found, names: tuple[str, str, str], wanted: int, seconds: float, in_model: float) -> Cell:
    """Say what was found."""
    outcomes = found.searched
    queries = [outcome.queries for outcome in outcomes]
    return Cell(
        *names,
        search=found.search,
        edits=found.edits,
        examples=wanted,
        kept=sum(not outcome.success for outcome in outcomes),
        certified=sum(outcome.is_complete for outcome in outcomes),
        queries=statistics.mean(queries),
        most_queries=max(queries),
        candidates=statistics.mean(outcome.candidates for outcome in outcomes),
        distinct=sum(outcome.distinct for outcome in outcomes) / max(sum(queries), 1),
        seconds=seconds,
        in_model=in_model,
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def drawn(system: System, data: DataSet, wanted: int) -> Cell:
    """Attack at random, once, and say what is kept."""
    scores = evaluate([system], data, [AVERAGE]).scores
    success = next(score.success for score in scores if score.attack == AVERAGE and score.success)
    kept = round(len(data) * (1 - success.value))
    return Cell(data.name, system.name, AVERAGE, "", 0, examples=wanted, kept=kept)


def scores_of(system: System, task: str) -> Scores:
    """Score a system on all the data, clean and attacked at random."""
    file, kind, limit = TASKS[task]
    data = load_data(SHARED / f"{file}.jsonl.gz", task=kind, limit=limit)
    results = evaluate([system], data, [AVERAGE])
    metric = results.metrics[0]
    values = {score.attack: score.value.value for score in results.scores if score.metric == metric}
    return Scores(task, system.name, metric, values["clean"], values[AVERAGE], len(data))


def measure(given: str, task: str, wanted: int, kept: Kept) -> None:
    """Measure what is not yet there of a system."""
    name = given.partition("=")[0]
    missing = [plan for plan in PLAN if not kept.has_cell(task, name, *plan, wanted)]
    if not missing and kept.has_scores(task, name):
        return
    system = load_system(given)
    if not kept.has_scores(task, name):
        kept.add_scores(scores_of(system, task))
    data = right_data(system, task, wanted)
    if not kept.has_cell(task, name, AVERAGE, "", 0, wanted):
        kept.add_cell(drawn(system, data, wanted))
    for plan in missing:
        print(time.strftime("%H:%M:%S"), name, *plan, file=sys.stderr, flush=True)
        kept.add_cell(searched(system, data, plan, kept.folder / "store", wanted))


def share(count: int, of: int) -> str:
    """Return a share with its interval, in percent."""
    found = wilson(count, of)
    return f"{100 * found.value:.1f} ({100 * found.low:.1f} to {100 * found.high:.1f})"


def print_kept(kept: Kept, task: str, wanted: int) -> None:
    """Print how many stay right: a row a system, a column an attack."""
    columns = [(AVERAGE, "", 0), *PLAN]
    names = [f"`{recipe}`, {edits} edit{'s' * (edits > 1)}" for recipe, _, edits in PLAN]
    print("| system | clean | `charbert` drawn | kept: `charbert` drawn | " + " | ".join(names) + " |")
    print("|---" * (len(columns) + 3) + "|")
    for scores in kept.scores:
        if scores.task == task:
            cells = {cell.key[2:5]: cell for cell in kept.cells if cell.is_of(task, scores.system, wanted)}
            shares = [share(cells[column].kept, wanted) if column in cells else "" for column in columns]
            row = [scores.system, f"{100 * scores.clean:.1f}", f"{100 * scores.average:.1f}", *shares]
            print("| " + " | ".join(row) + " |")


def print_costs(kept: Kept, task: str, wanted: int) -> None:
    """Print what the searches took."""
    print(
        "| system | recipe | search | edits | certified | candidates | distinct | queries, mean | most | "
        "seconds an example | in the network | MiB |"
    )
    print("|---" * 12 + "|")
    for cell in kept.cells:
        if cell.task != task or cell.examples != wanted or not cell.search:
            continue
        certified = share(cell.certified, wanted) if cell.search == "exhaustive" else ""
        print(
            f"| {cell.system} | `{cell.recipe}` | {cell.search} | {cell.edits} | {certified} | {cell.candidates:.0f} "
            f"| {100 * cell.distinct:.0f} % | {cell.queries:.0f} | {cell.most_queries} | {cell.seconds / wanted:.2f} "
            f"| {100 * cell.in_model / cell.seconds:.0f} % | {cell.memory} |"
        )


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("systems", nargs="*", metavar="NAME=SYSTEM")
    parser.add_argument("--task", choices=TASKS, default="sst2")
    parser.add_argument("--examples", type=int, default=300)
    options = parser.parse_intermixed_args()
    kept = Kept(options.output)
    for given in options.systems:
        measure(given, options.task, options.examples, kept)
    print_kept(kept, options.task, options.examples)
    print()
    print_costs(kept, options.task, options.examples)


if __name__ == "__main__":
    main()
