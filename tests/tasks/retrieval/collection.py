"""A small collection in the layout of BEIR."""

from __future__ import annotations

import gzip
from pathlib import Path

# Written by hand, each line in a style of its own: what is not attacked must stay byte for byte.
CORPUS = (
    b'{"_id": "d1", "title": "Rhine", "text": "The river rises in Switzerland and reaches the North Sea."}\n'
    b'{"_id":"d2","title":"","text":"Typing errors change the words of typists.","metadata":{"text":"kept"}}\n'
    b'{"_id": "d3",  "text": "Caf\\u00e9 owners in Z\\u00fcrich like the wonderful weather."}\r\n'
    b"\n"
    b'{"text": "Storms of unbelievable strength change the weather.", "_id": 4, "title": null}\n'
)
QUERIES = (
    b'{"_id": "q1", "text": "where does the wonderful river reach the sea", "metadata": {"url": "x"}}\n'
    b'{"_id": "q2", "text": "who makes typing errors with words"}\n'
    b'{"_id": "q3", "text": "nobody judged this question"}\n'
    b'{"_id": "d3", "text": "Caf\\u00e9 owners in Z\\u00fcrich"}\n'
    b'{"_id": "q5", "text": "stormy weather"}'
)
TEST = b"query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t2\nq2\t4\t1\nq2\td1\t0\nd3\td3\t1\nd3\t4\t1\n"
DEV = b"query-id\tcorpus-id\tscore\nq5\t4\t1\nq1\td1\t1\n"


def write_collection(folder: Path, *, packed: bool = False, **replaced: bytes) -> Path:
    """Write the collection; ``replaced`` names files (corpus, queries, test, dev) with other content."""
    (folder / "qrels").mkdir(parents=True)
    contents = {"corpus": CORPUS, "queries": QUERIES, "test": TEST, "dev": DEV} | replaced
    for name, content in contents.items():
        path = folder / ("qrels" if name in ("test", "dev") else "") / name
        path = path.with_name(f"{name}.tsv" if name in ("test", "dev") else f"{name}.jsonl")
        if packed:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=7))
        else:
            path.write_bytes(content)
    (folder / "README.txt").write_text("about")
    return folder


def contents_of(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder by their names."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
