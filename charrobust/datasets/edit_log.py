"""Edit logs as files: Parquet or JSON Lines, a row an edit, with all that is needed to undo them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from charrobust.datasets.arrow_texts import cut_texts, taken
from charrobust.datasets.formats import suffix_of
from charrobust.datasets.formats.base import decode, line_blocks, open_bytes
from charrobust.datasets.formats.json_blocks import SPACED, write_columns
from charrobust.datasets.formats.limits import RECORD_BYTES
from charrobust.datasets.formats.parquet import ParquetStream
from charrobust.errors import DataError, UserError
from charrobust.perturb import Edit
from charrobust.tasks.records import FieldLog, LoggedEdit

NUMBERS = ("row", "word", "old_start", "old_end", "new_start", "new_end")
STRINGS = ("example", "field", "operator", "old_text", "new_text")
_KEY = "charrobust"
# What a log must say of the attack, and in which form, for it to be undone.
_ABOUT = {"format": dict, "task": str, "columns": dict}
# An edit may hold a record's whole text twice, before and after it, all of it escaped.
_ROW_BYTES = 16 * RECORD_BYTES
# A column of tables alone, and not of files: whether an example is named by its row, for want of an id.
_NUMBERED = "numbered"


def check_name(path: Path) -> None:
    """Refuse a log file of unknown format.

    Args:
        path: The file that is to be written.

    Raises:
        UserError: Neither Parquet nor JSON Lines.
    """
    # suffix_of looks through .gz, but Parquet compresses by itself and is not read through gzip.
    if suffix_of(path) not in (".parquet", ".jsonl") or path.name.endswith(".parquet.gz"):
        raise UserError(f"edit log {path}: expected a name that ends in .parquet, .jsonl or .jsonl.gz")


def to_arrow(logs: list[FieldLog]) -> Any:
    """Turn edits into an Arrow table, sorted by row and, in it, by field and place; see :func:`renumbered`.

    Its columns may be of narrower types than those of a file, so that less is sent from process to process.

    Args:
        logs: The edits, a log for each field; none for a table without rows.

    Returns:
        The table.

    Raises:
        DataError: A text cannot be written.
    """
    import pyarrow as pa

    try:
        tables = [pa.table(_columns(log)) for log in logs]
    except UnicodeEncodeError as error:
        raise DataError(
            f"{error.object!r} holds half of a surrogate pair, which an edit log cannot: mend it in the data set, or "
            "write no log"
        ) from error
    if len(tables) == 1:
        return tables[0]
    schema = _schema(*NUMBERS, *STRINGS, _NUMBERED)
    # A batch without edits has the same columns as any other.
    table = pa.concat_tables([schema.empty_table(), *(each.select(schema.names).cast(schema) for each in tables)])
    # the logs of several fields each go through all records: sorted by record, stably, fields keep their order
    return table.take(np.argsort(table.column("row"), kind="stable"))


def _schema(*names: str) -> Any:
    """Return the types of some columns, as files have them."""
    import pyarrow as pa

    types = dict.fromkeys(NUMBERS, pa.int64()) | dict.fromkeys(STRINGS, pa.string()) | {_NUMBERED: pa.bool_()}
    return pa.schema([(name, types[name]) for name in names])


def renumbered(table: Any, displacement: int) -> Any:
    """Return edits whose records have other numbers, as records before them were left out; what a file holds of them.

    Args:
        table: The edits, of :func:`to_arrow`.
        displacement: What is added to the numbers.

    Returns:
        The same edits with other numbers, also where an example is named by one.
    """
    columns = [*NUMBERS, *STRINGS]
    edits = table.select(columns).cast(_schema(*columns))
    if not displacement:
        return edits
    import pyarrow as pa

    old_rows, old_names = table.column("row").to_pylist(), table.column("example").to_pylist()
    rows = [row + displacement for row in old_rows]
    names = map(_renamed, old_names, old_rows, rows, table.column(_NUMBERED).to_pylist())
    edits = edits.set_column(columns.index("row"), "row", pa.array(rows, pa.int64()))
    return edits.set_column(columns.index("example"), "example", pa.array(names, pa.string()))


def _renamed(example: str, old_row: int, row: int, numbered: bool) -> str:
    """Return the name of an example whose record has another number."""
    # A question of a paragraph without ids has its own number behind that of the record.
    return f"{row}{example.removeprefix(str(old_row))}" if numbered else example


def _columns(log: FieldLog) -> dict[str, Any]:
    table = log.table
    # Only of entries that are edited: what is in no row of the log need not fit into one.
    edited, entry = np.unique(table.example, return_inverse=True)
    entries = log.entries.select(edited.tolist())
    return {
        "row": np.array(entries.rows, np.int64)[entry],
        "word": table.word,
        "old_start": table.old_start,
        "old_end": table.old_end,
        "new_start": table.new_start,
        "new_end": table.new_end,
        "example": taken(entries.examples, entry),
        "field": taken(entries.fields, entry),
        "operator": taken(table.operators, table.operator),
        "old_text": cut_texts(*table.joined_old_texts()),
        "new_text": cut_texts(*table.joined_new_texts()),
        _NUMBERED: np.array(entries.numbered, bool)[entry],
    }


class LogWriter:
    """Writes the edits of one run, batch by batch."""

    def __init__(self, path: Path, about: Mapping[str, Any]) -> None:
        self._about = json.dumps(about)
        self._parquet = ParquetStream(path) if suffix_of(path) == ".parquet" else None
        self._lines = open_bytes(path, "wb") if self._parquet is None else None

    def __enter__(self) -> LogWriter:
        if self._lines is not None:
            self._handle = self._lines.__enter__()
            # JSON Lines have no schema to hold this, so it is the first line.
            self._handle.write(f'{{"{_KEY}": {self._about}}}\n'.encode())
        return self

    def write(self, table: Any) -> None:
        """Write the edits of one batch, as :func:`to_arrow` made them."""
        if self._parquet is not None:
            # What made the edits stands in the schema, which each batch must have alike.
            self._parquet.write(table.replace_schema_metadata({_KEY: self._about}))
        else:
            self._handle.write(write_columns(table.to_pydict(), SPACED))

    def __exit__(self, *error: Any) -> None:
        if self._parquet is not None:
            self._parquet.__exit__(*error)
        elif self._lines is not None:
            self._lines.__exit__(*error)


class EditLog:
    """An edit log file.

    Attributes:
        about: What made the edits: recipe, severity, language, seed, task and columns.
    """

    def __init__(self, path: Path) -> None:
        """Open a log.

        Args:
            path: The file.

        Raises:
            DataError: The file is missing or was not written as an edit log.
        """
        check_name(path)
        self.path = path
        if not path.is_file():
            raise DataError(f"edit log not found: {path}; give the one that was written with the attacked data")
        self.about: dict[str, Any] = self._read_about()

    def _read_about(self) -> dict[str, Any]:
        try:
            if suffix_of(self.path) == ".parquet":
                import pyarrow.parquet as pq

                about = dict(json.loads((pq.read_schema(self.path).metadata or {})[_KEY.encode()]))
            else:
                about = dict(next(self._json_lines())[_KEY])
            _check_about(about)
            kept = {key: about[key] for key in ("format", "task", "columns", "recipe", "severity", "seed")}
            # Logs of earlier versions say nothing of languages.
            return {**kept, "language": about.get("language")}
        # What a file of another kind fails by: no Parquet, no JSON, an empty file, or no entry of ours in it.
        except (KeyError, StopIteration, TypeError, ValueError, RecursionError, OSError) as error:
            raise DataError(f"{self.path} is not an edit log of charrobust ({error!r})") from error

    def _json_lines(self) -> Iterator[dict[str, Any]]:
        for start, lines, _ in line_blocks(self.path, limit=_ROW_BYTES, choosable=False):
            for number, line in enumerate(lines, start):
                yield json.loads(decode(line, self.path, number))

    def _rows(self) -> Iterator[dict[str, Any]]:
        if suffix_of(self.path) != ".parquet":
            lines = self._json_lines()
            next(lines)  # the first line says what made the edits
            yield from lines
            return
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.path) as file:
            # A log may be larger than memory.
            for batch in file.iter_batches():
                yield from batch.to_pylist()

    def by_row(self) -> Iterator[tuple[int, list[LoggedEdit]]]:
        """Go through (record number, its edits), in order.

        Yields:
            The number of a record and its edits; records without edits are passed over.

        Raises:
            DataError: A row lacks a column.
        """
        try:
            # `groupby` joins neighbours alone. Logs are sorted by row, so that it is enough, and large ones stream.
            for row, group in groupby(self._rows(), key=itemgetter("row")):
                yield row, list(map(_logged, group))
        except (KeyError, TypeError, ValueError, RecursionError, OSError) as error:
            raise DataError(f"{self.path} is not a whole edit log of charrobust: {error!r}") from error


def _check_about(about: Mapping[str, Any]) -> None:
    """Refuse what is no description of an attack.

    Raises:
        TypeError: With the entry.
    """
    for key, kind in _ABOUT.items():
        if not isinstance(about[key], kind):
            raise TypeError(f"{key} is {about[key]!r:.60}")


def _logged(row: Mapping[str, Any]) -> LoggedEdit:
    """Return a row as an edit.

    Raises:
        TypeError: A number or a text is none.
    """
    for name in (*NUMBERS, *STRINGS):
        if type(row[name]) is not (int if name in NUMBERS else str):
            raise TypeError(f"{name} is {row[name]!r:.60}")
    edit = Edit(
        row["word"],
        row["operator"],
        (row["old_start"], row["old_end"]),
        (row["new_start"], row["new_end"]),
        row["old_text"],
        row["new_text"],
    )
    return LoggedEdit(row["row"], row["example"], row["field"], edit)
