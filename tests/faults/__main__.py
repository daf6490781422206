"""The fault suite: what is looked for, how often, and what came of it, as rows of docs/results/reliability.md.

    python -m tests.faults [--share 0.1] [STAGE ...]

runs all stages, or those that are named, at their full size or a share of it, and ends with status 1 if any shows a fault.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.faults import (
    full_disk,
    fuzz_texts,
    kill_shards,
    kills,
    mutate_data,
    mutate_files,
    mutate_models,
    two_writers,
)
from tests.faults.runs import FaultError

Stage = Callable[[float], str]
"""Takes the share of the full size, at least one of everything; returns what was done. Raises where a fault shows."""


def of(full: int, share: float) -> int:
    """Return a share of a number, at least 1."""
    return max(1, round(full * share))


def texts(share: float) -> str:
    """Random texts through all recipes."""
    done = fuzz_texts.fuzz(of(100_000, share), 0)
    return f"{done.texts:,} texts, {done.attacks:,} attacks, {done.edits:,} edits"


def data_files(share: float) -> str:
    """Damaged data files in all formats, attacked and restored."""
    done = mutate_data.mutate(of(2_000, share), 20_000)
    if done.faults:
        raise FaultError("\n".join(done.faults))
    return f"{done.understood + done.refused:,} files: {done.understood:,} understood, {done.refused:,} refused"


def written_files(share: float) -> str:
    """Damaged results, logs, manifests, recipes and settings."""
    return _read(mutate_files.mutate(of(1_000, share), 3))


def models(share: float) -> str:
    """Damaged files of models."""
    return _read(mutate_models.mutate(of(400, share), 3))


def _read(counts: Counter[str]) -> str:
    """Return counts of damaged files.

    Raises:
        FaultError: One of them showed a fault.
    """
    ends: Counter[str] = Counter()
    for kind, count in counts.items():
        ends[next((end for end in ("done", "refused") if kind.endswith(f": {end}")), kind)] += count
    faults = sorted(ends.keys() - {"done", "refused"})
    if faults:
        raise FaultError("\n".join(faults))
    return f"{ends.total():,} files: {ends['done']:,} understood, {ends['refused']:,} refused"


def attacks_killed(share: float) -> str:
    """Attacks of a file, killed by three signals, with one worker and two."""
    lines = []
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            done = kills.kill_attacks(Path(folder), times=of(12, share), workers=workers)
        lines.append(f"{workers} worker(s): {done.killed} killed, {done.late} at their end already")
    return "; ".join(lines)


def shards_killed(share: float) -> str:
    """Attacks of folders of shards, killed and gone on with."""
    done = kill_shards.kill(of(20, share), 0)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(done.items()))


def searches_killed(share: float) -> str:
    """Searches, killed and gone on with from what they kept."""
    with tempfile.TemporaryDirectory() as folder:
        done = kills.kill_searches(Path(folder), times=of(12, share))
    return f"{done.killed} killed, {done.late} at their end already; outcomes equal"


def training_killed(kind: str, share: float) -> str:
    """A training, killed and gone on with until its end."""
    with tempfile.TemporaryDirectory() as folder:
        begin, manifest = kills.trainings(Path(folder))[kind]
        done = kills.kill_trainings(Path(folder), begin, manifest, times=of(4, share))
    return f"{done.killed} killed, {done.late} at their end already; weights bit-equal"


def disks_full(share: float) -> str:
    """Every command with files that may not grow."""
    with tempfile.TemporaryDirectory() as folder:
        return f"{full_disk.fill(Path(folder), commands=of(10, share))} runs ended for want of room"


def writers(share: float) -> str:
    """Two runs that write one output at once."""
    with tempfile.TemporaryDirectory() as folder:
        done = two_writers.write_at_once(Path(folder), times=of(10, share))
    return f"{done['runs']} runs, of which {done['refused']} were told that the folder is in use"


STAGES: dict[str, Stage] = {
    "texts": texts,
    "data-files": data_files,
    "written-files": written_files,
    "models": models,
    "attacks-killed": attacks_killed,
    "shards-killed": shards_killed,
    "searches-killed": searches_killed,
    "full-disk": disks_full,
    "two-writers": writers,
}
for _kind in ("pretrain", "warm start", "finetune", "train-recogniser"):
    STAGES[f"{_kind.replace(' ', '-')}-killed"] = partial(training_killed, _kind)


def main() -> None:
    """Run stages, and print a row of a table for each."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"one of {', '.join(STAGES)}; all by default")
    parser.add_argument("--share", type=float, default=1.0, help="share of the full size")
    given = parser.parse_args()
    unknown = set(given.stages) - STAGES.keys()
    if unknown:
        parser.error(f"unknown stages: {', '.join(sorted(unknown))}; known: {', '.join(STAGES)}")
    failed = False
    print("| stage | done | faults | seconds |\n|---|---|---|---|")  # noqa: T201
    for name in given.stages or STAGES:
        began = time.monotonic()
        try:
            done, faults = STAGES[name](given.share), 0
        except Exception:
            done, faults, failed = "see below", 1, True
            print(traceback.format_exc(), file=sys.stderr)  # noqa: T201
        print(f"| {name} | {done} | {faults} | {time.monotonic() - began:.0f} |", flush=True)  # noqa: T201
    sys.exit(failed)


if __name__ == "__main__":
    main()
