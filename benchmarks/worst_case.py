"""What is left of systems under the worst edits that can be found: clean, average and worst case, beside each other.

Each system is searched on the first examples that it has right. One edit: all edits of each recipe of the ladder are
asked until one loses ground, those first that look worst, so that what is kept is proved to be kept. The recipes allow
each all that a stricter one does: what is kept under the loosest is kept under all, and what is lost under the
strictest is lost under all, and is not asked again. Two edits: greedy search in what no single edit loses, no proof.
What is finished is not run again; a search that was interrupted goes on.

    python benchmarks/worst_case.py OUTPUT NAME=SYSTEM [NAME=SYSTEM ...] [--task sst2 --examples 300 --screen]

Without systems the tables of what is in OUTPUT are printed.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from real_data import SHARED, records

from charrobust import evaluate, load_data
from charrobust.datasets.dataset import DataSet
from charrobust.perturb import Attack
from charrobust.scoring.intervals import wilson
from charrobust.search import Found, search
from charrobust.systems.defended import Defended
from charrobust.systems.labels import label_names, translated
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.systems.system import System

TASKS = {
    "sst2": ("glue_sst2/dev", "classification", 872),
    "ner": ("conll2003_ner/testb", "tagging", 3453),
    "qnli": ("glue_qnli/dev", "classification", 2000),
}
AVERAGE = "charbert"


@dataclass(frozen=True)
class Step:
    """A search of every system.

    Attributes:
        recipe: What may be edited.
        edits: Edits at most.
        within: A looser step: what is kept there is kept here.
        beyond: Stricter ones: what is lost there is lost here.
    """

    recipe: str
    edits: int
    within: Step | None = None
    beyond: tuple[Step, ...] = ()

    @property
    def key(self) -> str:
        """What it is called in files."""
        return f"{self.recipe}:{self.edits}"


ANY = Step("ladder-any", 1)
INNER = Step("ladder-inner", 1, ANY)
LAST = Step("ladder-last", 1, ANY, (INNER,))
FIRST = Step("ladder-first", 1, ANY, (INNER,))
INNER_TWICE = Step("ladder-inner", 2, None, (INNER,))
ANY_TWICE = Step("ladder-any", 2, None, (ANY, INNER_TWICE))
ORDER = (ANY, INNER, LAST, FIRST, INNER_TWICE, ANY_TWICE)  # what a step refers to comes before it
SHOWN = (INNER, LAST, FIRST, ANY, INNER_TWICE, ANY_TWICE)


@dataclass(frozen=True)
class Cell:
    """What one step found of one system.

    Attributes:
        task: Short name of the data.
        system: Name of the system.
        step: The step, or the recipe that was drawn.
        examples: Number of examples, all of them right when clean.
        lost: The numbers of those that are lost.
        asked: How many were searched; of the others it was known.
        proved: How many of these are proved to be kept.
        queries: Queries in all.
        candidates: Single edits in all, of those that were searched.
        distinct: Readings of the system among the texts asked.
        seconds: Wall-clock seconds in all, of runs that were interrupted, too.
        in_model: Share of the last run's time that was spent in forward passes of the network.
        cpu: CPU seconds of all threads, for each second of the last run.
        memory: Most memory of the process so far, in MiB.
    """

    task: str
    system: str
    step: str
    examples: int
    lost: Sequence[int]
    asked: int = 0
    proved: int = 0
    queries: int = 0
    candidates: int = 0
    distinct: int = 0
    seconds: float = 0.0
    in_model: float = 0.0
    cpu: float = 0.0
    memory: int = 0


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

    def cells_of(self, task: str, system: str, examples: int) -> dict[str, Cell]:
        """Return the cells of a system, by step."""
        wanted = (task, system, examples)
        return {cell.step: cell for cell in self.cells if (cell.task, cell.system, cell.examples) == wanted}

    def has_scores(self, task: str, system: str) -> bool:
        """Tell whether there are scores."""
        return any((scores.task, scores.system) == (task, system) for scores in self.scores)

    def _rows(self, name: str) -> list[dict[str, Any]]:
        path = self.folder / name
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []

    def _append(self, name: str, row: dict[str, Any]) -> None:
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def right_records(system: System, task: str, count: int) -> DataSet:
    """Return the first examples that a system has right, each a record."""
    file, kind, limit = TASKS[task]
    rows = records(file)[:limit]
    data = load_data(rows, name=task, task=kind)
    predictions = translated(data.task, system.predict(data.examples), label_names(system, data))
    right = data.task.right([example.target for example in data.examples], predictions)
    if right is None or len(rows) != len(data):
        raise SystemExit(f"{file}: expected a record an example, each right or wrong")
    return part(data, [number for number, is_right in enumerate(right) if is_right][:count])


def part(data: DataSet, numbers: Sequence[int]) -> DataSet:
    """Return some of the examples."""
    rows = [data.record_of(number).records[0] for number in numbers]
    return replace(load_data(rows, name=data.name, task=data.task.name), label_names=data.classes)


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


def searched(system: System, data: DataSet, step: Step, known: dict[str, Cell], store: Path) -> Cell:
    """Search where it is not known what comes of it, and say what was found."""
    lost = {number for other in step.beyond for number in known[other.key].lost}
    within = range(len(data)) if step.within is None else known[step.within.key].lost
    open_numbers = [number for number in within if number not in lost]
    cell = Cell(data.name, system.name, step.key, len(data), sorted(lost))
    if not open_numbers:
        return cell
    seconds, cpu = time.perf_counter(), time.process_time()
    with timed(system) as passes:
        method = "certify" if step.edits == 1 else "greedy"
        attack = Attack.load(step.recipe)
        found = search(system, part(data, open_numbers), attack, search=method, edits=step.edits, store=store)
    cell = counted(cell, found, open_numbers)
    seconds, cpu = time.perf_counter() - seconds, time.process_time() - cpu
    return replace(
        cell,
        cpu=cpu / seconds,
        in_model=sum(passes) / seconds,
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def counted(cell: Cell, found: Found, numbers: Sequence[int]) -> Cell:
    """Add to a cell what a search found in the examples of some numbers."""
    new = [number for number, outcome in zip(numbers, found.outcomes, strict=True) if outcome.success]
    return replace(
        cell,
        lost=sorted([*cell.lost, *new]),
        asked=len(numbers),
        proved=sum(outcome.is_complete for outcome in found.outcomes),
        queries=sum(outcome.queries for outcome in found.outcomes),
        candidates=sum(outcome.candidates for outcome in found.outcomes),
        distinct=sum(outcome.distinct for outcome in found.outcomes),
        seconds=sum(outcome.seconds for outcome in found.outcomes),
    )


def drawn(system: System, data: DataSet) -> Cell:
    """Attack at random, once, and say what is lost."""
    attacked = Attack.load(AVERAGE)
    batches = [data.task.attack_records(batch, attacked).records for batch in data.batches]
    predictions = translated(data.task, system.predict(data.with_records(batches)), label_names(system, data))
    right = data.task.right([example.target for example in data.examples], predictions)
    lost = [number for number, is_right in enumerate(right) if not is_right]
    return Cell(data.name, system.name, AVERAGE, len(data), lost)


def scores_of(system: System, task: str) -> Scores:
    """Score a system on all the data, clean and attacked at random."""
    file, kind, limit = TASKS[task]
    data = load_data(SHARED / f"{file}.jsonl.gz", task=kind, limit=limit)
    results = evaluate([system], data, [AVERAGE])
    metric = results.metrics[0]
    values = {score.attack: score.value.value for score in results.scores if score.metric == metric}
    return Scores(task, system.name, metric, values["clean"], values[AVERAGE], len(data))


def measure(given: str, task: str, wanted: int, kept: Kept, *, screen: bool) -> None:
    """Measure what is not yet there of a system."""
    name = given.partition("=")[0]
    known = kept.cells_of(task, name, wanted)
    missing = [step for step in ORDER if step.key not in known]
    if not missing and kept.has_scores(task, name):
        return
    system = load_system(given, SystemOptions(screen=screen))
    if not kept.has_scores(task, name):
        kept.add_scores(scores_of(system, task))
    data = right_records(system, task, wanted)
    if AVERAGE not in known:
        kept.add_cell(drawn(system, data))
    for step in missing:
        print(time.strftime("%H:%M:%S"), name, step.key, file=sys.stderr, flush=True)
        known[step.key] = searched(system, data, step, known, kept.folder / "store")
        kept.add_cell(known[step.key])


def share(count: int, of: int) -> str:
    """Return a share with its interval, in percent."""
    found = wilson(count, of)
    return f"{100 * found.value:.1f} ({100 * found.low:.1f} to {100 * found.high:.1f})"


def print_row(*fields: object) -> None:
    """Print a row of a table."""
    print("| " + " | ".join(map(str, fields)) + " |")


def print_kept(kept: Kept, task: str, wanted: int) -> None:
    """Print how many stay right: a row a system, a column an attack."""
    names = [f"`{step.recipe}`, {step.edits} edit{'s' * (step.edits > 1)}" for step in SHOWN]
    print_row("system", "clean", f"`{AVERAGE}` drawn", f"kept: `{AVERAGE}` drawn", *names)
    print("|---" * (len(names) + 4) + "|")
    for scores in kept.scores:
        if scores.task == task:
            cells = kept.cells_of(task, scores.system, wanted)
            columns = [AVERAGE, *(step.key for step in SHOWN)]
            shares = [share(wanted - len(cells[key].lost), wanted) if key in cells else "" for key in columns]
            print_row(scores.system, f"{100 * scores.clean:.1f}", f"{100 * scores.average:.1f}", *shares)


def print_costs(kept: Kept, task: str, wanted: int) -> None:
    """Print what the searches took, for an example that was searched."""
    columns = ("searched", "candidates", "distinct to it", "queries", "seconds", "CPU seconds", "in the network", "MiB")
    print_row("system", "recipe", "edits", *columns)
    print("|---" * (len(columns) + 3) + "|")
    for cell in kept.cells:
        if (cell.task, cell.examples) == (task, wanted) and cell.asked:
            recipe, _, edits = cell.step.partition(":")
            seconds = cell.seconds / cell.asked
            print_row(
                cell.system,
                f"`{recipe}`",
                edits,
                cell.asked,
                round(cell.candidates / cell.asked),
                f"{100 * cell.distinct / cell.queries:.0f} %",
                round(cell.queries / cell.asked),
                f"{seconds:.2f}",
                f"{seconds * cell.cpu:.2f}",
                f"{100 * cell.in_model:.0f} %",
                cell.memory,
            )


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("systems", nargs="*", metavar="NAME=SYSTEM")
    parser.add_argument("--task", choices=TASKS, default="sst2")
    parser.add_argument("--examples", type=int, default=300)
    parser.add_argument("--screen", action="store_true", help="as that of `charrobust evaluate`")
    options = parser.parse_intermixed_args()
    kept = Kept(options.output)
    for given in options.systems:
        measure(given, options.task, options.examples, kept, screen=options.screen)
    print_kept(kept, options.task, options.examples)
    print()
    print_costs(kept, options.task, options.examples)


if __name__ == "__main__":
    main()
