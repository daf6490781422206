"""Records without end: refused before they fill the memory, with their place and the option."""

import gzip
import json
import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from charrobust.datasets.formats.base import line_blocks
from charrobust.datasets.load import load_data
from charrobust.errors import DataError, UserError
from tests.tasks.data import json_lines, write

LONG = "long words " * 100
ROW = {"text": "good words", "label": "1"}
TEXTS = {"task": "classification"}
FILES = {
    "in.jsonl": (json_lines([ROW, {"text": LONG, "label": "1"}]), ("line 2",), TEXTS),
    "in.csv": (f"text,label\ngood words,1\n{LONG},1\n", ("line 3",), TEXTS),
    "rows.csv": ('text,label\ngood words,1\n"' + "a line\n" * 100 + '",1\n', ("line 3", "is a quotation mark open?"), TEXTS),
    "in.tsv": (f"text\tlabel\ngood words\t1\n{LONG}\t1\n", ("line 3",), TEXTS),
    "in.conll": ("good O\n\n" + "word O\n" * 100, ("line 3", "a sentence without a blank line"), {}),
    "line.conll": (f"good O\n\n{LONG.replace(' ', '')} O\n\n", ("line 3",), {}),
    "in.json": (json.dumps([ROW, {"text": LONG, "label": "1"}]), ("record 2",), TEXTS),
    "open.json": (json.dumps([ROW])[:-1] + ', {"text": "' + LONG, ("record 2", "not valid JSON: Unterminated string"), TEXTS),
    "head.json": (json.dumps({"about": LONG, "data": [ROW]}), (), TEXTS),
    "tail.json": (json.dumps({"data": [ROW], "about": LONG}), (), TEXTS),
    "squad.json": (json.dumps({"data": [{"paragraphs": [{"context": LONG, "qas": [{"id": "q1", "question": "which words", "answers": []}]}]}]}), ("article 1",), {}),
}  # fmt: skip
LIMIT = 200


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_long_records(tmp_path, monkeypatch, name, suffix):
    # Files are read in pieces of a megabyte: in small ones here, so that small files have several.
    monkeypatch.setattr("charrobust.datasets.formats.base.BLOCK_BYTES", 64)
    monkeypatch.setattr("charrobust.datasets.formats.json_stream.BLOCK_BYTES", 64)
    content, phrases, options = FILES[name]
    path = tmp_path / (name + suffix)
    path.write_bytes(gzip.compress(content.encode()) if suffix else content.encode())
    with pytest.raises(DataError) as refused:
        load_data(path, max_record_bytes=LIMIT, labelled=False, **options)
    for phrase in (f"{name}{suffix}, ", *phrases, "more than 200 bytes in one record", "set `max_record_bytes` higher"):
        assert phrase in str(refused.value)
    if name != "open.json":
        load_data(path, max_record_bytes=10_000, labelled=False, **options)


def test_long_rows_of_parquet(tmp_path):
    table = pa.table({"text": ["good words", *["x"] * 50, LONG], "label": ["1"] * 52})
    pq.write_table(table, tmp_path / "in.parquet")
    with pytest.raises(DataError, match=r"in\.parquet, row 52: more than 200 bytes in one record"):
        load_data(tmp_path / "in.parquet", max_record_bytes=LIMIT, **TEXTS)
    pq.write_table(table.slice(51), tmp_path / "one.parquet")
    with pytest.raises(DataError, match=r"one\.parquet, row group 1: more than 200 bytes"):
        load_data(tmp_path / "one.parquet", max_record_bytes=LIMIT, **TEXTS)
    assert len(load_data(tmp_path / "in.parquet", **TEXTS)) == 52


def test_long_documents_of_a_collection(tmp_path):
    write(tmp_path / "corpus.jsonl", json_lines([{"_id": "d1", "title": "", "text": LONG}]))
    write(tmp_path / "queries.jsonl", json_lines([{"_id": "q1", "text": "long words"}]))
    (tmp_path / "qrels").mkdir()
    write(tmp_path / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    with pytest.raises(DataError, match=r"corpus\.jsonl, line 1: more than 200 bytes"):
        load_data(tmp_path, max_record_bytes=LIMIT)
    assert len(load_data(tmp_path)) == 1


def test_many_short_records_are_no_long_one(tmp_path):
    path = write(tmp_path / "in.csv", "text,label\n" + '"good\nwords",1\n' * 300)
    assert len(load_data(path, max_record_bytes=LIMIT, **TEXTS)) == 300
    path = write(tmp_path / "in.json", json.dumps([ROW] * 300))
    assert len(load_data(path, max_record_bytes=LIMIT, **TEXTS)) == 300
    path = write(tmp_path / "in.conll", "good O\nwords O\n\n" * 300)
    assert len(load_data(path, max_record_bytes=LIMIT)) == 300


def test_the_memory_of_a_line_without_end(tmp_path):
    path = tmp_path / "in.jsonl.gz"
    with gzip.open(path, "wb", 1) as packed:
        for _ in range(64):
            packed.write(b"a" * (1 << 20))
    tracemalloc.start()
    with pytest.raises(DataError, match="line 1: more than 1,048,576 bytes"):
        load_data(path, max_record_bytes=1 << 20, **TEXTS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # The piece, the line, and copies of both; a sample of 16 MiB, which says what is wrong with bytes, is not taken.
    assert peak < 16 << 20


def test_a_limit_that_is_none():
    with pytest.raises(UserError, match="`max_record_bytes` must be 1 or more, got 0"):
        load_data([ROW], max_record_bytes=0, **TEXTS)


def test_lines_that_have_no_option(tmp_path):
    path = write(tmp_path / "in.txt", LONG)
    with pytest.raises(DataError, match=r"in.txt, line 1: more than 200 bytes in one record; cut it into several$"):
        list(line_blocks(path, limit=LIMIT, choosable=False))
