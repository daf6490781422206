"""A data set in shards, and what lies in a folder afterwards."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.tasks.data import json_lines, write

TEXTS = ["A wonderful story of letters", "Dreadful acting in endless scenes", "Замечательная история", "café naïve"]


def records(number: int) -> list[dict[str, object]]:
    """Return the records of a shard, others in each."""
    return [{"text": f"{text} number {number}", "label": place % 2} for place, text in enumerate(TEXTS)]


def write_shards(folder: Path) -> Path:
    """Write shards of several formats, in folders, one of them empty, beside files that are none."""
    (folder / "deep").mkdir(parents=True)
    write(folder / "a.jsonl", json_lines(records(0)))
    write(folder / "b.jsonl.gz", json_lines(records(1)))
    write(folder / "deep" / "c.ndjson", json_lines(records(2)))
    pq.write_table(pa.Table.from_pylist(records(3)), folder / "deep" / "d.parquet")
    pq.write_table(pa.Table.from_pylist(records(4)).slice(0, 0), folder / "empty.parquet")
    write(folder / "0-empty.jsonl", "")
    (folder / "_SUCCESS").touch()
    (folder / ".hidden.jsonl").write_text("no record\n")
    (folder / "README.md").write_text("no shard\n")
    return folder


SHARDS = ["0-empty.jsonl", "a.jsonl", "b.jsonl.gz", "deep/c.ndjson", "deep/d.parquet", "empty.parquet"]


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of all files but those that say how the folder came about."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and name.parts[0] != "_charrobust":
            found[str(name)] = path.read_bytes()
    return found
