"""A data set through an attack, from file to file.

Blocks of the input are parsed, attacked and rendered one by one, here or in worker processes, and written in
order: memory stays constant, and the outcome does not depend on the number of workers. Output files appear under
their names only when they are complete.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from charrobust.datasets import edit_log
from charrobust.datasets.formats import Block, Format, maker_of, name_of
from charrobust.datasets.garbage import garbage_later
from charrobust.datasets.options import REFUSE, SKIP
from charrobust.errors import DataError, NoRecordsError, RecipeError, UserError
from charrobust.files import replacing
from charrobust.logs import logger
from charrobust.perturb import Attack, Tally
from charrobust.processes import pooled
from charrobust.progress import Progress, no_progress
from charrobust.tasks.base import Task
from charrobust.tasks.records import Batch, FieldLog, Perturbation, Place, Record

_logger = logger(__name__)
_EXAMPLES = 3
_REMEDY = "run the command again, with fewer `workers` where memory is short"


@dataclass(frozen=True)
class TextPair:
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
        skipped: What was wrong with each record that was left out, with its place.
    """

    records: int = 0
    tally: Tally = field(default_factory=Tally)
    examples: list[TextPair] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def add(self, other: Summary | _Outcome) -> None:
        """Add what was done to more records."""
        self.records += other.records
        self.tally.add(other.tally)
        self.examples = (self.examples + other.examples)[:_EXAMPLES]
        self.skipped += other.skipped


@dataclass(frozen=True)
class _Job:
    """What is done to every block, in whatever process."""

    source: Format
    sink: Format
    task: Task
    attack: Attack
    with_log: bool
    bad_records: str

    @garbage_later()
    def __call__(self, block: Block) -> _Outcome:
        """Attack one block; where bad records are skipped and there is one, record by record."""
        try:
            # Nearly all blocks hold no bad record: single records are looked at only behind an error.
            return self._attacked([block], block.position)
        except DataError:
            if self.bad_records != SKIP:
                raise
        good: list[Block] = []
        skipped: list[str] = []
        for single in self.source.singles(block):
            try:
                # A trial, whose outcome is thrown away: the good ones are attacked below, under their final numbers.
                self._attacked([single], single.position)
            except DataError as error:
                skipped.append(str(error))
            else:
                # Counted as in the output, where bad ones are missing; `renumbered` takes off those of earlier blocks.
                good.append(replace(single, first=block.first + len(good)))
        outcome = self._attacked(good, block.position)
        outcome.skipped += skipped
        return outcome

    def _attacked(self, blocks: list[Block], position: int) -> _Outcome:
        """Attack blocks, one after the other."""
        outcome = _Outcome(position)
        logs: list[FieldLog] = []
        for block in blocks:
            batch = self.source.parse(block)
            if self.attack.recipe.breaks_tokens:
                self.task.check_followed(batch)
            perturbed = self._perturbed(batch)
            logs += perturbed.logs
            outcome.records += len(batch.records)
            outcome.rendered.append(self.sink.render(block, perturbed.records, self.task.changed))
            outcome.tally.add(perturbed.tally)
            for label, place in self.task.distinct_labels(batch):
                # The first of each type is enough to say where a mixture begins.
                outcome.labels.setdefault(_type_of(label), (place, label))
            self._show(batch.records, perturbed.records, outcome)
        outcome.edits = edit_log.to_arrow(logs) if self.with_log else None
        return outcome

    def _perturbed(self, batch: Batch) -> Perturbation:
        """Attack a batch; an error that a text brings about, as a pattern that takes too long on it, says where."""
        try:
            return self.task.attack_records(batch, self.attack)
        except RecipeError as error:
            first, last = batch.places[0], batch.places[-1]
            raise RecipeError(f"{first.source}, {first.line} to {last.line}: {error}") from error

    def _show(self, old: list[Record], new: list[Record], outcome: _Outcome) -> None:
        """Keep the first few records that changed, for show."""
        for before, after in zip(old, new, strict=True):
            if len(outcome.examples) >= _EXAMPLES:
                return
            outcome.examples += self._text_pairs(before, after, _EXAMPLES - len(outcome.examples))

    def _text_pairs(self, old: Record, new: Record, most: int) -> list[TextPair]:
        """Return what changed in a record, for show."""
        columns = [column for column in self.task.changed if _is_shown(old.get(column)) and old[column] != new[column]]
        return [TextPair(column, _as_text(old[column]), _as_text(new[column])) for column in columns[:most]]


@dataclass
class _Outcome:
    """What became of a block."""

    position: int
    records: int = 0
    rendered: list[Any] = field(default_factory=list)
    edits: Any = None
    tally: Tally = field(default_factory=Tally)
    labels: dict[str, tuple[Place, object]] = field(default_factory=dict)
    examples: list[TextPair] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def _type_of(label: object) -> str:
    """Name the type of a label; those of files without types are all text."""
    if isinstance(label, str):
        return "text"
    if isinstance(label, bool):
        return "true or false"
    return "number" if isinstance(label, int | float) else type(label).__name__


def _is_shown(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return isinstance(value, str)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else " ".join(value)


def attack_file(
    source: Format,
    task: Task,
    attack: Attack,
    *,
    output: Path,
    sink: Format | None = None,
    edits: Path | None = None,
    workers: int = 1,
    bad_records: str = REFUSE,
    progress: Progress = no_progress,
) -> Summary:
    """Attack a data set and write it in the same shape.

    Args:
        source: The data set.
        task: Its task and columns.
        attack: The attack.
        output: File to write.
        sink: Format to write in, one of plain rows; None for that of the source.
        edits: File for the edit log, ``.parquet`` or ``.jsonl``; None for none.
        workers: Number of processes that attack.
        bad_records: ``refuse`` ends at the first bad record; ``skip`` leaves bad ones out and lists them.
        progress: See :data:`charrobust.progress.Progress`; the stage is the name of the recipe.

    Returns:
        Counts and examples.

    Raises:
        UserError: Options that do not fit the file.
        RecipeError: Labels would not hold; or a pattern takes too long on a text, with the lines among which it stands.
        DataError: A record is not what the task asks for, labels are of several types, or there are no records. Nothing
            is left behind then.
    """
    for doubt in task.doubts(attack):
        _logger.warning("%s", doubt)
    sink = sink or source
    if attack.recipe.breaks_tokens:
        sink.check_followed()
    check_distinct(input=source.path, output=output, log=edits)
    if edits is not None:
        edit_log.check_name(edits)
    job = _Job(source, sink, task, attack, edits is not None, bad_records)
    summary = Summary()
    total = source.total()
    seen: dict[str, tuple[Place, object]] = {}
    with ExitStack() as stack:
        log = None
        if edits is not None:  # entered first, so that it appears last
            path = stack.enter_context(replacing(edits, like=source.path))
            log = stack.enter_context(edit_log.LogWriter(path, describe(source, sink, task, attack)))
        writer = stack.enter_context(sink.writer(stack.enter_context(replacing(output, like=source.path))))
        for outcome in pooled(job, source.blocks(), workers, ordered=True, remedy=_REMEDY):
            # The right side wins, so that of each type the first place is kept.
            seen = outcome.labels | seen
            _check_labels(seen, task)
            for rendered in outcome.rendered:
                writer.write(rendered)
            if log is not None:
                # Before this block is added to the summary: the job has taken its own bad records into account.
                log.write(edit_log.renumbered(outcome.edits, -len(summary.skipped)))
            summary.add(outcome)
            progress(attack.recipe.name, outcome.position, total, {})
        # Inside the stack, so that the error removes the files that were begun.
        if not summary.records:
            _refuse_empty(source, summary)
    return summary


def _refuse_empty(source: Format, summary: Summary) -> None:
    """Say why nothing is written.

    Raises:
        DataError: All records are bad.
        NoRecordsError: There are none.
    """
    if summary.skipped:
        raise DataError(f"{source.path}: all {len(summary.skipped):,} records are bad; the first: {summary.skipped[0]}")
    raise NoRecordsError(f"{source.path} holds no records; expected at least one")


def _check_labels(seen: dict[str, tuple[Place, object]], task: Task) -> None:
    """Refuse labels of several types.

    Raises:
        DataError: With the first place of each type.
    """
    if len(seen) > 1:
        types = "; ".join(f"{name} ({label!r}) at {place.line}" for name, (place, label) in seen.items())
        place = next(iter(seen.values()))[0]
        raise DataError(
            f"{place.source}: the labels in column {task.target_column!r} are of mixed types: {types}; make them one "
            "type"
        )


def check_distinct(**paths: Path | None) -> None:
    """Refuse to read and write one file under two names.

    Args:
        paths: The paths by what they are called in messages; None for one that is not given.

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
    """Return what an edit log must say about its run, to be read again when it is undone."""
    return {
        "source": source.path.name,
        "format": reading_options(source, sink),
        "task": task.name,
        "columns": asdict(task),
        "recipe": attack.recipe.name,
        "language": attack.recipe.language or None,
        "severity": attack.recipe.severity,
        "seed": attack.seed,
    }


def reading_options(source: Format, sink: Format) -> dict[str, Any]:
    """Return the options with which an attacked file is read again.

    Args:
        source: The data set that was attacked.
        sink: The format that it was written in.

    Returns:
        The options, as :func:`~charrobust.datasets.formats.format_of` takes them.
    """
    return sink.options(source) | _format_name(sink)


def _format_name(sink: Format) -> dict[str, str]:
    """Return the name of a format as an option, where the name of the file does not tell it."""
    name = name_of(sink)
    maker: Any = maker_of(sink.path)
    # Delimited files of all kinds are of one class, and their options tell the kind.
    made = maker.func if isinstance(maker, partial) else maker
    return {} if name is None or made is type(sink) else {"format": name}
