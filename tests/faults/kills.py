"""Runs that are killed at any moment: nothing half-written is left, and a run that goes on ends where it would have."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from tests.faults.runs import SIGNALS, FaultError, contents, finish, kill, moments
from tests.training.runs import SENTENCES, make_backbone, make_corpus


@dataclass
class Kills:
    """What came of killing.

    Attributes:
        killed: Runs that a signal ended.
        late: Signals that found the run at its end.
    """

    killed: int = 0
    late: int = 0

    def add(self, was_killed: bool) -> None:
        """Count one."""
        self.killed += was_killed
        self.late += not was_killed


def kill_attacks(folder: Path, *, times: int, workers: int, records: int = 60_000, seed: int = 0) -> Kills:
    """Kill attacks with each signal in turn.

    Args:
        folder: An empty folder to work in.
        times: How often.
        workers: Processes of the attack.
        records: Size of the data set.
        seed: Seed of the moments.

    Returns:
        Counts.

    Raises:
        FaultError: A part of the output is left, or a run after it yields anything else than an undisturbed one.
    """
    data = folder / "data.jsonl"
    rows = (json.dumps({"text": SENTENCES[number % 4], "label": number % 2}) for number in range(records))
    data.write_text("\n".join(rows) + "\n")
    whole, output = folder / "whole", folder / "out"

    def attack(to: Path) -> list[object]:
        to.mkdir(exist_ok=True)
        files = ["-o", to / "data.jsonl", "--edits", to / "edits.parquet"]
        return [
            "attack",
            data,
            "--force",
            "--task",
            "classification",
            "--recipe",
            "everyday",
            *files,
            "--workers",
            workers,
        ]

    seconds = finish(*attack(whole))
    expected, kills = contents(whole), Kills()
    for moment, number in zip(moments(times, seconds, seed), cycle(SIGNALS), strict=False):
        kills.add(kill(attack(output), moment, number))
        left = {name for name in contents(output) if not name.startswith(".charrobust-")}
        hidden = {path.name for path in output.glob(".charrobust-*")}
        # Only a run that got no time to tidy up may leave anything, under a name that tells what it is.
        if hidden and number is not signal.SIGKILL:
            raise FaultError(f"{number.name} after {moment:.2f} s left {hidden}")
        if any(contents(output)[name] != expected[name] for name in left):
            raise FaultError(f"{number.name} after {moment:.2f} s left a part under the final name")
        time.sleep(1.5)  # what is younger may be of a run that has just begun
        finish(*attack(output))
        if hidden & {path.name for path in output.iterdir()}:
            raise FaultError(f"what {number.name} left after {moment:.2f} s is not swept up by the next run")
        if contents(output) != expected:
            raise FaultError(f"after {number.name} at {moment:.2f} s, the next run wrote something else")
        for path in output.iterdir():
            path.unlink()
    return kills


def kill_searches(folder: Path, *, times: int, records: int = 12, seed: int = 0) -> Kills:
    """Kill searches with each signal in turn, and let each go on from what it kept.

    Args:
        folder: An empty folder to work in.
        times: How often.
        records: Size of the data set.
        seed: Seed of the moments.

    Returns:
        Counts.

    Raises:
        FaultError: A part of the output is left, or a run that goes on yields anything else than an undisturbed one.
    """
    data = folder / "data.jsonl"
    rows = (json.dumps({"text": f"{SENTENCES[number % 4]} {number}", "label": "positive"}) for number in range(records))
    data.write_text("\n".join(rows) + "\n")

    def search(to: Path) -> list[object]:
        to.mkdir(exist_ok=True)
        files = ["-o", to / "data.jsonl", "--edit-log", to / "edits.jsonl", "--store", folder / f"store-{to.name}"]
        how = [
            "--against",
            "python:tests.faults.searched:wordy",
            "--search",
            "beam",
            "--edits",
            2,
            "--recipe",
            "ladder-any",
        ]
        return ["attack", data, "--force", "--task", "classification", *how, *files]

    whole = folder / "whole"
    seconds = finish(*search(whole))
    expected, kills = contents(whole), Kills()
    for turn, (moment, number) in enumerate(zip(moments(times, seconds, seed), cycle(SIGNALS), strict=False)):
        output = folder / f"run-{turn}"
        kills.add(kill(search(output), moment, number))
        left = {name for name in contents(output) if not name.startswith(".charrobust-")}
        if any(contents(output)[name] != expected[name] for name in left):
            raise FaultError(f"{number.name} after {moment:.2f} s left a part under the final name")
        time.sleep(1.5)  # what is younger may be of a run that has just begun
        finish(*search(output))
        if contents(output) != expected:
            raise FaultError(f"after {number.name} at {moment:.2f} s, the next run found something else")
    return kills


def kill_trainings(
    folder: Path, begin: Callable[[Path], list[object]], manifest: str, *, times: int, seed: int = 0
) -> Kills:
    """Kill trainings, and let each go on.

    Args:
        folder: A folder to work in.
        begin: Returns the command that trains to a folder; with ``--resume`` it goes on.
        manifest: The file by which a folder is known to hold a run.
        times: How often.
        seed: Seed of the moments.

    Returns:
        Counts.

    Raises:
        FaultError: A run that went on ended with other weights than an undisturbed one.
    """
    whole = folder / "whole"
    seconds = finish(*begin(whole))
    expected, kills = contents(whole, but=_TIMED), Kills()
    for turn, (moment, number) in enumerate(zip(moments(times, seconds, seed), cycle(SIGNALS), strict=False)):
        output = folder / f"run-{turn}"
        kills.add(kill(begin(output), moment, number))
        # Twice in one run: also a run that goes on is killed.
        if (output / manifest).exists():
            kills.add(kill([*begin(output), "--resume"], moment, number))
        if not _is_done(output, expected):
            finish(*begin(output), *(["--resume"] if (output / manifest).exists() else []))
        found = contents(output, but=_TIMED)
        different = {name for name in expected if found.get(name) != expected[name]}
        if different or found.keys() != expected.keys():
            names = different | (found.keys() ^ expected.keys())
            raise FaultError(
                f"after {number.name} at {moment:.2f} s, these differ from an undisturbed run: {sorted(names)}"
            )
    return kills


# What holds times; the rest must be equal, bit for bit.
_TIMED = (
    "metrics.jsonl",
    "README.md",
    "pretraining.json",
    "finetuning.json",
    "recogniser.json",
    "trainer_state.json",
    "training_args.bin",
)


def _is_done(output: Path, expected: dict[str, bytes]) -> bool:
    """Tell whether a run came to its end before the signal."""
    return (output / "README.md").exists() and expected.keys() <= contents(output).keys()


def trainings(folder: Path) -> dict[str, tuple[Callable[[Path], list[object]], str]]:
    """Return the kinds of trainings by name: their command, and the file by which a folder is known to hold a run.

    Args:
        folder: Where what they are given is written.
    """
    backbone, corpus = make_backbone(folder / "backbone"), make_corpus(folder / "text.txt", 2000)
    examples = folder / "train.jsonl"
    rows = (json.dumps({"text": sentence, "label": number % 2}) for number, sentence in enumerate(SENTENCES * 30))
    examples.write_text("\n".join(rows) + "\n")
    settings = ("data.block_size=24", "training.workers=0", "training.batch_size=4", "training.log_every=1")
    small = [part for setting in settings for part in ("--set", setting)]
    on_text: list[object] = ["pretrain", "--backbone", backbone, "--corpus", corpus, *small, "--steps", 60]
    on_examples: list[object] = ["finetune", "--model", backbone, "--task", "classification", "--train", examples]
    on_words: list[object] = ["train-recogniser", "--corpus", corpus, "--steps", 400]
    return {
        "pretrain": (
            lambda to: [*on_text, "--config", "charbert-base", "--set", "training.save_every=5", "-o", to],
            "pretraining.json",
        ),
        "warm start": (
            lambda to: [*on_text, "--set", "warm_start.steps=40", "--set", "training.save_every=20", "-o", to],
            "pretraining.json",
        ),
        "finetune": (
            lambda to: [*on_examples, "--epochs", 3, "--batch-size", 4, "--set", "training.log_every=1", "-o", to],
            "finetuning.json",
        ),
        "train-recogniser": (lambda to: [*on_words, "-o", to], "recogniser.json"),
    }
