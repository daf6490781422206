"""``charrobust predict`` and ``charrobust evaluate`` by one process and by several."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from charrobust.report import page
from charrobust.scoring import read_results
from charrobust.scoring.predicting import parts
from tests.systems.tiny import LABELS, save_model
from tests.tasks.data import json_lines, read, write

ROWS = [{"text": f"{word} weather {number}", "label": label} for number, (word, label) in enumerate([("fine", "good"), ("wet", "bad")] * 6)]  # fmt: skip
MODULE = """
import os, signal
from charrobust.scoring import System

calls = []

def answer(texts):
    calls.append(texts)
    if os.environ.get("KILLED", "") == os.environ.get("RANK", "none") and len(calls) > 20:  # in the second part
        os.kill(os.getpid(), signal.SIGKILL)
    return [{"good": 0.75, "bad": 0.25} if "fine" in text else {"good": 0.125, "bad": 0.875} for text in texts]

rule = System.of(answer, task="classification", name="rule", version="1")
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with data and a model, to work in."""
    write(tmp_path / "in.jsonl", json_lines(ROWS))
    write(tmp_path / "weather_rule.py", MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(parts, "PART", 2)
    monkeypatch.setattr(page, "write_report", lambda results, output: Path(write(output / "report.html", "")))
    return tmp_path


ASKED = ("--model", "python:weather_rule:rule", "--data", "in.jsonl", "--task", "classification")


def test_a_file_of_predictions(run, folder):
    result = run("predict", *ASKED, "-o", "out.csv")
    assert (result.status, result.out) == (0, "wrote out.csv: 12 predictions of rule\n"), result.err
    assert "note: python:weather_rule:rule runs code of that module" in result.err
    assert read(folder / "out.csv") == "id,prediction\n" + "".join(
        f"{number},{['good', 'bad'][number % 2]}\n" for number in range(12)
    )
    assert run("predict", *ASKED, "-o", "out.jsonl", "--scores").status == 0
    assert json.loads(read(folder / "out.jsonl").splitlines()[1])["scores"] == {"good": 0.125, "bad": 0.875}


def as_rank(monkeypatch, rank, ranks):
    monkeypatch.setenv("RANK", str(rank))
    monkeypatch.setenv("WORLD_SIZE", str(ranks))


@pytest.mark.parametrize("ranks", [2, 3])
def test_ranks(run, folder, monkeypatch, ranks):
    """Also one after the other, as a job array may run them."""
    assert run("predict", *ASKED, "-o", "whole.jsonl").status == 0
    evaluated = ("evaluate", *ASKED, "--attack", "swap", "-o")
    assert run(*evaluated, "whole").status == 0
    for rank in reversed(range(ranks)):
        as_rank(monkeypatch, rank, ranks)
        for command in (("predict", *ASKED, "-o", "out.jsonl"), (*evaluated, "out")):
            result = run(*command)
            assert result.status == 0, result.err
            assert (f"rank {rank} of {ranks} has done its share" in result.err) == (rank > 0)
            assert ("wrote out" in result.out) == (rank == 0)
        assert (folder / "out.jsonl").exists() == (folder / "out" / "results.json").exists() == (rank == 0)
    assert read(folder / "out.jsonl") == read(folder / "whole.jsonl")
    for name in ("results.json", "scores.csv"):
        assert read(folder / "out" / name) == read(folder / "whole" / name)


def test_a_rank_that_is_missing(run, folder, monkeypatch):
    as_rank(monkeypatch, 0, 2)
    for command in (("predict", *ASKED, "-o", "out.jsonl"), ("evaluate", *ASKED, "-o", "out")):
        result = run(*command, "--wait", 0)
        assert result.status == 2
        assert "no sign of the other ranks for 0 minutes (--wait), and of 2 ranks these have not done" in result.err
        assert "their share: 1; look at what they printed" in result.err
        assert not (folder / "out.jsonl").exists()
        assert not (folder / "out" / "results.json").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--workers", 2), "leave out --workers, or give --engine ray"),
        (("--engine", "rai"), "unknown --engine 'rai'; did you mean 'ray'"),
        (("--scores", "--model", "python:plain:answer"), "--scores"),
    ],
)
def test_options_that_do_not_fit(run, folder, options, said):
    write(folder / "plain.py", "def answer(texts):\n    return ['good'] * len(texts)\n")
    result = run("predict", *ASKED, "-o", "out.jsonl", *options)
    assert (result.status, said in result.err) == (2, True), result.err
    assert not (folder / "out.jsonl").exists()


def processes(folder, *arguments, ranks=2, **environment):
    """Start the command once for each rank."""
    started = []
    for rank in range(ranks):
        own = {**os.environ, "RANK": str(rank), "WORLD_SIZE": str(ranks), **environment}
        command = [sys.executable, "-m", "charrobust", *arguments]
        started.append(subprocess.Popen(command, cwd=folder, env=own, stderr=subprocess.PIPE, text=True))
    return started


@pytest.mark.nightly
@pytest.mark.parametrize("killed", ["0", "1"])
def test_a_rank_that_is_killed(folder, killed):
    """The other one says so, nothing is written, and the same command goes on."""
    write(folder / "in.jsonl", json_lines({**row, "text": f"{row['text']} {n}"} for n in range(200) for row in ROWS))
    command = ("predict", *ASKED, "-o", "out.jsonl", "--wait", "0.1")
    one, other = processes(folder, *command, KILLED=killed)
    said = [process.communicate()[1] for process in (one, other)]
    statuses = (one.returncode, other.returncode)
    assert statuses == ((-signal.SIGKILL, 0) if killed == "0" else (2, -signal.SIGKILL)), said
    assert ("these have not done their share: 1" in said[0]) == (killed == "1")
    assert not (folder / "out.jsonl").exists()
    for process in processes(folder, *command):
        assert (process.communicate()[0], process.returncode) == (None, 0)
    subprocess.run([sys.executable, "-m", "charrobust", *command[:-3], "whole.jsonl"], cwd=folder, check=True)
    assert read(folder / "out.jsonl") == read(folder / "whole.jsonl")
    assert not list(folder.glob("*parts"))


@pytest.mark.nightly
def test_torchrun(folder):
    """A model of the library by two processes, to the byte what one writes."""
    save_model(folder / "tiny", "bert", "classification")
    rows = [{"text": f"the wonderful weather {number}", "label": LABELS[number % 3]} for number in range(1200)]
    write(folder / "data.jsonl", json_lines(rows))
    asked = ("--model", "tiny", "--data", "data.jsonl", "--task", "classification")
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    for command, out in (
        (("predict", *asked, "--scores"), ".jsonl"),
        (("evaluate", *asked, "--attack", "swap", "--limit", "400"), ""),
    ):
        for name, starter in (("out", torchrun), ("whole", [sys.executable])):
            arguments = [*starter, "-m", "charrobust", *command, "-o", f"{name}{out}"]
            subprocess.run(arguments, cwd=folder, env=environment, check=True)
    assert read(folder / "out.jsonl") == read(folder / "whole.jsonl")
    assert read_results(folder / "out") == read_results(folder / "whole")
    writers = {path.name.split(".")[1] for path in (folder / "out" / "predictions").iterdir()}
    assert len(writers) == 2


@pytest.mark.nightly
def test_after_torchrun_was_killed(folder):
    """A rank dies, torchrun ends the other, and a second start goes on."""
    write(folder / "in.jsonl", json_lines({**row, "text": f"{row['text']} {n}"} for n in range(200) for row in ROWS))
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*torchrun, "-m", "charrobust", "predict", *ASKED, "-o", "out.jsonl"]
    begun = time.monotonic()
    died = subprocess.run(command, cwd=folder, env={**os.environ, "KILLED": "1"}, check=False)
    assert died.returncode != 0
    assert time.monotonic() - begun < 25 * 60  # not after the wait for a sign
    assert not (folder / "out.jsonl").exists()
    subprocess.run(command, cwd=folder, check=True)
    assert len(read(folder / "out.jsonl").splitlines()) == 2400


@pytest.mark.nightly
@pytest.mark.parametrize("workers", [1, 2])
def test_ray(folder, workers):
    pytest.importorskip("ray", reason="needs the extra ray")
    save_model(folder / "tiny", "bert", "classification")
    rows = [{"text": f"the wonderful weather {number}", "label": LABELS[number % 3]} for number in range(2000)]
    write(folder / "data.jsonl", json_lines(rows))
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    asked = ("--model", "tiny", "--data", "data.jsonl", "--task", "classification")
    for command, out in ((("predict", *asked, "--scores"), ".jsonl"), (("evaluate", *asked, "--attack", "swap"), "")):
        for name, options in (("out", ("--engine", "ray", "--workers", str(workers))), ("whole", ())):
            arguments = [sys.executable, "-m", "charrobust", *command, "-o", f"{name}{out}", *options]
            subprocess.run(arguments, cwd=folder, env=environment, check=True)
    assert read(folder / "out.jsonl") == read(folder / "whole.jsonl")
    assert read_results(folder / "out") == read_results(folder / "whole")


@pytest.mark.nightly
def test_an_error_of_a_worker_of_ray_is_that_of_the_user(folder):
    pytest.importorskip("ray", reason="needs the extra ray")
    write(folder / "weather_rule.py", MODULE.replace("return [", "1 / 0; return ["))
    command = [sys.executable, "-m", "charrobust", "predict", *ASKED, "-o", "out.jsonl", "--engine", "ray"]
    failed = subprocess.run([*command, "--workers", "1"], cwd=folder, check=False, capture_output=True, text=True)
    assert failed.returncode == 2
    assert "error: system 'answer' raised ZeroDivisionError" in failed.stderr
    assert "Traceback" not in failed.stderr
    shutil.rmtree(folder / "out.jsonl.charrobust-parts", ignore_errors=True)
    assert {path.name for path in folder.iterdir()} >= {"in.jsonl", "weather_rule.py"}
    assert not (folder / "out.jsonl").exists()
