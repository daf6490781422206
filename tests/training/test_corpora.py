"""Running text from files, folders and data sets."""

import gzip
import json
from itertools import islice

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from charrobust.datasets.formats import base
from charrobust.training.corpora import documents

TEXTS = ["The weather of the north", "naïve café in Zürich", "書店 is a bookshop"]


def lines(texts, column="text"):
    return "".join(json.dumps({"id": number, column: text}) + "\n" for number, text in enumerate(texts))


def write(path, content):
    data = content.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def write_parquet(path, texts, column="text"):
    pq.write_table(pa.table({"id": range(len(texts)), column: texts}), path)
    return path


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz", "a.md", "no_suffix", "A.TXT"])
def test_text_holds_one_document_a_line(tmp_path, name):
    source = write(tmp_path / name, "\n".join(TEXTS))
    assert list(documents([source])) == TEXTS
    assert list(documents([str(source)])) == TEXTS


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.ndjson", "A.JSONL"])
def test_json_lines_have_a_column(tmp_path, name):
    assert list(documents([write(tmp_path / name, lines(TEXTS, "body"))], column="body")) == TEXTS


def test_parquet_files_have_a_column(tmp_path):
    assert list(documents([write_parquet(tmp_path / "a.parquet", TEXTS, "body")], column="body")) == TEXTS


def test_blank_documents_are_skipped_and_blanks_around_others_left_out(tmp_path):
    text = write(tmp_path / "a.txt", "\n  first one \r\n \t\n\u3000\nsecond\n\n")
    records = write(tmp_path / "a.jsonl", lines(["", "  ", " third\nline \n"]))
    assert list(documents([text, records])) == ["first one", "second", "third\nline"]


def test_line_ends_other_than_newlines_stay_in_a_document(tmp_path):
    text = "one\u2028two\x0cthree\x85four"
    assert list(documents([write(tmp_path / "a.txt", text + "\nnext")])) == [text, "next"]


def test_sources_keep_their_order_and_may_come_twice(tmp_path):
    first, second = write(tmp_path / "b.txt", "b"), write(tmp_path / "a.txt", "a")
    assert list(documents([first, second, first])) == ["b", "a", "b"]


def test_folders_give_their_files_sorted(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    write(tmp_path / "b.txt", "b")
    write(tmp_path / "c.txt.gz", "c")
    write(tmp_path / "deep" / "e.jsonl", lines(["e"]))
    write(tmp_path / "deep" / "er" / "f.jsonl.gz", lines(["f"]))
    write_parquet(tmp_path / "a.parquet", ["a"])
    for ignored in ("README.md", "d.csv", "x.gz", "txt"):
        write(tmp_path / ignored, "not me")
    assert list(documents([tmp_path])) == ["a", "b", "c", "e", "f"]


def test_folders_named_like_files_are_gone_into(tmp_path):
    (tmp_path / "x.txt").mkdir()
    write(tmp_path / "x.txt" / "a.txt", "a")
    assert list(documents([tmp_path])) == ["a"]


def test_no_source_gives_no_document():
    assert list(documents([])) == []


def test_a_file_is_read_as_far_as_it_is_needed(tmp_path, monkeypatch):
    monkeypatch.setattr(base, "BLOCK_BYTES", 16)
    source = tmp_path / "a.txt"
    source.write_bytes(b"first\nsecond\nthird\n" + b"fine\n" * 100 + b"\xff broken\n")
    assert list(islice(documents([source]), 3)) == ["first", "second", "third"]


def test_hub_data_sets_are_streamed(tmp_path):
    pytest.importorskip("datasets")
    folder = tmp_path / "set"
    folder.mkdir()
    write(folder / "train.jsonl", lines(TEXTS, "body"))
    write(folder / "test.jsonl", lines(["other"], "body"))
    assert list(documents([f"hub:{folder}:train"], column="body")) == TEXTS
    assert list(documents([f"hub:{folder}:test", f"hub:{folder}:train"], column="body")) == ["other", *TEXTS]


def test_a_streamed_data_set_is_not_downloaded_whole(monkeypatch):
    datasets = pytest.importorskip("datasets")
    asked = []

    def load_dataset(*names, **options):
        asked.append((names, options))
        return ({"text": f"document {number}"} for number in iter(int, 1))  # without an end

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    assert list(islice(documents(["hub:some/name:train"]), 2)) == ["document 0", "document 0"]
    assert asked == [(("some/name",), {"split": "train", "streaming": True})]
