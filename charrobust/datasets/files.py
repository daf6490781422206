"""A data set through an attack, from file to file, and back.

Blocks of the input are parsed, attacked and rendered one by one, here or in worker processes, and written in
order: memory stays constant, and the outcome does not depend on the number of workers. Output files appear under
their names only when they are complete.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from charrobust.datasets import edit_log as log
from charrobust.datasets.cards import Task
from charrobust.datasets.formats import Block, Format
from charrobust.datasets.formats.base import replacing
from charrobust.errors import DataError, UserError
from charrobust.perturb import Attack, Tally
from charrobust.tasks.records import LoggedEdit, Place

Progress = Callable[[int], object]
_EXAMPLES = 3


@dataclass(frozen=True)
class Example:
    """An attacked text, to be shown.

    Attributes:
        field: The field that was attacked.
        before: Its text (tokens joined by blanks).
        after: The same after the attack.
    """

    field: str
    before: str
    after: str


@dataclass
class Summary:
    """What an attack did to a data set.

    Attributes:
        records: Number of records.
        tally: What happened to the words.
        examples: The first few attacked records.
    """

    records: int = 0
    tally: Tally = field(default_factory=Tally)
    examples: list[Example] = field(default_factory=list)


@dataclass(frozen=True)
class _Job:
    """What is done to every block, in whatever process."""

    source: Format
    sink: Format
    task: Task
    attack: Attack
    with_log: bool

    def __call__(self, block: Block) -> _Done:
        """Attack one block."""
        batch = self.source.parse(block)
        made = self.task.perturb(batch, self.attack)
        labels: dict[str, tuple[Place, object]] = {}
        for _, record, place in batch.rows():
            for label in self.task.labels_of(record):
                labels.setdefault(_label_kind(label), (place, label))
        examples = []
        for old, new in zip(batch.records, made.records, strict=True):
            examples += [
                Example(column, _shown(old[column]), _shown(new[column]))
                for column in self.task.changed
                if _is_shown(old.get(column)) and old[column] != new[column]
            ]
            if len(examples) >= _EXAMPLES:
                break
        return _Done(
            len(batch.records),
            self.sink.render(block, made.records, self.task.changed),
            log.to_arrow(made.logs) if self.with_log else None,
            made.tally,
            labels,
            examples[:_EXAMPLES],
            block.position,
        )


@dataclass(frozen=True)
class _Done:
    records: int
    rendered: Any
    edits: Any
    tally: Tally
    labels: dict[str, tuple[Place, object]]
    examples: list[Example]
    position: int


def _label_kind(label: object) -> str:
    """Name the type of a label; what files without types hold is text, also where it looks like a number."""
    if isinstance(label, str):
        return "text"
    if isinstance(label, bool):
        return "true or false"
    if isinstance(label, int | float):
        return "number"
    return "nothing" if label is None else type(label).__name__


def _is_shown(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else " ".join(value)


def attack_file(
    source: Format,
    task: Task,
    attack: Attack,
    output: Path,
    *,
    sink: Format,
    edits: Path | None = None,
    workers: int = 1,
    progress: Progress = lambda _: None,
) -> Summary:
    """Attack a data set and write it in the same shape.

    Args:
        source: The data set.
        task: Its task and columns.
        attack: The attack.
        output: File to write.
        sink: Format to write in: that of the source, or another of plain rows.
        edits: File for the edit log, ``.parquet`` or ``.jsonl``; None for none.
        workers: Number of processes that attack.
        progress: Called with the position of ``source`` after each block.

    Returns:
        Counts and examples.

    Raises:
        UserError: Bad input; nothing is left behind then.
    """
    check_distinct(input=source.path, output=output, log=edits)
    if edits is not None:
        log.check_name(edits)
    job = _Job(source, sink, task, attack, edits is not None)
    summary = Summary()
    seen: dict[str, tuple[Place, object]] = {}
    with ExitStack() as stack:
        logged = None
        if edits is not None:  # entered first, so that it appears last
            about = describe(source, sink, task, attack)
            logged = stack.enter_context(log.LogWriter(stack.enter_context(replacing(edits)), about))
        writer = stack.enter_context(sink.writer(stack.enter_context(replacing(output))))
        for done in _mapped(job, source.blocks(), workers):
            seen = done.labels | seen
            _check_labels(seen, task)
            writer.write(done.rendered)
            if logged is not None:
                logged.write(done.edits)
            summary.records += done.records
            summary.tally.add(done.tally)
            summary.examples = (summary.examples + done.examples)[:_EXAMPLES]
            progress(done.position)
        if not summary.records:
            raise DataError(f"{source.path} holds no records; expected at least one")
    return summary


def _check_labels(seen: dict[str, tuple[Place, object]], task: Task) -> None:
    """Refuse labels of several types.

    Raises:
        DataError: With the first place of each type.
    """
    if len(seen) > 1:
        found = "; ".join(f"{kind} ({label!r}) at {place.line}" for kind, (place, label) in seen.items())
        place = next(iter(seen.values()))[0]
        column = getattr(task, "label", None) or getattr(task, "tags", None)
        raise DataError(
            f"{place.source}: the labels in column {column!r} are of mixed types: {found}; make them one type"
        )


def _mapped(job: _Job, blocks: Iterable[Block], workers: int) -> Iterator[_Done]:
    """Run a job on blocks, here or in processes, in order, with a bounded number under way."""
    if workers == 1:
        yield from map(job, blocks)
        return
    context = multiprocessing.get_context("spawn")
    iterator = iter(blocks)
    quiet = (signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; this process ends the others
    with ProcessPoolExecutor(workers, context, signal.signal, quiet) as pool:
        waiting: deque[Future[_Done]] = deque(pool.submit(job, block) for block in islice(iterator, 2 * workers))
        try:
            while waiting:
                yield waiting.popleft().result()
                waiting.extend(pool.submit(job, block) for block in islice(iterator, 1))
        finally:
            for future in waiting:
                future.cancel()


def check_distinct(**paths: Path | None) -> None:
    """Refuse to read and write one file under two names.

    Raises:
        UserError: Two of the paths are one file.
    """
    seen: dict[Path, str] = {}
    for name, path in paths.items():
        if path is not None:
            other = seen.setdefault(path.resolve(), name)
            if other != name:
                raise UserError(f"the {name} {path} is the {other}; give another name")


def describe(source: Format, sink: Format, task: Task, attack: Attack) -> dict[str, Any]:
    """Return what an edit log must say about its run, to be read again by :func:`revert_file`."""
    return {
        "source": source.path.name,
        "format": sink.options(source),
        "task": task.name,
        "columns": asdict(task),
        "recipe": attack.recipe.name,
        "severity": attack.recipe.severity,
        "seed": attack.seed,
    }


def revert_file(
    source: Format, task: Task, edits: log.EditLog, output: Path, *, progress: Progress = lambda _: None
) -> int:
    """Undo an attack.

    Args:
        source: The attacked data set.
        task: Its task and columns.
        edits: The log of the attack.
        output: File to write.
        progress: Called with the position of ``source`` after each block.

    Returns:
        The number of edits undone.

    Raises:
        DataError: The log does not fit the data set; nothing is left behind then.
    """
    check_distinct(input=source.path, log=edits.path, output=output)
    rows = edits.by_row()
    waiting = next(rows, None)
    count = 0
    with replacing(output) as temporary, source.writer(temporary) as writer:
        for block in source.blocks():
            batch = source.parse(block)
            records = []
            for number, record, place in batch.rows():
                mine: list[LoggedEdit] = []
                if waiting is not None and waiting[0] == number:
                    mine = waiting[1]
                    waiting = next(rows, None)
                count += len(mine)
                records.append(task.restore(record, mine, place))
            writer.write(source.render(block, records, task.changed))
            progress(block.position)
        if waiting is not None:
            raise DataError(f"{source.path}: the edit log goes on at record {waiting[0]}, where the data set has ended")
    return count
