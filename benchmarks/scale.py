"""``charrobust attack`` on a file, and on the same records in shards, on one and two processes and on Ray.

python benchmarks/scale.py [MEGABYTES] [ROUNDS]

The runs of a round follow each other, so that other work on the machine meets all of them. Memory is that of all
processes of a run together (proportional set size, in which shared pages count once); CPU seconds are theirs, too.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path

import psutil
from real_data import SHARED

SHARDS = 16
PROCESSES = "1 process, one file", "1 process", "2 processes", "2 processes, logs", "Ray, 2 processes"


@dataclass
class Run:
    """What one run took."""

    seconds: float
    cpu: float
    memory: float
    load: float


@dataclass
class Watch:
    """Looks at a process and all below it, until they are gone."""

    root: psutil.Process
    cpu: dict[int, float] = field(default_factory=dict)
    memory: int = 0

    def look(self) -> None:
        """Add up the memory of now, and keep the CPU time of each process as last seen."""
        memory = 0
        for process in [self.root, *self.root.children(recursive=True)]:
            try:
                times = process.cpu_times()
                memory += process.memory_full_info().pss
            except psutil.Error:  # which has just ended
                continue
            self.cpu[process.pid] = times.user + times.system
        self.memory = max(self.memory, memory)


def paragraphs() -> Iterator[str]:
    """Go through running text over and over, each time with another number behind it."""
    files = sorted((SHARED / "lm").glob("*.txt.gz"))
    if not files:
        sys.exit("skipped: this benchmark needs the texts of ../shared/datasets/lm")
    for number in count():
        for file in files:
            with gzip.open(file, "rt", encoding="utf-8") as lines:
                yield from (f"{line.strip()} ({number})" for line in lines if line.strip())


def write_data(folder: Path, megabytes: int) -> None:
    """Write shards of equal size, and one file of the same bytes."""
    texts = paragraphs()
    (folder / "data").mkdir()
    with (folder / "one.jsonl").open("wb") as whole:
        for number in range(SHARDS):
            with (folder / "data" / f"part-{number:02}.jsonl").open("wb") as shard:
                while shard.tell() < megabytes * 1e6 / SHARDS:
                    shard.write(json.dumps({"text": next(texts), "label": 0}, ensure_ascii=False).encode() + b"\n")
            whole.write(Path(shard.name).read_bytes())


def arguments(name: str, folder: Path) -> list[str]:
    """Return the command of a run."""
    if name == PROCESSES[0]:
        return [str(folder / "one.jsonl"), "--force", "-o", str(folder / "out.jsonl")]
    given = [str(folder / "data"), "-o", str(folder / "out"), "--workers", name.removeprefix("Ray, ")[0]]
    if "logs" in name:
        given += ["--edits", str(folder / "logs")]
    return [*given, "--engine", "ray"] if "Ray" in name else given


def run(name: str, folder: Path) -> Run:
    """Run a command once."""
    command = [sys.executable, "-m", "charrobust", "attack", *arguments(name, folder)]
    command += ["--task", "classification", "-r", "charbert"]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    watch = Watch(psutil.Process(process.pid))
    while process.poll() is None:
        try:
            watch.look()
        except psutil.NoSuchProcess:
            break
        time.sleep(0.3)
    if process.wait():
        sys.exit(f"{name}: status {process.returncode}")
    return Run(time.perf_counter() - start, sum(watch.cpu.values()), watch.memory / 1e6, os.getloadavg()[0])


def digest(folder: Path) -> str:
    """Return a hash of the output, that of shards joined in their order."""
    files = [folder / "out.jsonl"] if (folder / "out.jsonl").exists() else sorted((folder / "out").glob("*.jsonl"))
    found = hashlib.sha256()
    for file in files:
        with file.open("rb") as handle:
            for part in iter(lambda: handle.read(1 << 20), b""):
                found.update(part)
    return found.hexdigest()[:16]


def size(folder: Path) -> float:
    """Return megabytes of all files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def clear(folder: Path) -> None:
    """Remove what a run wrote."""
    (folder / "out.jsonl").unlink(missing_ok=True)
    for name in ("out", "logs"):
        shutil.rmtree(folder / name, ignore_errors=True)


def main(megabytes: int = 500, rounds: int = 3) -> None:
    """Measure all runs, round by round, and print medians."""
    runs: dict[str, list[Run]] = {name: [] for name in PROCESSES}
    digests = set()
    with tempfile.TemporaryDirectory(prefix="scale-") as path:
        folder = Path(path)
        write_data(folder, megabytes)
        read = (folder / "one.jsonl").stat().st_size / 1e6
        for _, name in chain.from_iterable([(number, name) for name in PROCESSES] for number in range(rounds)):
            runs[name].append(run(name, folder))
            digests.add(digest(folder))
            if "logs" in name:
                print(f"logs {size(folder / 'logs'):.0f} MB, output {size(folder / 'out'):.0f} MB of {read:.0f} MB")
                words = json.loads((folder / "out" / "_charrobust" / "summary.json").read_text())["tally"]["words"]
            print(name, runs[name][-1], flush=True)
            clear(folder)
    print(f"{words / 1e6:.1f} million words; digests of the outputs: {', '.join(sorted(digests))}")
    single = statistics.median(each.seconds for each in runs[PROCESSES[0]])
    single_cpu = statistics.median(each.cpu for each in runs[PROCESSES[0]])
    for name, taken in runs.items():
        seconds, cpu, memory, load = (
            statistics.median(getattr(each, what) for each in taken) for what in ("seconds", "cpu", "memory", "load")
        )
        columns = [f"{read / seconds:.1f}", f"{single / seconds:.2f}", f"{cpu:.0f}", f"{single_cpu / cpu:.2f}"]
        print("|", " | ".join([name, *columns, f"{memory:.0f}", f"{load:.1f}"]), "|")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
