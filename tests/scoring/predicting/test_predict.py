"""Files of predictions: equal however often, by how many, and in how many goes a system is asked."""

import json
import subprocess
import sys

import pytest

from charrobust.datasets.formats import Delimited, format_of
from charrobust.datasets.options import DataOptions
from charrobust.datasets.source import open_source
from charrobust.scoring import predict
from charrobust.scoring.predicting import parts
from charrobust.systems.share import Share, ShareDone
from charrobust.systems.system import System
from tests.scoring.fakes import fake_system
from tests.tasks.data import json_lines, read, write

ROWS = [{"text": f"{word} weather {number}", "label": "good"} for number, word in enumerate(["wonderful", "bad"] * 11)]


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "PART", 4)
    return open_source(write(tmp_path / "in.jsonl", json_lines(ROWS)), DataOptions(task="classification"))


def scored(texts):
    return [{"bad": 0.25, "good": 0.75} if "wonderful" in text else {"bad": 1, "good": 0} for text in texts]


def test_rows_are_in_order(source, tmp_path):
    found = predict(fake_system(), source, tmp_path / "out.jsonl")
    assert (found.system, found.examples, found.skipped) == ("fake", 22, ())
    rows = [json.loads(line) for line in read(tmp_path / "out.jsonl").splitlines()]
    assert rows == [{"id": str(n), "prediction": ["good", "bad"][n % 2]} for n in range(22)]
    assert {path.name for path in tmp_path.iterdir()} == {"in.jsonl", "out.jsonl"}


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv.gz", "out.tsv", "out.parquet"])
def test_scores(source, tmp_path, name):
    """Of a function without a version, too, of which nothing is kept."""
    predict(System.of(scored, task="classification"), source, tmp_path / name, scores=True)
    # As `score` reads it: fields are quoted in TSV, too.
    table = Delimited(tmp_path / name, delimiter="\t") if name.endswith(".tsv") else format_of(tmp_path / name)
    records = [record for block in table.blocks() for record in table.parse(block).records]
    assert [record["prediction"] for record in records] == ["good", "bad"] * 11
    values = [record["scores"] for record in records]
    assert [json.loads(v) if isinstance(v, str) else v for v in values] == scored(row["text"] for row in ROWS)
    assert {path.name for path in tmp_path.iterdir()} == {"in.jsonl", name}


def test_an_interrupted_run_goes_on(source, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        predict(fake_system(breaks_after=9), source, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()
    system = fake_system()
    steps = []
    predict(system, source, tmp_path / "out.csv", progress=lambda *step: steps.append(step[:3]))
    assert len(system.system.asked) == 22 - 8
    assert [step for step in steps if step[0] == "fake"] == [("fake", done, 22) for done in (12, 16, 20, 22)]
    predict(fake_system(), source, tmp_path / "whole.csv")
    assert read(tmp_path / "out.csv") == read(tmp_path / "whole.csv")
    assert {path.name for path in tmp_path.iterdir()} == {"in.jsonl", "out.csv", "whole.csv"}


def test_what_changed_is_asked_again(source, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        predict(fake_system(breaks_after=9), source, tmp_path / "out.csv")
    write(tmp_path / "in.jsonl", json_lines([{**ROWS[0], "text": "new"}, *ROWS[1:]]))
    for system in (fake_system(), fake_system(name="other")):
        predict(system, source, tmp_path / "out.csv")
        assert len(system.system.asked) == (18 if system.name == "fake" else 22)


@pytest.mark.parametrize("ranks", [2, 3])
def test_ranks_write_what_one_process_writes(source, tmp_path, ranks):
    predict(fake_system(), source, tmp_path / "whole.jsonl")
    asked = []
    for rank in reversed(range(1, ranks)):
        system = fake_system()
        with pytest.raises(ShareDone):
            predict(system, source, tmp_path / "out.jsonl", share=Share(rank, ranks))
        assert not (tmp_path / "out.jsonl").exists()
        asked += system.system.asked
    system = fake_system()
    predict(system, source, tmp_path / "out.jsonl", share=Share(0, ranks))
    asked += system.system.asked
    assert sorted(asked) == sorted((row["text"],) for row in ROWS)
    assert read(tmp_path / "out.jsonl") == read(tmp_path / "whole.jsonl")
    assert {path.name for path in tmp_path.iterdir()} == {"in.jsonl", "out.jsonl", "whole.jsonl"}


def test_another_number_of_ranks_goes_on(source, tmp_path):
    with pytest.raises(ShareDone):
        predict(fake_system(), source, tmp_path / "out.jsonl", share=Share(1, 2))
    system = fake_system()
    predict(system, source, tmp_path / "out.jsonl")
    assert len(system.system.asked) == 4 + 4 + 4  # parts 0, 2 and 4 of six


def test_examples_without_a_label_are_predicted(tmp_path):
    path = write(tmp_path / "in.csv", "text,label\nwonderful,good\nnobody knows,\nstorm,bad\n")
    predict(fake_system(), open_source(path, DataOptions(task="classification")), tmp_path / "out.csv")
    assert read(tmp_path / "out.csv") == "id,prediction\n0,good\n1,bad\n2,bad\n"


def test_bad_records_are_left_out(tmp_path):
    path = write(tmp_path / "in.jsonl", json_lines(ROWS[:2]) + "{\n" + json_lines(ROWS[2:3]))
    options = DataOptions(task="classification", bad_records="skip")
    found = predict(fake_system(), open_source(path, options), tmp_path / "out.csv")
    assert (found.examples, len(found.skipped)) == (3, 1)
    assert len(read(tmp_path / "out.csv").splitlines()) == 4


def test_a_system_is_told_of_all_labels(tmp_path, monkeypatch):
    """As by `evaluate`: also of those that stand at the end, for which an endpoint's prompt must ask."""
    monkeypatch.setattr(parts, "PART", 2)
    monkeypatch.setattr("charrobust.datasets.formats.base.BLOCK_BYTES", 40)
    rows = [{"text": f"text {number}", "label": label} for number, label in enumerate("aabbbc")]
    known = parts.survey(
        open_source(write(tmp_path / "in.jsonl", json_lines(rows)), DataOptions(task="classification"))
    )
    assert (known.examples, known.options().labels, len(known.first)) == (6, ("a", "b", "c"), 2)


KILLED = """
import os, signal, sys
from charrobust.datasets.options import DataOptions
from charrobust.datasets.source import open_source
from charrobust.scoring import System, predict
from charrobust.scoring.predicting import parts
parts.PART = 4
asked = []
def answer(texts):
    if len(asked) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    asked.append(texts)
    return ["good" if "wonderful" in text else "bad" for text in texts]
system = System.of(answer, task="classification", version="1")
predict(system, open_source(sys.argv[1], DataOptions(task="classification")), sys.argv[2])
"""


def test_after_a_kill_the_rest_is_asked(source, tmp_path):
    out = tmp_path / "out.csv"
    killed = subprocess.run([sys.executable, "-c", KILLED, tmp_path / "in.jsonl", out], check=False)
    assert (killed.returncode, out.exists()) == (-9, False)
    asked = []

    def answer(texts):
        asked.extend(texts)
        return ["good" if "wonderful" in text else "bad" for text in texts]

    predict(System.of(answer, task="classification", version="1"), source, out)
    assert asked == [row["text"] for row in ROWS[8:]]
    predict(fake_system(), source, tmp_path / "whole.csv")
    assert read(out) == read(tmp_path / "whole.csv")
