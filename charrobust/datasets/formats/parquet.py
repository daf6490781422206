"""Parquet files and Arrow tables: only the changed columns are built anew, in their own types."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from charrobust.datasets.formats.base import BLOCK_RECORDS, Block, Format, Writer
from charrobust.datasets.formats.limits import RECORD_BYTES, refuse_long
from charrobust.errors import DataError
from charrobust.tasks.records import Batch, Place, Record

_FEATURES = b"huggingface"
_BATCH_BYTES = 1 << 26


class ArrowRows(Format):
    """A format whose blocks are Arrow rows, and which keeps the types of its columns."""

    def singles(self, block: Block) -> Iterator[Block]:
        """See the base class."""
        for number in range(block.payload.num_rows):
            yield Block(block.first + number, block.line + number, block.payload.slice(number, 1), block.position)

    def render(self, block: Block, records: list[Record], changed: tuple[str, ...]) -> Any:
        """See the base class: the rows with the changed columns in place of their own."""
        rows = block.payload
        columns = {}
        for column in changed:
            if rows.schema.get_field_index(column) >= 0:
                columns[column] = [record[column] for record in records]
        return with_columns(rows, columns)


def with_columns(rows: Any, columns: Mapping[str, list[Any]]) -> Any:
    """Return Arrow rows with other values in some columns.

    Args:
        rows: A record batch or table.
        columns: The new values of these columns.

    Returns:
        The rows, of the same schema, but that dictionaries have room for as many texts as there may be.

    Raises:
        DataError: The type of a column does not hold its values; with the column.
    """
    # Built anew, as record batches of PyArrow 15 cannot exchange a column.
    arrays, schema = list(rows.columns), rows.schema
    for column, values in columns.items():
        where = schema.get_field_index(column)
        own = schema.field(where)
        # In the type that the column has (large strings, small integers), which the values alone do not tell.
        kind = _roomy(own.type)
        arrays[where] = _array(column, values, kind)
        schema = schema.set(where, own.with_type(kind))
    return type(rows).from_arrays(arrays, schema=schema)


def _roomy(kind: Any) -> Any:
    """Return a type of columns, that of a dictionary with wide indices: there may be a new text in each row."""
    import pyarrow as pa

    if not pa.types.is_dictionary(kind):
        return kind
    return pa.dictionary(pa.int32(), kind.value_type, kind.ordered)


def _array(column: str, values: list[Any], kind: Any) -> Any:
    """Return values as an array of a type.

    Raises:
        DataError: It does not hold them.
    """
    import pyarrow as pa

    try:
        return pa.array(values, type=kind)
    except (pa.ArrowException, OverflowError) as error:
        raise DataError(
            f"column {column!r} is of the type {kind}, which does not hold what is to be written: {error}; "
            "write the data anew with a wider type"
        ) from error


@dataclass(frozen=True)
class Parquet(ArrowRows):
    """A Parquet file; its schema and the schema's metadata are kept.

    Attributes:
        path: The file.
        max_record_bytes: The most bytes of one row.
    """

    max_record_bytes: int = field(default=RECORD_BYTES, kw_only=True)

    def blocks(self) -> Iterator[Block]:
        """See the base class; the payload is an Arrow record batch."""
        import pyarrow.parquet as pq

        first = 0
        with self._readable(), pq.ParquetFile(self.path) as file:
            names = file.schema_arrow.names
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise DataError(f"{self.path}: column names occur twice: {', '.join(map(repr, twice))}")
            for batch in file.iter_batches(batch_size=self._batch_size(file.metadata)):
                self._check_length(batch, first)
                yield Block(first, first + 1, batch, first + batch.num_rows)
                first += batch.num_rows

    def _batch_size(self, metadata: Any) -> int:
        """Return how many rows are to be read at once: fewer where rows are long.

        Raises:
            DataError: Those of a row group are too long on the average. That is told before they are unpacked.
        """
        longest = 1
        for number in range(metadata.num_row_groups):
            group = metadata.row_group(number)
            mean = group.total_byte_size // max(group.num_rows, 1)
            if mean > self.max_record_bytes:
                refuse_long(self.path, f"row group {number + 1}", self.max_record_bytes)
            longest = max(longest, mean)
        return max(1, min(BLOCK_RECORDS, _BATCH_BYTES // longest))

    def _check_length(self, batch: Any, first: int) -> None:
        """Refuse a row that is too long.

        Raises:
            DataError: With its number.
        """
        # Most batches are shorter than one row may be.
        if batch.nbytes <= self.max_record_bytes:
            return
        for number in range(batch.num_rows):
            if batch.slice(number, 1).nbytes > self.max_record_bytes:
                refuse_long(self.path, f"row {first + number + 1}", self.max_record_bytes)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Turn what the library says of a file that is broken into an error that names the file."""
        import pyarrow as pa

        try:
            yield
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            reason = str(error).partition("\n")[0]
            raise DataError(f"{self.path} is not a Parquet file that can be read: {reason}") from error

    def parse(self, block: Block) -> Batch:
        """See the base class."""
        with self._readable():
            return arrow_batch(block, str(self.path))

    @contextmanager
    def writer(self, path: Path) -> Iterator[Writer]:
        """See the base class; takes Arrow record batches of one schema."""
        with ParquetStream(path) as stream:
            yield stream

    def total(self) -> int:
        """See the base class; counts rows."""
        import pyarrow.parquet as pq

        with self._readable():
            return int(pq.read_metadata(self.path).num_rows)

    def class_names(self, column: str) -> tuple[str, ...]:
        """See the base class; the ``datasets`` library leaves them in the metadata of the files it writes."""
        import pyarrow.parquet as pq

        with self._readable():
            metadata = pq.read_schema(self.path).metadata or {}
        try:
            features = json.loads(metadata.get(_FEATURES, b"{}"))["info"]["features"]
            return _names_in(features[column])
        except (ValueError, KeyError, TypeError, RecursionError):
            return ()  # metadata of another kind, which say nothing about classes


def _names_in(feature: Any) -> tuple[str, ...]:
    """Return the names of a ``ClassLabel``, or of a list of them, as the ``datasets`` library notes it."""
    if isinstance(feature, list) and len(feature) == 1:
        return _names_in(feature[0])
    if not isinstance(feature, dict):
        return ()
    if feature.get("_type") == "ClassLabel":
        return tuple(feature.get("names") or ())
    return _names_in(feature.get("feature"))


class ParquetStream:
    """Writes record batches to a Parquet file, opened with the schema of the first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: Any = None

    def write(self, batch: Any) -> None:
        """Write one record batch or table."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._file is None:
            self._file = pq.ParquetWriter(self._path, batch.schema)
        table = batch
        if not isinstance(batch, pa.Table):
            table = pa.Table.from_batches([batch])
        self._file.write_table(table)

    def __enter__(self) -> ParquetStream:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()


def arrow_batch(block: Block, source: str) -> Batch:
    """Turn the Arrow rows of a block into records.

    Args:
        block: The block.
        source: What its file is called.

    Returns:
        The records.

    Raises:
        DataError: A value is none of Python's: bytes that are not UTF-8 in a column of texts, the year 10,000.
    """
    try:
        records = block.payload.to_pylist()
    except (ValueError, OverflowError) as error:
        _refuse_value(block, source, error)
    places = [Place(source, f"row {block.first + number}") for number in range(1, len(records) + 1)]
    return Batch(block.first, records, places)


def _refuse_value(block: Block, source: str, cause: ValueError | OverflowError) -> NoReturn:
    """Refuse a value that Python does not hold: programs may write any bytes to a column of texts.

    Raises:
        DataError: With its place.
    """
    rows = block.payload
    for number in range(rows.num_rows):
        for name in rows.schema.names:
            try:
                rows.column(name)[number].as_py()
            except (ValueError, OverflowError) as error:
                place = Place(source, f"row {block.first + number + 1}")
                raise place.error(f"column {name!r} {_wrong(error)}") from error
    raise DataError(f"{source}: a column {_wrong(cause)}") from cause


def _wrong(error: ValueError | OverflowError) -> str:
    """Say what is wrong with a value, and what to do about it."""
    if isinstance(error, UnicodeDecodeError):
        byte = f"byte 0x{error.object[error.start]:02x} at place {error.start + 1}"
        return f"is not UTF-8: {byte}; write the file anew from texts"
    return f"holds a value beyond what Python holds ({error}); write the file anew without it, or as a text or number"
