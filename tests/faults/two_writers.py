"""Runs that write one output at the same time: one of them wins whole, or is told of the other."""

from __future__ import annotations

import json
import os
from pathlib import Path
from subprocess import Popen

from tests.faults.runs import FaultError, contents, finish, start
from tests.training.runs import SENTENCES


def write_at_once(folder: Path, *, times: int, records: int = 20_000) -> dict[str, int]:
    """Let two attacks write one file, and two evaluations one folder.

    Args:
        folder: An empty folder to work in.
        times: How often each.
        records: Size of the data set.

    Returns:
        How many runs there were, and how many of them were refused because the folder was in use.

    Raises:
        FaultError: A file holds neither what the one nor what the other writes alone, or a run fails otherwise.
    """
    data = folder / "data.jsonl"
    rows = (json.dumps({"text": SENTENCES[number % 4], "label": number % 2}) for number in range(records))
    data.write_text("\n".join(rows) + "\n")
    (folder / "lengths.py").write_text("def parity(texts):\n    return [len(text) % 2 for text in texts]\n")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    return {
        "runs": 4 * times,
        "refused": sum(_attacks(folder, data, number) + _evaluations(folder, data, number) for number in range(times)),
    }


def _attacks(folder: Path, data: Path, turn: int) -> int:
    """Let two attacks with different seeds write one file; none is refused."""
    output = folder / f"attacks-{turn}"
    output.mkdir()

    def attack(seed: int, path: Path) -> list[object]:
        return ["attack", data, "--force", "--task", "classification", "-r", "everyday", "--seed", seed, "-o", path]

    alone = []
    for seed in (1, 2):
        finish(*attack(seed, folder / "alone.jsonl"))
        alone.append((folder / "alone.jsonl").read_bytes())
    _end(start(*attack(1, output / "a.jsonl")), start(*attack(2, output / "a.jsonl")), may_refuse=False)
    found = contents(output)
    if found.keys() != {"a.jsonl"} or found["a.jsonl"] not in alone:
        raise FaultError(f"two attacks on one file left {sorted(found)}, of which one is mixed")
    return 0


def _evaluations(folder: Path, data: Path, turn: int) -> int:
    """Let two evaluations write one folder; return how many were refused."""
    output = folder / f"evaluations-{turn}"
    command = [
        "evaluate",
        "--model",
        "python:lengths:parity",
        "--data",
        data,
        "--task",
        "classification",
        "-a",
        "charbert",
    ]
    refused = _end(*(start(*command, "-o", output) for _ in range(2)), may_refuse=True)
    json.loads((output / "results.json").read_text(encoding="utf-8"))
    if hidden := list(output.glob(".charrobust-part-*")):
        raise FaultError(f"two evaluations in one folder left {hidden}")
    return refused


def _end(*processes: Popen[str], may_refuse: bool) -> int:
    """Wait for processes; return how many were told that a folder is in use."""
    refused = 0
    for process in processes:
        _, err = process.communicate()
        is_told = may_refuse and process.returncode == 2 and "is in use by another run" in err
        if process.returncode and not is_told:
            raise FaultError(f"status {process.returncode}: {err}")
        refused += is_told
    return refused
