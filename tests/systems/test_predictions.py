"""Predictions are kept by content: nothing is asked twice."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrobust.systems import predictions as module
from charrobust.systems.defended import Defended
from charrobust.systems.kept_lines import KeptLines
from charrobust.systems.predictions import Predictions, key_of
from charrobust.systems.share import Share
from charrobust.tasks.examples import Example
from tests.scoring.fakes import FakePredictor, FakeRestorer, fake_system, names, questions, reviews


def test_equal_inputs_are_asked_once():
    system = fake_system()
    examples = reviews(30).examples
    assert Predictions().of(system, examples) == [system.system._say(example.texts) for example in examples]
    assert len(system.system.asked) == 6


@pytest.mark.parametrize("data", [reviews(), names(), questions()], ids=lambda data: data.task.name)
def test_a_rerun_asks_nothing(data, tmp_path):
    options = {"task": data.task.name, "labels": data.classes}
    first, again = fake_system(**options), fake_system(**options)
    said = Predictions(tmp_path / "kept").of(first, data.examples)
    assert Predictions(tmp_path / "kept").of(again, data.examples) == said
    assert again.system.asked == []


def test_numbers_are_kept_exactly(tmp_path):
    system = fake_system(task="regression")
    system.system._say = lambda texts: len(texts[0]) / 7
    said = Predictions(tmp_path).of(system, reviews().examples)
    assert Predictions(tmp_path).of(fake_system(task="regression"), reviews().examples) == said


def test_a_rerun_asks_what_is_new(tmp_path):
    examples = list(reviews().examples)
    Predictions(tmp_path).of(fake_system(), examples[:4])
    system = fake_system()
    kept = Predictions(tmp_path)
    assert kept.missing(system, examples) == 2
    kept.of(system, examples)
    assert kept.missing(system, examples) == 0
    assert sorted(system.system.asked) == sorted(example.texts for example in examples[4:])


def test_systems_do_not_share(tmp_path):
    examples = reviews().examples
    predictor = FakePredictor()
    systems = [fake_system("a"), fake_system("b"), Defended("a", predictor, (FakeRestorer(),))]
    for system in systems:
        Predictions(tmp_path).of(system, examples)
        assert len(system.system.asked) == 6
    assert len(list(tmp_path.glob("*.jsonl"))) == 3


def test_an_interrupted_run_keeps_what_it_did(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 2)
    with pytest.raises(KeyboardInterrupt):
        Predictions(tmp_path).of(fake_system(breaks_after=5), reviews().examples)
    system = fake_system()
    assert Predictions(tmp_path).missing(system, reviews().examples) == 2
    assert Predictions(tmp_path).of(system, reviews().examples) == ["good", "bad"] * 3
    assert len(system.system.asked) == 2


@pytest.mark.parametrize("left", [1, 40, 120])
def test_a_last_line_that_was_cut_off_is_asked_again(left, tmp_path):
    Predictions(tmp_path).of(fake_system(), reviews().examples)
    (path,) = tmp_path.glob("*.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][:-left] if left < len(lines[-1]) else b"".join(lines[:-1]))
    system = fake_system()
    assert Predictions(tmp_path).of(system, reviews().examples) == ["good", "bad"] * 3
    assert len(system.system.asked) == 1
    # In a file of its own: to what was cut off, which may be what another process is writing, nothing is joined.
    first, second = sorted(tmp_path.glob("*.jsonl"))
    assert (first, second.read_bytes()) == (path, lines[-1])


def test_progress_counts_new_inputs(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 4)
    steps = []
    Predictions(tmp_path).of(fake_system(), reviews(30).examples, lambda *step: steps.append(step[:3]))
    assert steps == [("fake", done, 6) for done in (0, 4, 4, 6, 6)]


@given(st.lists(st.text(max_size=5), max_size=3), st.lists(st.text(max_size=5), max_size=3))
def test_keys_are_those_of_the_texts(one, other):
    keys = [key_of(Example(str(n), tuple(texts), None)) for n, texts in enumerate((one, other))]
    assert (keys[0] == keys[1]) == (one == other)


def test_files_hold_a_line_an_input(tmp_path):
    Predictions(tmp_path).of(fake_system(), reviews(2).examples)
    (path,) = tmp_path.glob("*.jsonl")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert {row["prediction"] for row in rows} == {"good", "bad"}
    assert path.name.startswith(f"{fake_system().fingerprint}.")


def test_predictions_of_other_processes_are_found(tmp_path):
    """Both are open at once: what one has said the other is not asked again, and the first line of an input counts."""
    examples = reviews().examples
    one, other = Predictions(tmp_path), Predictions(tmp_path)
    systems = [fake_system(), fake_system(word="weather")]
    other.missing(systems[1], examples)
    said = one.of(systems[0], examples)
    assert other.of(systems[1], examples) != said
    assert Predictions(tmp_path).of(fake_system(), examples) == said
    assert len(list(tmp_path.iterdir())) == 2


def test_shares_are_put_together(tmp_path):
    examples = reviews(30).examples
    systems = [fake_system(), fake_system(), fake_system()]
    for rank in (2, 1):
        Predictions(tmp_path, Share(rank, 3)).ask(systems[rank], examples)
    said = Predictions(tmp_path, Share(0, 3)).of(systems[0], examples)
    assert said == Predictions().of(fake_system(), examples)
    asked = [example for system in systems for example in system.system.asked]
    assert sorted(asked) == sorted({example.texts for example in examples})


def test_a_share_does_not_depend_on_what_is_kept(tmp_path):
    examples = reviews().examples
    Predictions(tmp_path).of(fake_system(), examples[2:])
    alone, after = fake_system(), fake_system()
    Predictions(tmp_path / "other", Share(1, 2)).ask(alone, examples)
    Predictions(tmp_path, Share(1, 2)).ask(after, examples)
    assert after.system.asked == [texts for texts in alone.system.asked if texts in [e.texts for e in examples[:2]]]


WRITE = """
import sys, time
from pathlib import Path
from charrobust.systems.kept_lines import KeptLines
lines = KeptLines(Path(sys.argv[1]), "rows")
print("ready", flush=True)
sys.stdin.readline()
for number in range(10**6):
    lines.append([{"writer": sys.argv[2], "number": number, "text": "x" * 4000}])
    # A busy machine may let one writer wait: what the others write then is not to fill the memory.
    time.sleep(0.05 if number > 2000 else 0)
"""


def test_many_writers_and_kills_damage_no_line(tmp_path):
    command = [sys.executable, "-c", WRITE, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    writers = [subprocess.Popen([*command, str(number)], **pipes) for number in range(4)]
    reader = KeptLines(tmp_path, "rows")
    rows = []
    try:
        for writer in writers:
            writer.stdout.readline()
        # All begin at once: what the others write while one still starts would be gigabytes.
        for writer in writers:
            writer.stdin.write(b"\n")
            writer.stdin.flush()
        while len({row["writer"] for row in rows}) < 4 or len(rows) < 200:
            rows += [json.loads(line.content) for line in reader.news()]
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()
    rows += [json.loads(line.content) for line in reader.news()]
    for name in "0123":
        numbers = [row["number"] for row in rows if row["writer"] == name]
        assert numbers == list(range(len(numbers)))
    again = [json.loads(line.content) for line in KeptLines(tmp_path, "rows").news()]
    assert len(again) == len(rows)
