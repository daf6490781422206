"""Running text for pre-training: documents from files, folders and hub data sets, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from charrobust.datasets.formats import Format, suffix_of
from charrobust.datasets.formats.base import decode, line_blocks
from charrobust.datasets.formats.jsonl import JsonLines
from charrobust.datasets.formats.parquet import Parquet
from charrobust.errors import DataError
from charrobust.packages import needed_for
from charrobust.tasks.records import Place, Record, require

_HUB = "hub:"
_RECORDS: dict[str, type[Format]] = {".jsonl": JsonLines, ".ndjson": JsonLines, ".parquet": Parquet}
_IN_FOLDERS = (".txt", *_RECORDS)


def documents(sources: Sequence[str | Path], *, column: str = "text") -> Iterator[str]:
    """Go through the documents of some sources, in order, without blank ones and without blanks around them.

    The sources are looked up at once, so that a wrong name is known before the first document is read.

    Args:
        sources: Text files of one document a line, JSON Lines or Parquet files (told by ``.jsonl``, ``.ndjson``,
            ``.parquet``), folders of such files, or ``hub:NAME:SPLIT`` for a data set of the ``datasets`` library.
            Text and JSON Lines may be compressed (``.gz`` behind the suffix).
        column: The column that holds the text, where there are columns.

    Returns:
        The documents, read one by one.

    Raises:
        DataError: A source does not exist or cannot be read, or a record's text is missing or no text.
        UserError: A hub data set is asked for without the ``datasets`` library.
    """
    files = list(chain.from_iterable(map(_resolved, sources)))  # a list, for a generator would look later
    texts = chain.from_iterable(_texts(file, column) for file in files)
    return filter(None, map(str.strip, texts))


def _resolved(source: str | Path) -> list[str | Path]:
    """Return a source as files and hub data sets."""
    if isinstance(source, str) and source.startswith(_HUB):
        name, _, split = source.removeprefix(_HUB).rpartition(":")
        if not name or not split:
            raise DataError(f"expected hub:NAME:SPLIT, such as hub:wikitext:train, got {source!r}")
        return [source]
    path = Path(source)
    if not path.exists():
        raise DataError(f"{path}: does not exist; expected a file, a folder or hub:NAME:SPLIT")
    if path.is_dir():
        return _files(path)
    return [path]


def _files(folder: Path) -> list[str | Path]:
    """Return the files of running text below a folder, sorted."""
    files = sorted(path for path in folder.rglob("*") if suffix_of(path) in _IN_FOLDERS and path.is_file())
    if not files:
        raise DataError(
            f"{folder}: the folder holds no file of running text; expected names that end in "
            f"{', '.join(_IN_FOLDERS)} (text and JSON Lines also with .gz behind it)"
        )
    return [*files]


def _texts(source: str | Path, column: str) -> Iterator[str]:
    if isinstance(source, str):
        return _column(_hub_records(source), column)
    records = _RECORDS.get(suffix_of(source))
    if records is None:
        return _lines(source)
    return _column(_file_records(records(source)), column)


def _lines(path: Path) -> Iterator[str]:
    """Go through the lines of a text file."""
    for first, lines, _ in line_blocks(path, choosable=False):
        # Searched before any line of the block is given out: a binary file is refused before it is trained on.
        numbered = list(enumerate(lines, first))
        binary = next((number for number, line in numbered if b"\0" in line), None)
        if binary is not None:
            raise DataError(f"{path}, line {binary}: binary (a NUL byte); expected text, one document a line")
        for number, line in numbered:
            yield decode(line, path, number)


def _column(records: Iterator[tuple[Record, Place]], column: str) -> Iterator[str]:
    """Go through the texts of a column."""
    for record, place in records:
        text: str = require(record, column, str, place)
        try:
            # JSON can spell half of a surrogate pair as an escape, which no tokenizer takes.
            text.encode()
        except UnicodeEncodeError as error:
            raise place.error(
                f"column {column!r} holds half of a surrogate pair, which is no text: {text!r}"
            ) from error
        yield text


def _file_records(source: Format) -> Iterator[tuple[Record, Place]]:
    for block in source.blocks():
        for _, record, place in source.parse(block).rows():
            yield record, place


def _hub_records(source: str) -> Iterator[tuple[Record, Place]]:
    name, _, split = source.removeprefix(_HUB).rpartition(":")
    for number, record in enumerate(_stream(name, split), 1):
        yield record, Place(f"data set {name}", f"row {number} of {split}")


def _stream(name: str, split: str) -> Iterator[Any]:
    """Go through the records of a hub data set as they arrive."""
    with needed_for("reading hub data sets"):
        import datasets
    try:
        yield from datasets.load_dataset(name, split=split, streaming=True)
    except Exception as error:  # the library raises errors of many kinds
        raise DataError(f"cannot read split {split!r} of data set {name!r}: {error}") from error


def source_name(source: str | Path) -> str:
    """Return what a source of text is called in manifests: of a file its name, without the folder."""
    if str(source).startswith(_HUB):
        return str(source)
    return Path(source).name
