"""What is said about sources that hold no running text."""

import gzip
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from charrobust.errors import DataError, UserError
from charrobust.training.corpora import documents


def refused(sources, message, **options):
    with pytest.raises(DataError, match=message):
        list(documents(sources, **options))


def test_missing_files_are_known_before_anything_is_read(tmp_path):
    (tmp_path / "a.txt").write_text("fine")
    with pytest.raises(DataError, match=r"b\.txt: does not exist; expected a file, a folder or hub:NAME:SPLIT"):
        documents([tmp_path / "a.txt", tmp_path / "b.txt"])


def test_folders_without_text_are_refused(tmp_path):
    (tmp_path / "README.md").write_text("no text")
    with pytest.raises(DataError, match=r"holds no file of running text; expected names that end in \.txt, \.jsonl"):
        documents([tmp_path])


@pytest.mark.parametrize("source", ["hub:", "hub:name", "hub:name:", "hub::train"])
def test_hub_sources_need_a_name_and_a_split(source):
    with pytest.raises(DataError, match=rf"expected hub:NAME:SPLIT, such as hub:wikitext:train, got '{source}'"):
        documents([source])


def test_binary_files_are_refused(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"fine\n\x7fELF\x00\x01\n")
    refused([tmp_path / "a.txt"], r"a\.txt, line 2: binary \(a NUL byte\); expected text, one document a line")


def test_images_are_called_binary(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    refused([tmp_path / "a.txt"], r"a\.txt, line \d: binary")


def test_other_encodings_are_refused_with_their_place(tmp_path):
    (tmp_path / "a.txt").write_bytes("fine\nnaïve\n".encode("latin1"))
    refused([tmp_path / "a.txt"], r"a\.txt, line 2: not UTF-8: byte 0xef at column 3; convert the file")


def test_byte_order_marks_are_refused(tmp_path):
    (tmp_path / "a.txt").write_bytes("text".encode("utf-8-sig"))
    refused([tmp_path / "a.txt"], r"a\.txt, line 1: begins with a byte order mark; save it as UTF-8 without one")


@pytest.mark.parametrize("data", [b"plain text", gzip.compress(b"text\n" * 1000)[:-9]], ids=["plain", "cut"])
def test_broken_gzip_files_are_refused(tmp_path, data):
    (tmp_path / "a.txt.gz").write_bytes(data)
    refused([tmp_path / "a.txt.gz"], r"a\.txt\.gz is not a whole gzip file")


def test_missing_columns_are_named_with_those_there_are(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "fine"}\n{"body": "other", "id": 1}\n')
    refused([tmp_path / "a.jsonl"], r"a\.jsonl, line 2: column 'text' is missing; Known: body, id")
    pq.write_table(pa.table({"texts": ["other"]}), tmp_path / "a.parquet")
    refused([tmp_path / "a.parquet"], r"a\.parquet, row 1: column 'text' is missing; did you mean 'texts'\?")


@pytest.mark.parametrize("value", [3, None, ["a"]])
def test_columns_must_hold_text(tmp_path, value):
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": value}))
    refused([tmp_path / "a.jsonl"], r"a\.jsonl, line 1: column 'text' must be text, got ")
    pq.write_table(pa.table({"text": [value]}), tmp_path / "a.parquet")
    refused([tmp_path / "a.parquet"], r"a\.parquet, row 1: column 'text' must be text, got ")


def test_half_surrogate_pairs_are_refused(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "\\ud83d\\ude00"}\n{"text": "half \\ud83d"}\n')
    refused([tmp_path / "a.jsonl"], r"a\.jsonl, line 2: column 'text' holds half of a surrogate pair")


def test_broken_records_are_refused_with_their_place(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "fine"}\n{"text": \n')
    refused([tmp_path / "a.jsonl"], r"a\.jsonl, line 2: not valid JSON")
    (tmp_path / "a.parquet").write_text("text")
    refused([tmp_path / "a.parquet"], r"a\.parquet is not a Parquet file that can be read")


def test_data_sets_that_cannot_be_read_are_refused(tmp_path):
    pytest.importorskip("datasets")
    (tmp_path / "train.jsonl").write_text('{"text": "fine"}\n')
    refused([f"hub:{tmp_path}:tset"], r"cannot read split 'tset' of data set '.*': ")
    refused([f"hub:{tmp_path}/none:train"], r"cannot read split 'train' of data set '.*none': ")
    refused([f"hub:{tmp_path}:train"], r"data set .*, row 1 of train: column 'body' is missing", column="body")


def test_the_datasets_library_is_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UserError, match=r"pip install 'charrobust\[hub\]'"):
        list(documents(["hub:name:train"]))
