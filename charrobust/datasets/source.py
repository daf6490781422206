"""A data set that is named but not read yet: where it lies, in which format, and for which task."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, fields, replace
from itertools import chain
from pathlib import Path
from typing import Any

from charrobust.datasets.cards import Card, card_names, load_card
from charrobust.datasets.formats import Block, Conll, Format, Hub, format_of, maker_of, name_of
from charrobust.datasets.options import OPTION_OF_FIELD, READING, REFUSE, SKIP, DataOptions
from charrobust.datasets.telling import filled, told_by_columns, told_note
from charrobust.errors import DataError, NoRecordsError, UserError, hint
from charrobust.logs import logger
from charrobust.tasks.base import Task
from charrobust.tasks.labelled import LabelledTask
from charrobust.tasks.records import Batch
from charrobust.tasks.registry import task_class, task_classes

_logger = logger(__name__)


@dataclass(frozen=True)
class Source:
    """A data set that can be read, block by block.

    Attributes:
        name: Its name in results.
        format: The file, in its format.
        task: The task, with its columns.
        bad_records: See :class:`DataOptions`.
        notes: What a user should know of how it is understood.
    """

    name: str
    format: Format
    task: Task
    bad_records: str = REFUSE
    notes: tuple[str, ...] = ()


def open_source(name: str | Path, options: DataOptions | None = None) -> Source:
    """Find a data set and its task.

    Args:
        name: A file, a directory, a card's name (``sst2``, ``sst2:train``) or a hub data set (``hub:NAME:SPLIT``).
        options: What is said of it.

    Returns:
        The data set, with its format and its task; its records are not read yet.

    Raises:
        UserError: Nothing of that name, no task to be told, or options that the task or the format does not know.
    """
    opened = _found(str(name), options or DataOptions())
    place = opened.format.path
    _logger.info("data %s: %s as %s, for %s", name, place, type(opened.format).__name__, opened.task.name)
    return opened


def _found(text: str, options: DataOptions) -> Source:
    """Return the data set of a name."""
    # Cards go first: a name of theirs means the same wherever one works, whatever files lie there.
    card, split = _card(text)
    if card is not None:
        options.check_not_given(READING, f"{text!r} is a data set card, which says how its files are read")
        return _of_card(text, card, replace(options, split=_split_once(text, split, options)))
    path = Path(text)
    if path.exists():
        return _opened(path.name, _file(path, options), options)
    return _opened(text, _split_of_hub(text, options), options)


def _split_once(name: str, named: str | None, options: DataOptions) -> str | None:
    """Return the split that a name or an option says.

    Raises:
        UserError: Both do.
    """
    if named and options.split:
        raise UserError(f"{name!r} names a split, and `split` says {options.split!r}; leave out one of them")
    return named or options.split


def _opened(name: str, source: Format, options: DataOptions) -> Source:
    """Return a data set with its task; where that is not what was named, or nothing was, it is said."""
    task = _task_of(source, options)
    notes: tuple[str, ...] = ()
    if options.task is not None and task.name != options.task:
        notes = (f"{name}: by its columns the task is {task.name}, not {options.task}",)
    elif options.task is None and _told_by_format(source) is None:
        notes = (told_note(name, task),)
    return Source(name, source, task, options.bad_records, notes)


def _card(name: str) -> tuple[Card | None, str | None]:
    """Return the card that a name names, and the split."""
    base, _, split = name.partition(":")
    if base in card_names() or base.endswith(".toml"):
        return load_card(base), split or None
    return None, None


def _of_card(name: str, card: Card, options: DataOptions) -> Source:
    if options.task is not None and options.task != card.task.name:
        # Refuses a name that is no task at all, with the closest one; the next line is about real tasks.
        task_class(options.task)
        raise UserError(f"data set {card.name!r} is for the task {card.task.name!r}, not {options.task!r}")
    return Source(name, card.format(options.split), with_choices(card.task, options), options.bad_records)


def _file(path: Path, options: DataOptions) -> Format:
    """Return a file or a directory in its format."""
    given = options.format_options
    if options.split:
        given["split"] = options.split
    if _is_conll(path, options):
        given |= _column_numbers(options)
    return format_of(path, options.format, **given)


def _is_conll(path: Path, options: DataOptions) -> bool:
    kind = maker_of(path, options.format)
    return isinstance(kind, type) and issubclass(kind, Conll)


def _column_numbers(options: DataOptions) -> dict[str, int]:
    """Return the columns of a CoNLL file, which are options of the format.

    Raises:
        UserError: One is no number.
    """
    numbers = {}
    for name in ("token_column", "tag_column"):
        value = getattr(options, name)
        if value is not None:
            try:
                numbers[name] = int(value)
            except ValueError as error:
                raise UserError(f"`{name}` of a CoNLL file is a number, from 0; got {value!r}") from error
    return numbers


def _split_of_hub(name: str, options: DataOptions) -> Format:
    """Return a split of a hub data set, or of a saved directory.

    Raises:
        UserError: It is neither.
    """
    base, _, rest = name.partition(":")
    if base == "hub":
        # Without a colon, rpartition leaves the left part empty: all of it is the name, and the split is an option.
        hub_id, _, named = rest.rpartition(":")
        split = _split_once(name, named if hub_id else None, options)
        if split is None:
            raise UserError(f"{name!r}: a hub data set is written hub:NAME:SPLIT, such as hub:stanfordnlp/imdb:test")
        options.check_not_given(READING, f"{name!r} is a data set of the hub, which is read as it is")
        return Hub(Path(hub_id or named), split)
    if Path(base).is_dir() and rest:
        return _file(Path(base), replace(options, split=_split_once(name, rest, options)))
    cards = hint(base, card_names())
    raise UserError(
        f"input {name!r} is no existing file and no data set card; {cards}. A data set of the hub is hub:NAME:SPLIT"
    )


def _task_of(source: Format, options: DataOptions) -> Task:
    """Find the columns of a data set by its first records, and apply what is said of them.

    Raises:
        UserError: No task is named and neither the format nor the columns tell it, or these have no usual names.
    """
    named = task_class(options.task) if options.task else _told_by_format(source)
    batch = _first_batch(source, options)
    if named is None:
        named = told_by_columns(filled(batch.records), batch.places[0], options)
    if isinstance(source, Conll):  # its columns are numbers, and its records name them themselves
        options = replace(options, token_column=None, tag_column=None)
    return _with_class_names(detected(named, batch, options), source)


def detected(task: type[Task], batch: Batch, options: DataOptions) -> Task:
    """Return a task with the columns of some records, those that were named and others by their usual names.

    Args:
        task: The class of the task.
        batch: The first records of a data set, at least one.
        options: What is said of the data set.

    Returns:
        The task with its columns.

    Raises:
        UserError: There are no such columns, or the task does not know what is said.
    """
    record, place = filled(batch.records), batch.places[0]
    texts, targets = options.columns
    for column in targets:
        # Some records may lack their label, but where all do, its name is misspelt.
        if column not in record and column.partition(".")[0] not in record:
            raise place.error(f"label column {column!r} is missing; {hint(column, map(str, record))}")
    # Columns that hold no offsets, whatever they look like, must not tell the task.
    seen = {column: value for column, value in record.items() if column not in options.plain_columns}
    return with_choices(task.detect(seen, place, named=texts, target=targets), options)


def _told_by_format(source: Format) -> type[Task] | None:
    """Return the task that a file's name tells; None where it tells none."""
    return next((task for task in task_classes() if name_of(source) in task.formats), None)


def _first_batch(source: Format, options: DataOptions) -> Batch:
    """Return the first records of a data set; where bad ones are skipped, those that cannot be read are passed over.

    Raises:
        NoRecordsError: There is none.
    """
    for block in source.blocks():
        skips = options.bad_records == SKIP
        batches = list(_readable(source, block)) if skips else [source.parse(block)]
        records = list(chain.from_iterable(batch.records for batch in batches))
        if records:
            places = list(chain.from_iterable(batch.places for batch in batches))
            return Batch(block.first, records, places)
    raise NoRecordsError(f"{source.path} holds no records; expected at least one")


def _readable(source: Format, block: Block) -> list[Batch]:
    """Return those records of a block that can be parsed, each a batch."""
    batches = []
    for single in source.singles(block):
        with suppress(DataError):
            batches.append(source.parse(single))
    return batches


def _with_class_names(task: Task, source: Format) -> Task:
    """Return a task with the names of its classes or tags, where the file holds them."""
    if isinstance(task, LabelledTask) and task.target_column is not None:
        return task.with_names(source.class_names(task.target_column))
    return task


def with_choices(task: Task, options: DataOptions) -> Task:
    """Return a task with the columns and choices that were named.

    Args:
        task: The task as it was detected, or as the card has it.
        options: What is said of the data set.

    Returns:
        The task with these.

    Raises:
        UserError: The task does not know one of them.
    """
    known = {declared.name for declared in fields(task)}
    chosen: dict[str, Any] = {}
    for name, value in options.task_fields.items():
        if name not in known:
            raise UserError(f"the task {task.name!r} has no {OPTION_OF_FIELD.get(name, name)}")
        chosen[name] = _single(value) if name == "label" else value
    return replace(task, **chosen)


def _single(columns: tuple[str, ...]) -> str | tuple[str, ...]:
    """Return one column as its name, several as they are."""
    return columns[0] if len(columns) == 1 else columns
