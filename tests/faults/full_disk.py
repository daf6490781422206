"""Every command on a disk that is full: one message, status 2, and nothing half-written under a final name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.faults.runs import FaultError, finish
from tests.training.runs import SENTENCES, make_backbone, make_corpus

# A limit of the size of each file stands for the disk: it needs no rights, and strikes in the middle of a file.
_LIMITED = """
import resource, sys
size = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
from charrobust.cli import main
main()
"""
_SIZES = (100, 1_000, 10_000)  # bytes; each file that a command writes is cut off by some of them


def fill(folder: Path, *, commands: int = 10) -> int:
    """Run each command with each size of a disk.

    Args:
        folder: An empty folder to work in.
        commands: How many of them.

    Returns:
        The number of runs that ended for want of room.

    Raises:
        FaultError: A traceback, another status, several messages or one of something else, or a file that was not there before.
    """
    count = 0
    for name, command, outputs in _commands(folder)[:commands]:
        for size in _SIZES:
            before = _whole_files(folder)
            done = _run(size, command)
            if done.returncode == 0:
                continue
            count += 1
            told = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
            is_of_room = len(told) == 1 and "free some, or write to another disk" in told[0]
            if done.returncode != 2 or not is_of_room or "Traceback" in done.stderr:
                raise FaultError(f"{name} with {size} bytes: status {done.returncode}, {done.stderr}")
            new = {path for path in _whole_files(folder) - before if path.name in outputs}
            if new:
                raise FaultError(f"{name} with {size} bytes left {sorted(map(str, new))}")
    return count


def _run(size: int, command: Sequence[object]) -> subprocess.CompletedProcess[str]:
    """Run a command that may write no more than so many bytes to a file."""
    arguments = [sys.executable, "-c", _LIMITED, str(size), *map(str, command)]
    return subprocess.run(arguments, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})


def _whole_files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def _commands(folder: Path) -> list[tuple[str, list[object], set[str]]]:
    """Return each command, with the names of files that are whole or not there."""
    backbone, corpus = make_backbone(folder / "backbone"), make_corpus(folder / "text.txt")
    (folder / "lengths.py").write_text("def parity(texts):\n    return [len(text) % 2 for text in texts]\n")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    data = folder / "data.jsonl"
    rows = (json.dumps({"text": SENTENCES[number % 4], "label": number % 2}) for number in range(400))
    data.write_text("\n".join(rows) + "\n")
    to, attacked, results = folder / "to", folder / "attacked", folder / "results"
    to.mkdir()
    task: list[object] = ["--task", "classification"]
    model: list[object] = ["--model", "python:lengths:parity", "--data", data, *task, "--attack", "charbert"]
    finish("attack", data, *task, "--recipe", "charbert", "-o", folder / "a.jsonl", "--edits", folder / "a.edits.jsonl")
    finish("evaluate", *model, "-o", results)
    undo: list[object] = ["revert", folder / "a.jsonl", "--edits", folder / "a.edits.jsonl"]
    return [
        ("attack", ["attack", data, "--force", *task, "-r", "charbert", "-o", to / "a.jsonl", "--edits", to / "e.parquet"], {"a.jsonl", "e.parquet"}),
        ("attack to a folder", ["attack", data, "--force", *task, "-r", "charbert", "-o", attacked], {"versions.json"}),
        ("revert", [*undo, "-o", to / "r.jsonl"], {"r.jsonl"}),
        ("evaluate", ["evaluate", *model, "-o", to / "evaluate"], {"results.json", "report.html"}),
        ("report", ["report", results, "-o", to / "page"], {"report.html"}),
        ("fragility", ["fragility", "--tokenizer", backbone, "--data", data, *task, "-o", to / "fragility"], {"fragility.json"}),
        ("sensitivity", ["sensitivity", "--model", backbone, "--data", data, *task, "-o", to / "sensitivity"], {"sensitivity.json"}),
        ("finetune", ["finetune", "--model", backbone, *task, "--train", data, "--epochs", 1, "-o", to / "finetuned"], {"README.md"}),
        ("pretrain", ["pretrain", "--config", "charbert-base", "--backbone", backbone, "--corpus", corpus, "--steps", 2, "--set", "training.workers=0", "--block-size", 24, "-o", to / "pretrained"], {"README.md"}),
        ("train-recogniser", ["train-recogniser", "--corpus", corpus, "--steps", 20, "-o", to / "recogniser"], {"README.md"}),
    ]  # fmt: skip
