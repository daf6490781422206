"""The judgements of a collection: which documents are relevant to a query, as BEIR and MTEB write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from charrobust.datasets.formats.base import decode, line_blocks
from charrobust.datasets.formats.jsonl import JsonLines
from charrobust.tasks.records import Place

_FIELDS = ("query-id", "corpus-id", "score")

Row = tuple[Place, str, str, int]  # place, query, document, score


def judgement_rows(path: Path, limit: int) -> Iterator[Row]:
    """Go through the judgements of a file.

    Args:
        path: The file.
        limit: The most bytes of a line of JSON.

    Yields:
        Place, query, document and score.

    Raises:
        DataError: There is no header, or a line is no judgement.
    """
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        yield from _json_rows(path, limit)
    else:
        yield from _table_rows(path)


def _json_rows(path: Path, limit: int) -> Iterator[Row]:
    """Go through the judgements of a file of JSON.

    Raises:
        DataError: A record is no judgement.
    """
    file = JsonLines(path, max_record_bytes=limit)
    for block in file.blocks():
        for _, record, place in file.parse(block).rows():
            if not set(_FIELDS) <= set(record):
                raise place.error(f"expected the fields {', '.join(_FIELDS)}, got {', '.join(map(str, record))}")
            query, document, score = (record[name] for name in _FIELDS)
            yield place, str(query), str(document), _score(_whole(score), place)


def _whole(value: Any) -> str:
    """Return a number of JSON as text, without the point of a whole one."""
    return str(value).removesuffix(".0")


def _table_rows(path: Path) -> Iterator[Row]:
    """Go through the judgements of a table.

    Raises:
        DataError: There is no header, or a line is no judgement.
    """
    for first, lines, _ in line_blocks(path, choosable=False):
        for number, line in enumerate(lines, first):
            text = decode(line, path, number).strip("\r\n")
            place = Place(str(path), f"line {number}")
            cells = text.split("\t")
            if number == 1:
                _check_header(cells, place)
            elif text.strip():
                if len(cells) != len(_FIELDS):
                    raise place.error(f"expected query-id, corpus-id and score between tabs, got {text!r}")
                yield place, cells[0].strip(), cells[1].strip(), _score(cells[2], place)


def _check_header(cells: list[str], place: Place) -> None:
    """Refuse a first line that is a judgement: it would be taken for the header.

    Raises:
        DataError: It is one, or has another number of columns.
    """
    # A score in the last place is none of a header's names.
    if len(cells) != len(_FIELDS) or re.fullmatch(r"\s*-?\d+\s*", cells[-1]):
        raise place.error(f"expected the header query-id, corpus-id, score between tabs, got {cells}")


def _score(cell: str, place: Place) -> int:
    """Return a score.

    Raises:
        DataError: It is no whole number.
    """
    try:
        return int(cell)
    except ValueError as error:
        raise place.error(f"the score must be a whole number, got {cell!r}") from error
