"""Data files with mistakes in them, through attack, revert and reading: each is understood, or refused in one message.

``python -m tests.faults.mutate_data 2000 1`` tries so many files, from so many on, and prints the counts.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.edit_log import EditLog
from charrobust.datasets.formats import format_of
from charrobust.datasets.load import load_data
from charrobust.datasets.options import DataOptions
from charrobust.datasets.revert_file import revert_file
from charrobust.datasets.source import open_source
from charrobust.errors import UserError
from charrobust.perturb import Attack
from charrobust.tasks.registry import task_class
from tests.datasets import mutants

RECIPES = ("charbert@1", "everyday@1", "swap@1", "noisy-lm@1", "pruthi-random", "drop@1", "add@1")
SECONDS = 10
_OF_A_LIBRARY = re.compile(r"\w+Error\(")
_TEXTS = {"task": "classification"}
_COLUMNS = {"token_column": "0", "tag_column": "1"}


@dataclass(frozen=True)
class Whole:
    """A data set without mistakes.

    Attributes:
        files: Its files; of a folder, below it.
        options: How it is to be read.
        folder: The name of the folder, if it is one.
    """

    files: dict[str, bytes]
    options: dict[str, Any] = field(default_factory=dict)
    folder: str = ""


@dataclass
class Counts:
    """What came of the files.

    Attributes:
        understood: Those that were attacked, and restored.
        refused: Those that were refused.
        faults: What went wrong with others, each with the kind of file and the number that makes it again.
        kinds: Number of files by kind.
    """

    understood: int = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)


def _parquet(table: Any) -> bytes:
    buffer = io.BytesIO()
    # Plain bytes, so that one which is changed is a changed text, and not always a broken page.
    pq.write_table(table, buffer, compression="none", use_dictionary=False)
    return buffer.getvalue()


def _arrow_files() -> Iterator[tuple[str, Whole]]:
    texts, labels = zip(*mutants.REVIEWS, strict=True)
    yield "parquet", Whole({"in.parquet": _parquet(pa.table({"text": texts, "label": labels}))}, _TEXTS)
    tokens = [[token for token, _ in sentence] for sentence in mutants.SENTENCES]
    tags = [[tag for _, tag in sentence] for sentence in mutants.SENTENCES]
    yield (
        "parquet of tokens",
        Whole({"in.parquet": _parquet(pa.table({"tokens": tokens, "tags": tags}))}, {"task": "tagging"}),
    )


def _beir() -> Whole:
    documents = [
        {"_id": f"d{number}", "title": label, "text": text} for number, (text, label) in enumerate(mutants.REVIEWS)
    ]
    queries = [{"_id": "q1", "text": "wonderful heartfelt story"}, {"_id": "q2", "text": "which films are these"}]
    lines = {
        name: "".join(json.dumps(row) + "\n" for row in rows).encode()
        for name, rows in (("corpus", documents), ("queries", queries))
    }
    judged = b"query-id\tcorpus-id\tscore\nq1\td0\t1\nq2\td4\t2\n"
    files = {"corpus.jsonl": lines["corpus"], "queries.jsonl": lines["queries"], "qrels/test.tsv": judged}
    return Whole(files, folder="in")


def whole_files() -> dict[str, Whole]:
    """Return a data set of each kind, those of text also compressed."""
    wholes: dict[str, Whole] = {}
    for kind, seed in mutants.SEEDS.items():
        content = seed.content.encode()
        wholes[kind] = Whole({seed.file: content}, seed.options)
        wholes[f"{kind}, gz"] = Whole({f"{seed.file}.gz": gzip.compress(content, mtime=0)}, seed.options)
    wholes["conll, columns named"] = Whole(
        {"in.conll": mutants.SEEDS["conll of two columns"].content.encode()}, _COLUMNS
    )
    wholes["csv without header"] = Whole(
        {"in.csv": b"a fine story,1\nendless scenes,0\n"},
        {**_TEXTS, "no_header": True, "text_column": "1", "label_column": "2"},
    )
    wholes["utf-16"] = Whole(
        {"in.csv": mutants.SEEDS["csv"].content.encode("utf-16")}, {**_TEXTS, "encoding": "utf-16"}
    )
    wholes["beir"] = _beir()
    return wholes | dict(_arrow_files())


def _controls(data: bytes, random: Random) -> bytes:
    where = random.randrange(len(data) + 1)
    pieces = (
        b"\x1b[31m",
        b"\x00",
        b"\x07",
        b"\x08",
        b"\xc2\x85",
        b"\xe2\x80\xae",
        b"\xe2\x80\xa8",
        b"\x0b",
        b"\x0c",
        b"\x1c",
        b"\x7f",
    )
    return data[:where] + random.choice(pieces) + data[where:]


def _escapes(data: bytes, random: Random) -> bytes:
    where = data.find(random.choice((b"wonder", b"Lind", b"Anna", b"pos", b"id", b"text")))
    pieces = (rb"\ud83d", rb"\udc00", rb"\u0000", rb"\u001b", rb"\u202e", rb"\ud83d\ude00", rb"\x", rb"\\")
    return data[: where + 1] + random.choice(pieces) + data[where + 1 :]


def _nested(data: bytes, random: Random) -> bytes:
    depth, (opening, closing) = (
        random.choice((50, 300, 990, 3000, 100_000)),
        random.choice(((b"[", b"]"), (b'{"a":', b"}"))),
    )
    value = opening * depth + b"1" + closing * depth
    if random.random() < 0.7:
        return data.replace(b"{", b'{"deep": ' + value + b", ", random.choice((1, -1)) if depth < 1000 else 1)
    where = data.find(random.choice((b'"pos"', b"}", b"O", b"[", b"1")))
    return data[:where] + value + data[where:]


def _huge(data: bytes, random: Random) -> bytes:
    pieces = (
        b"9" * 5000,
        b"1e999",
        b"-1e999",
        b"1e-999",
        b"NaN",
        b"-Infinity",
        b"18446744073709551616",
        b"0x10",
        b"1_000",
        "٣".encode(),
    )
    for number in (b": 1", b": 0", b"12", b"\t1", b",1"):
        if number in data and random.random() < 0.6:
            return data.replace(number, number[:-1] + random.choice(pieces), random.choice((1, -1)))
    return data + random.choice(pieces)


def _types(data: bytes, random: Random) -> bytes:
    values = (b"null", b"true", b"3", b"3.5", b"[]", b"{}", b'[["a"]]', b'{"text": 1}', b'""', b"[null]", b'["a", 1]')
    olds = (b'"pos"', b'"neg"', b'"wonderful"', b'"O"', b'"Pippi"', b"[]", b'"q1"', b"true", b'"d1"', b'"in Stockholm"')
    return data.replace(random.choice(olds), random.choice(values), random.choice((1, -1)))


def _long(data: bytes, random: Random) -> bytes:
    where = random.randrange(len(data) + 1)
    return (
        data[:where]
        + random.choice((b"a", b"\xf0\x9f\x98\x80", b" ", b"@", b"e\xcc\x81")) * random.choice((1000, 30_000))
        + data[where:]
    )


_CHANGES: tuple[Callable[[bytes, Random], bytes], ...] = (
    *mutants._CHANGES, _controls, _controls, _escapes, _escapes, _nested, _huge, _types, _types, _long,
)  # fmt: skip


def _mutant(data: bytes, kind: str, random: Random) -> bytes:
    if kind.startswith("parquet"):
        return mutants.binary_mutant(data, random)
    if not kind.endswith("gz"):
        return _changed(data, random)
    if random.random() < 0.4:
        return mutants.binary_mutant(data, random)
    return gzip.compress(_changed(gzip.decompress(data), random), mtime=0)


def _changed(data: bytes, random: Random) -> bytes:
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        data = random.choice(_CHANGES)(data, random)
    return data


class _TookTooLongError(BaseException):
    """Raised by the clock; no code under test catches it."""


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    def end(*_: object) -> None:
        raise _TookTooLongError

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def check(holds: bool, problem: str) -> None:
    """Raise an error where something does not hold."""
    if not holds:
        raise AssertionError(problem)


def _content(path: Path) -> dict[str, bytes]:
    if path.is_dir():
        return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}
    data = path.read_bytes()
    return {"": gzip.decompress(data) if path.suffix == ".gz" else data}


def _records(path: Path, options: dict[str, Any]) -> list[Any]:
    source = format_of(path, **options)
    return [str(record) for block in source.blocks() for record in source.parse(block).records]


def _try(path: Path, options: dict[str, Any], random: Random) -> bool:
    """Attack a file and undo that; tell whether it was understood.

    Raises:
        AssertionError: The output is not what it should be.
    """
    folder = path.parent
    output, log, back = (
        folder / f"out.{path.name}",
        folder / random.choice(("log.jsonl", "log.parquet", "log.jsonl.gz")),
        folder / f"back.{path.name}",
    )
    names = {each.name for each in folder.iterdir()}
    attack = Attack.load(random.choice(RECIPES))
    options = {**options, "bad_records": random.choice(("refuse", "refuse", "skip"))}
    try:
        source = open_source(path, DataOptions.of(**options))
        summary = attack_file(
            source.format, source.task, attack, output=output, edits=log, bad_records=source.bad_records
        )
    except UserError as error:
        refusal = str(error)
    else:
        refusal = ""
    if refusal:
        check(not _OF_A_LIBRARY.search(refusal), f"the error of a library in the message: {refusal}")
        check({each.name for each in folder.iterdir()} == names, "something is left behind")
        return False
    edits = EditLog(log)
    reading = {} if path.is_dir() else edits.about["format"]
    read = _records(output, reading)
    assert len(read) == summary.records, f"{summary.records} records were written, {len(read)} are read"
    attacked = format_of(output, **reading)
    revert_file(attacked, task_class(edits.about["task"]).of_columns(edits.about["columns"]), edits, output=back)
    if not summary.skipped and _content(back) != _content(path):
        given = source.format.options(source.format) if not path.is_dir() else {}
        assert _records(back, reading) == _records(
            path, reading | {key: given[key] for key in given if key in reading}
        ), "not restored"
    assert not [each for each in folder.iterdir() if each.name.startswith(".")], "a temporary file is left behind"
    with suppress(UserError):
        load_data(path, **options)
    return True


def mutate(files: int, seed: int = 0) -> Counts:
    """Try files with mistakes in them.

    Args:
        files: How many.
        seed: The number of the first: it makes the same files, and others than the next ``files``.

    Returns:
        What came of them.
    """
    wholes, counts = whole_files(), Counts()
    kinds = list(wholes)
    for number in range(seed, seed + files):
        kind = kinds[number % len(kinds)]
        counts.kinds[kind] += 1
        try:
            with _within(SECONDS):
                understood = _one(wholes[kind], kind, number)
        except _TookTooLongError:
            counts.faults.append(f"{kind}, {number}: took more than {SECONDS} s\n{traceback.format_exc(limit=-6)}")
        except Exception:
            counts.faults.append(f"{kind}, {number}: {traceback.format_exc(limit=-6)}")
        else:
            counts.understood += understood
            counts.refused += not understood
    return counts


def _one(whole: Whole, kind: str, number: int) -> bool:
    """Write a data set of which one file is broken, and try it."""
    random = Random(number)
    folder = Path(tempfile.mkdtemp())
    try:
        path = folder / whole.folder
        broken = random.choice(list(whole.files))
        for name, data in whole.files.items():
            file = path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(_mutant(data, kind, random) if name == broken else data)
        return _try(path if whole.folder else path / broken, whole.options, random)
    finally:
        shutil.rmtree(folder)


def main() -> None:
    """Print the counts, and what went wrong."""
    files, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    counts = mutate(files, seed)
    for fault in counts.faults:
        print(fault)  # noqa: T201
    print(f"{files} files: {counts.understood} understood, {counts.refused} refused, {len(counts.faults)} faults")  # noqa: T201
    sys.exit(bool(counts.faults))


if __name__ == "__main__":
    main()
