"""Files of spans on the command line and in Python: attack, revert, load, evaluate."""

import csv
import json

import pytest

from charrobust.datasets.load import load_data
from charrobust.tasks.spans.record import Spans
from tests.cli.running import Runner
from tests.tasks.spans.shapes import LOC, PER, ROWS, SHAPES, TEXT


@pytest.fixture
def run(monkeypatch, capsys) -> Runner:
    """Run the command line in this process."""
    return Runner(monkeypatch, capsys)


def attack_and_back(run, source, *options):
    """Attack a file and undo it; returns the attacked file and what was said."""
    attacked, log = source.with_name(f"out{source.suffix}"), source.with_name("edits.jsonl")
    result = run("attack", source, "--force", "--recipe", "charbert", "-o", attacked, "--edits", log, *options)
    assert result.status == 0, result.err
    back = source.with_name(f"back{source.suffix}")
    assert run("revert", attacked, "--edits", log, "--output", back, "--force").status == 0
    assert attacked.read_bytes() != source.read_bytes()
    return attacked, back, result


@pytest.mark.parametrize("shape", [name for name in SHAPES if name != "tuples"])
@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_json_files_come_back_byte_for_byte(run, tmp_path, shape, suffix):
    source = tmp_path / f"in{suffix}"
    rows = [SHAPES[shape], SHAPES[shape]]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    source.write_text(lines if suffix == ".jsonl" else json.dumps(rows, indent=2))
    attacked, back, _ = attack_and_back(run, source, "--task", "spans")
    assert back.read_bytes() == source.read_bytes()
    targets = [example.target for example in load_data(attacked, task="spans").examples]
    assert [[name for *_, name in target] for target in targets] == [["PER", "LOC"]] * 2


def test_offsets_never_go_stale_as_classification(run, tmp_path):
    """Case 18: a task that was named wrongly is told from the data, and said."""
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"id": 1, "text": TEXT, "label": [list(PER), list(LOC)]}) + "\n")
    attacked, back, result = attack_and_back(run, source, "--task", "classification")
    assert "by its columns the task is spans, not classification" in result.err
    assert back.read_bytes() == source.read_bytes()
    record = json.loads(attacked.read_text())
    words = record["text"].split()
    assert [record["text"][start:end] for start, end, _ in record["label"]] == [words[0], words[2]]


@pytest.mark.parametrize("shape", ["start and end", "from and to, with the term"])
def test_rows_of_csv(run, tmp_path, shape):
    source = tmp_path / "in.csv"
    with source.open("w", newline="") as handle:
        writer = csv.DictWriter(handle, list(ROWS[shape]), lineterminator="\n")
        writer.writeheader()
        writer.writerows([ROWS[shape]] * 3)
    attacked, back, _ = attack_and_back(run, source, "--task", "classification")
    assert back.read_bytes() == source.read_bytes()
    (example, *_) = load_data(attacked, task="spans").examples
    assert example.texts[0][slice(*example.spans[0])] == example.texts[0].split()[2]


def test_columns_that_only_look_like_offsets(run, tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"text": TEXT, "label": "pos", "start": 1, "end": 3}) + "\n")
    given = ("attack", source, "--recipe", "charbert", "--output", tmp_path / "out.jsonl", "--task", "classification")
    result = run(*given, "--plain-column", "start")
    assert (result.status, result.err) == (0, "")
    assert json.loads((tmp_path / "out.jsonl").read_text())["start"] == 1


def test_entities_alone_are_attacked(run, tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps(SHAPES["doccano"]) + "\n")
    attacked, _, _ = attack_and_back(run, source, "--task", "spans", "--field", "entities")
    words = json.loads(attacked.read_text())["text"].split()
    assert words[1::2] == TEXT.split()[1::2]
    attacked, _, _ = attack_and_back(run, source, "--task", "spans", "--protect", "entities")
    words = json.loads(attacked.read_text())["text"].split()
    assert words[::2] == TEXT.split()[::2]


def test_parquet_comes_back(run, tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    rows = [{"text": TEXT, "entities": [{"start": 0, "end": 6, "label": "PER"}], "n": 1}, {"text": "", "entities": []}]
    source = tmp_path / "in.parquet"
    pq.write_table(pa.Table.from_pylist(rows), source)
    attacked, back, _ = attack_and_back(run, source, "--task", "spans")
    assert pq.read_table(back).to_pylist() == pq.read_table(source).to_pylist()
    assert pq.read_table(attacked).to_pylist()[0]["entities"][0]["end"] != 6


def test_lists_of_texts_and_targets():
    data = load_data([TEXT, "x"], [[PER, LOC], []], task="spans")
    assert isinstance(data.task, Spans)
    assert [example.target for example in data.examples] == [(PER, LOC), ()]
    assert data.classes == ("B-LOC", "B-PER", "I-LOC", "I-PER", "O")


def test_bad_records_leave_nothing_behind(run, tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps(SHAPES["doccano"]) + "\n" + json.dumps({"text": "a", "label": [[0, 9, "X"]]}) + "\n")
    given = ("attack", source, "--recipe", "charbert", "--output", tmp_path / "out.jsonl", "--task", "spans")
    result = run(*given)
    assert result.status == 2
    assert "line 2" in result.err
    assert not (tmp_path / "out.jsonl").exists()
    result = run(*given, "--bad-records", "skip")
    assert result.status == 0
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 1
