"""The one way to data: whatever it is given, :func:`load_data` returns a data set or says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from charrobust.datasets.dataset import DataSet, Gathering, gather
from charrobust.datasets.formats import Block
from charrobust.datasets.options import READING, SKIP, DataOptions
from charrobust.datasets.source import Source, detected, open_source, with_choices
from charrobust.datasets.telling import filled, told_by_columns, told_note
from charrobust.errors import DataError, UserError
from charrobust.tasks.labelled import LabelledTask
from charrobust.tasks.records import Batch, Place, Record
from charrobust.tasks.registry import DEFAULT_TASK, task_class

_BATCH = 2048  # records of a batch


def load_data(
    data: Any,
    targets: Sequence[Any] | None = None,
    *,
    name: str | None = None,
    limit: int | None = None,
    labelled: bool = True,
    **options: Any,
) -> DataSet:
    """Load a data set, from wherever it is.

    Args:
        data: A card's name (``"sst2:train"``), a path, ``"hub:NAME:SPLIT"``, a data frame, a data set of the
            ``datasets`` library, a list of records (mappings), a list of inputs (with ``targets``), or a
            :class:`DataSet`, which is returned as it is.
        targets: With a list of inputs: what is right for each, in the shape of the task: a class; a number; a list of
            tags; a list of the texts that answer a question, empty if it has no answer.
        name: Its name in results; None for that of the file.
        limit: Read no more than this many examples.
        labelled: Whether examples that nobody knows the right answer of are left out (and counted).
        options: See :class:`DataOptions`: ``task``, ``text_column``, ``label_map``, ``bad_records``, ...

    Returns:
        The data set, all of it in memory.

    Raises:
        UserError: Nothing of that name, or options that do not fit.
        DataError: A record is not what the task asks for, or there is none.
    """
    if isinstance(data, DataSet):
        return _unchanged(data, limit, options)
    chosen = DataOptions.of(**options)
    if isinstance(data, str | Path):
        source = open_source(data, chosen)
        return read_source(replace(source, name=name or source.name), limit=limit, labelled=labelled)
    chosen.check_not_given(("split", *READING), "these data are read already, and come from no file")
    if targets is not None:
        return _of_lists(data, targets, name or "data", chosen, limit=limit, labelled=labelled)
    records, class_names = _records_of(data)
    return _of_records(records, class_names, name or "data", chosen, limit=limit, labelled=labelled)


def read_source(source: Source, *, limit: int | None = None, labelled: bool = True) -> DataSet:
    """Read a data set that was opened.

    Args:
        source: The data set.
        limit: Read no more than this many examples.
        labelled: Whether examples without a target are left out.

    Returns:
        The data set, all of it in memory.

    Raises:
        DataError: A record is not what the task asks for, or there is none.
    """
    gathering = Gathering(source.task, limit, labelled=labelled, bad_records=source.bad_records)
    for batch in _batches(source, gathering):
        if not gathering.add(batch):
            break
    return replace(gathering.data_set(source.name, source.format), told=source.notes)


def read_blocks(source: Source) -> Iterator[DataSet]:
    """Read a data set that was opened block by block, so that memory stays constant.

    Args:
        source: The data set.

    Yields:
        The examples of a stretch of it, those without a target among them; one without examples is part of the next.

    Raises:
        DataError: A record is not what the task asks for.
    """
    begin = partial(Gathering, source.task, labelled=False, bad_records=source.bad_records)
    gathering = begin()
    for block in source.format.blocks():
        for batch in _batches_of(source, block, gathering):
            gathering.add(batch)
        if not gathering.is_empty:
            yield gathering.data_set(source.name, source.format)
            gathering = begin(left_out=gathering.left_out)


def _batches(source: Source, gathering: Gathering) -> Iterator[Batch]:
    """Go through the records; where bad ones are skipped, those that cannot be parsed are noted."""
    for block in source.format.blocks():
        yield from _batches_of(source, block, gathering)


def _batches_of(source: Source, block: Block, gathering: Gathering) -> Iterator[Batch]:
    """Go through the records of a block."""
    for part in _parts(source, block):
        try:
            batch = source.format.parse(part)
        except DataError as error:
            if source.bad_records != SKIP:
                raise
            gathering.skip(error)
        else:
            yield batch


def _parts(source: Source, block: Block) -> Iterator[Block]:
    """Return a block as it is, or record by record where bad ones are to be skipped."""
    return source.format.singles(block) if source.bad_records == SKIP else iter([block])


def _unchanged(data: DataSet, limit: int | None, options: Mapping[str, Any]) -> DataSet:
    """Return a data set as it is.

    Raises:
        UserError: Something else is asked for.
    """
    if options or limit is not None:
        raise UserError("a DataSet is read already; give options where it is loaded, and use .sample(limit)")
    return data


def _of_lists(
    inputs: Sequence[Any],
    targets: Sequence[Any],
    name: str,
    options: DataOptions,
    **reading: Any,
) -> DataSet:
    """Make a data set of plain lists.

    Raises:
        UserError: Unknown task.
        DataError: Another number of targets than of inputs, or one that is not what the task asks for.
    """
    task_type = task_class(options.task or DEFAULT_TASK)
    if isinstance(inputs, str) or isinstance(targets, str):
        raise DataError(f"{name}: expected a list of inputs and a list of targets, got a text; write [text]")
    inputs, targets = list(inputs), list(targets)
    if len(inputs) != len(targets):
        raise DataError(f"{name}: expected a target for each of {len(inputs)} inputs, got {len(targets)}")
    task = with_choices(task_type.of_lists(inputs), options)
    places = [Place(name, f"example {number}") for number in range(len(inputs))]
    rows = zip(inputs, targets, places, strict=True)
    records = [task.record_of(*row) for row in rows]
    return gather(name, task, [Batch(0, records, places)], bad_records=options.bad_records, **reading)


def _records_of(data: Any) -> tuple[list[Record], Mapping[str, tuple[str, ...]]]:
    """Return the records of a data frame, a ``datasets`` data set or a list, and the names of numbers by column.

    Raises:
        UserError: It is none of them.
    """
    # Told by the module's name: to ask with isinstance, both libraries would have to be imported.
    kind = type(data)
    library = kind.__module__.partition(".")[0]
    if library == "pandas" and kind.__name__ == "DataFrame":
        return _of_frame(data), {}
    if library == "datasets":
        return _of_hub_data(data)
    if isinstance(data, Sequence) and not isinstance(data, str) and all(isinstance(row, Mapping) for row in data):
        return [dict(row) for row in data], {}
    raise UserError(
        f"cannot load data from {kind.__name__}; expected a name or path, a data frame, a data set of the datasets "
        "library, a list of records, or a list of inputs with their targets"
    )


def _of_frame(frame: Any) -> list[Record]:
    """Return the rows of a data frame, with plain Python values; missing ones are None.

    Raises:
        DataError: Two columns have one name.
    """
    names = list(map(str, frame.columns))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"the data frame has several columns of one name: {', '.join(map(repr, twice))}")
    # As objects first: a column of numbers would turn None back into NaN.
    frame = frame.astype(object).where(frame.notna(), None)
    rows = frame.set_axis(names, axis=1).to_dict("records")
    return list(map(plain_value, rows))


def plain_value(value: Any) -> Any:
    """Return a value with NumPy's arrays and numbers, as data frames of Parquet files hold them, as those of Python.

    Args:
        value: The value, which may hold others.

    Returns:
        The same in Python's own types, at any depth.
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {key: plain_value(inner) for key, inner in value.items()}
    return list(map(plain_value, value)) if isinstance(value, list) else value


def _of_hub_data(data: Any) -> tuple[list[Record], Mapping[str, tuple[str, ...]]]:
    """Return the records of a data set of the ``datasets`` library, and the names of its class labels.

    Raises:
        UserError: It is a dictionary of splits.
    """
    from charrobust.datasets.formats.hub import class_names_of

    if isinstance(data, Mapping):
        splits = ", ".join(map(str, data))
        raise UserError(f"the data set has the splits {splits}; give one of them, such as data[{next(iter(data))!r}]")
    names = {column: class_names_of(feature) for column, feature in (data.features or {}).items()}
    return [dict(record) for record in data], names


def _of_records(
    records: Sequence[Record],
    class_names: Mapping[str, tuple[str, ...]],
    name: str,
    options: DataOptions,
    **reading: Any,
) -> DataSet:
    """Make a data set of records.

    Raises:
        UserError: No task is named, and the columns do not tell one.
        DataError: There is no record, or one is not what the task asks for.
    """
    if not records:
        raise DataError(f"{name} holds no records; expected at least one")
    places = [Place(name, f"row {number}") for number in range(1, len(records) + 1)]
    kind = task_class(options.task) if options.task else told_by_columns(filled(records), places[0], options)
    task = detected(kind, Batch(0, list(records), places), options)
    told = () if options.task else (told_note(name, task),)
    if isinstance(task, LabelledTask) and task.target_column is not None:
        task = task.with_names(class_names.get(task.target_column, ()))
    starts = range(0, len(records), _BATCH)
    batches = [Batch(start, list(records[start : start + _BATCH]), places[start : start + _BATCH]) for start in starts]
    return replace(gather(name, task, batches, bad_records=options.bad_records, **reading), told=told)
