"""Attacks on shards that are killed at random moments and begun again: nothing is lost or doubled.

python -m tests.faults.kill_shards [KILLS] [SEED]
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.datasets.sharded import files
from tests.faults.runs import finish, has_gone, start
from tests.tasks.data import json_lines, write

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
SHARDS = 8
RECORDS = 3000
PATIENCE = 300.0  # seconds until a command is taken to hang
PATIENCE_AT_END = 60.0  # and until its workers are


def command(folder: Path, workers: int) -> list[object]:
    """Return the command of a run; the same one goes on with it."""
    given = ["attack", folder / "data", "-o", folder / "out", "--edits", folder / "logs", "--workers", workers]
    return [*given, "-r", "charbert", "--task", "classification"]


def write_data(folder: Path) -> None:
    """Write shards of unequal size."""
    folder.mkdir()
    for number in range(SHARDS):
        texts = [
            f"A wonderful story of shard {number} for readers, {place}" for place in range(RECORDS * (1 + number % 3))
        ]
        write(folder / f"part-{number}.jsonl", json_lines([{"text": text, "label": 0} for text in texts]))


def markers(folder: Path) -> int:
    """Return how many shards are finished."""
    return len(list((folder / "out" / "_charrobust" / "shards").glob("*.json")))


def wait_for(process: subprocess.Popen[str], folder: Path, finished: int, delay: float) -> None:
    """Wait until so many shards are finished, and a little longer, or for the end of the run."""
    end = time.monotonic() + PATIENCE
    while process.poll() is None and markers(folder) < finished and time.monotonic() < end:
        time.sleep(0.01)
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        return


def outcome(folder: Path) -> dict[str, object]:
    """Return all that a finished run wrote but its markers: shards, logs, and the counts of all."""
    summary = json.loads((folder / "out" / "_charrobust" / "summary.json").read_text())
    unfinished = (folder / "out" / "_charrobust" / "parts").exists()
    return {"out": files(folder / "out"), "logs": files(folder / "logs"), "summary": summary, "unfinished": unfinished}


def kill(times: int, seed: int) -> Counter[str]:
    """Kill runs, at so many random moments, and compare what the last one of each output leaves.

    Args:
        times: Kills.
        seed: Seed of moments, signals and workers.

    Returns:
        Counts: kills by signal and number of workers; outputs; and of the faults, ``different`` outputs, ``lived on`` for
        groups of which a process did, ``traceback`` for messages that are none.
    """
    draw = random.Random(seed)
    counts: Counter[str] = Counter(different=0, traceback=0)
    counts["lived on"] = 0
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path) / "whole"
        folder.mkdir()
        write_data(folder / "data")
        finish(*command(folder, 1))
        expected = outcome(folder)
        while counts["kills"] < times:
            again = Path(path) / str(counts["outputs"])
            again.mkdir()
            (again / "data").symlink_to(folder / "data")
            while counts["kills"] < times and kill_once(again, draw, counts):
                pass
            finish(*command(again, draw.choice((1, 2))))
            counts["outputs"] += 1
            counts["different"] += outcome(again) != expected
    return counts


def kill_once(folder: Path, draw: random.Random, counts: Counter[str]) -> bool:
    """Kill a run once; returns whether there is more of it to be done."""
    workers, number = draw.choice((1, 2)), draw.choice(SIGNALS)
    process = start(*command(folder, workers))
    wait_for(process, folder, min(markers(folder) + draw.randrange(4), SHARDS - 1), draw.uniform(0, 1))
    if process.poll() is None:
        # Ctrl-C reaches all of the group; whoever ends a program by its number reaches that one alone.
        (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
        counts["kills"] += 1
        counts[f"{number.name}, {workers} workers"] += 1
    _, errors = process.communicate(timeout=PATIENCE)
    counts["lived on"] += not has_gone(process.pid, PATIENCE_AT_END)
    counts["traceback"] += "Traceback" in errors
    return markers(folder) < SHARDS


if __name__ == "__main__":
    sys.stdout.write(f"{dict(kill(*map(int, sys.argv[1:] or ('20', '0'))))}\n")
