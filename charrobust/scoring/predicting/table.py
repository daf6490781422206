"""Files of predictions as `score` reads them: a row an example, in the order of the data."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from charrobust.datasets.formats import Block, JsonLines, suffix_of
from charrobust.datasets.formats.base import open_bytes
from charrobust.errors import UserError, hint
from charrobust.files import final_path

Row = dict[str, Any]
WriteRows = Callable[[Sequence[Row]], object]
_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_JSON = (".jsonl", ".ndjson")
_PARQUET = ".parquet"
SUFFIXES = (*_JSON, *_DELIMITERS, _PARQUET)


def check_table(path: Path) -> None:
    """Refuse a file whose name tells no format that is written row by row.

    Args:
        path: The file.

    Raises:
        UserError: With the formats that there are.
    """
    suffix = suffix_of(path)
    if suffix not in SUFFIXES:
        raise UserError(f"{path}: cannot write predictions as {suffix!r}; {hint(suffix, SUFFIXES)}")


@contextmanager
def table_writer(path: Path) -> Iterator[WriteRows]:
    """Open a file for rows of like columns.

    Args:
        path: The file; see :func:`check_table`.

    Yields:
        What takes some rows, in order: values of JSON by column. In CSV, TSV and Parquet lists are texts of JSON.

    Raises:
        UserError: A prediction cannot be written in that format.
    """
    suffix = suffix_of(path)
    try:
        if suffix == _PARQUET:
            from charrobust.datasets.formats.parquet import ParquetStream

            with ParquetStream(path) as stream:
                yield lambda rows: stream.write(_arrow(rows))
        else:
            render = _json_lines(path) if suffix in _JSON else _delimited(_DELIMITERS[suffix])
            with open_bytes(path, "wb") as handle:
                yield lambda rows: handle.write(render(rows))
    except UnicodeEncodeError as error:
        name = final_path(path)
        raise UserError(
            f"cannot write {name}: a prediction holds half of a surrogate pair; give a name that ends in .jsonl"
        ) from error


def _json_lines(path: Path) -> Callable[[Sequence[Row]], bytes]:
    # As data sets are written, also where a text can be stored as escapes alone.
    return lambda rows: JsonLines(path).render(Block(0, 1, None, 0), list(rows), ())


def _delimited(delimiter: str) -> Callable[[Sequence[Row]], bytes]:
    """Return what renders rows, the header before the first of them."""
    begun = False

    def render(rows: Sequence[Row]) -> bytes:
        nonlocal begun
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
        if not begun:
            writer.writerow(rows[0])
            begun = True
        for row in rows:
            writer.writerow(map(_cell, row.values()))
        return text.getvalue().encode()

    return render


def _arrow(rows: Sequence[Row]) -> Any:
    import pyarrow as pa

    columns: dict[str, list[Any]] = {}
    for name in rows[0]:
        columns[name] = [_cell(row[name]) for row in rows]
    return pa.table(columns)


def _cell(value: Any) -> Any:
    """Return a value as a cell holds it."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
