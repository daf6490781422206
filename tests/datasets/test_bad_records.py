"""Bad records that are left out: the rest is as if they had never been there."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from charrobust.attackers.given import Given
from charrobust.datasets import load_data
from charrobust.datasets.attack_file import attack_file
from charrobust.datasets.edit_log import EditLog
from charrobust.datasets.formats import format_of
from charrobust.datasets.load import read_blocks
from charrobust.datasets.options import DataOptions
from charrobust.datasets.source import open_source
from charrobust.perturb import Attack
from charrobust.tasks.registry import task_class

GOOD = [{"text": f"wonderful weather {number}", "label": "pos"} for number in range(4)]
SENTENCES = [f"# id = {number}\nwonderful O\nweather{number} B-X\n\n" for number in range(4)]
BAD = {"text": None, "label": "neg"}


def _json_lines(records):
    return "".join("broken\n" if record is BAD else json.dumps(record) + "\n" for record in records)


def _csv(records):
    return "text,label\n" + "".join("a,b,c\n" if record is BAD else f"{record['text']},pos\n" for record in records)


WRITERS = {
    "in.jsonl": _json_lines,
    "in.csv": _csv,
    "in.tsv": lambda records: _csv(records).replace(",", "\t"),
    "in.json": lambda records: json.dumps(records, indent=2),
    "more.json": lambda records: json.dumps({"version": 1, "data": records, "more": [1]}),
    "in.conll": lambda records: "".join("# id = x\nbroken\n\n" if record is BAD else SENTENCES[int(record["text"][-1])] for record in records),
}  # fmt: skip


def _attacked(path, **options):
    task = task_class("tagging" if path.suffix == ".conll" else "classification")
    columns = {} if path.suffix == ".conll" else {"texts": ("text",)}
    output = path.with_name(f"out.{path.name}")
    source = format_of(path)
    summary = attack_file(source, task.of_columns(columns), Attack.load("charbert"), output=output, **options)
    return output, summary


@pytest.mark.parametrize("where", [0, 2, 4])
@pytest.mark.parametrize("name", WRITERS)
def test_bad_records_are_left_out(tmp_path, monkeypatch, name, where):
    path = tmp_path / name
    if name == "in.conll" and where == 0:
        pytest.skip("the first line of a CoNLL file tells its columns")
    path.write_text(WRITERS[name](GOOD))
    wanted = _attacked(path)[0].read_text()
    path.write_text(WRITERS[name]([*GOOD[:where], BAD, *GOOD[where:]]))
    for size in (2048, 1):
        for module in ("delimited", "json_array"):
            monkeypatch.setattr(f"charrobust.datasets.formats.{module}.BLOCK_RECORDS", size)
        monkeypatch.setattr("charrobust.datasets.formats.base.BLOCK_BYTES", size)
        output, summary = _attacked(path, bad_records="skip")
        assert output.read_text() == wanted
        assert (summary.records, len(summary.skipped)) == (4, 1)
        assert name in summary.skipped[0]


def test_bad_rows_of_arrow_are_left_out(tmp_path):
    path = tmp_path / "in.parquet"
    pq.write_table(pa.Table.from_pylist([*GOOD[:2], BAD, *GOOD[2:]]), path)
    output, summary = _attacked(path, bad_records="skip")
    assert len(summary.skipped) == 1
    assert pq.read_table(output).column("label").to_pylist() == ["pos"] * 4


def test_rows_can_be_written_as_a_list(tmp_path):
    path, output = tmp_path / "in.parquet", tmp_path / "out.json"
    pq.write_table(pa.Table.from_pylist(GOOD), path)
    task = task_class("classification").of_columns({"texts": ("text",)})
    attack_file(format_of(path), task, Attack.load("charbert"), output=output, sink=format_of(output))
    made = json.loads(output.read_text())
    assert [record["label"] for record in made] == ["pos"] * 4
    assert output.read_text().count("\n") == 6


def _questions(id_of):
    """Return paragraphs of two questions; ``id_of`` gives those that a question has by the paragraph's number."""
    for number in range(4):
        qas = [{"question": "wonderful weather?", "answers": [], **id_of(number)} for _ in range(2)]
        yield {"context": "unbelievable storms", "qas": qas, **id_of(number)}


KINDS = {
    "reviews": ("classification", {"texts": ("text",)}, GOOD),
    "reviews with ids": (
        "classification",
        {"texts": ("text",), "id_column": "id"},
        [{**record, "id": number} for number, record in enumerate(GOOD)],
    ),
    "paragraphs": ("qa", {"attacked": ("question", "context")}, list(_questions(lambda _: {}))),
    "paragraphs with ids": ("qa", {"attacked": ("question", "context")}, list(_questions(lambda n: {"id": str(n)}))),
}


@pytest.mark.parametrize("log_name", ["log.jsonl", "log.parquet"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_log_is_as_if_they_had_never_been_there(tmp_path, monkeypatch, kind, log_name):
    name, columns, records = KINDS[kind]
    task, source, log = task_class(name).of_columns(columns), tmp_path / "in.jsonl", tmp_path / log_name
    monkeypatch.setattr("charrobust.datasets.formats.base.BLOCK_BYTES", 1)  # a record a block
    logs = []
    for written in (records, ["broken", *records[:2], "broken", *records[2:]]):
        source.write_text("".join(json.dumps(record) + "\n" for record in written))
        output = tmp_path / "out.jsonl"
        attack_file(format_of(source), task, Attack.load("charbert"), output=output, edits=log, bad_records="skip")
        logs.append(list(EditLog(log).by_row()))
    assert logs[0] == logs[1] != []


def test_records_are_numbered_as_where_bad_ones_are_missing(tmp_path, monkeypatch):
    """An attacked file that leaves them out has the same examples, and its log the same rows."""
    monkeypatch.setattr("charrobust.datasets.formats.base.BLOCK_BYTES", 80)
    path = tmp_path / "in.jsonl"
    path.write_text(_json_lines([GOOD[0], BAD, GOOD[1], BAD, BAD, *GOOD[2:]]))
    options = DataOptions(task="classification", bad_records="skip")
    data = load_data(path, task="classification", bad_records="skip")
    assert [example.id for example in data.examples] == ["0", "1", "2", "3"]
    ids = [example.id for block in read_blocks(open_source(path, options)) for example in block.examples]
    assert ids == ["0", "1", "2", "3"]
    output, _ = _attacked(path, bad_records="skip", edits=tmp_path / "out.in.edits.jsonl")
    version = Given(output, "given").attack(None, data)
    assert [edit.operator for number in range(4) for edit in version.edits(number)].count("given") == 0
    assert len(version.edits(3)) > 0
    assert data.place_of(3).line == "line 7"


def test_stretches_of_bad_records_are_noted_with_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr("charrobust.datasets.formats.base.BLOCK_BYTES", 1)  # a record a block
    path = tmp_path / "in.jsonl"
    path.write_text(_json_lines([BAD, BAD, GOOD[0], BAD, GOOD[1]]))
    blocks = list(read_blocks(open_source(path, DataOptions(task="classification", bad_records="skip"))))
    assert [(len(block), len(block.skipped)) for block in blocks] == [(1, 2), (1, 1)]
