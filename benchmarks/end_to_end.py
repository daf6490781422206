"""``charrobust attack`` on a file of SST-2's size, and on ten times as much: MB/s, by the clock and by CPU seconds.

python benchmarks/end_to_end.py
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from real_data import records

SCRIPT = (
    "import resource, sys\nfrom charrobust.cli import main\n"
    "try: main()\nfinally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)"
)


def cpu_seconds() -> float:
    """Return the CPU seconds of all runs so far, their workers among them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def attack(path: Path, workers: int, log: bool) -> tuple[float, float, int]:
    """Return seconds, CPU seconds and peak memory (MB, of the main process) of one run."""
    arguments = ["attack", path, "--task", "classification", "-r", "charbert", "--workers", workers]
    arguments += ["--force", "-o", path.with_suffix(".out.jsonl")]
    arguments += ["--edits", path.with_suffix(".edits.parquet")] if log else []
    start, cpu_start = time.perf_counter(), cpu_seconds()
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
        env=os.environ,
    )
    return time.perf_counter() - start, cpu_seconds() - cpu_start, int(run.stderr.split()[-1])


def main() -> None:
    """Attack the training set of SST-2 once and ten times over."""
    lines = "".join(json.dumps(record) + "\n" for record in records("glue_sst2/train"))
    with tempfile.TemporaryDirectory() as folder:
        for times in (1, 10):
            path = Path(folder) / f"sst2x{times}.jsonl"
            path.write_text(lines * times)
            size = path.stat().st_size / 1e6
            for workers, log in ((1, False), (1, True), (2, False), (2, True)):
                seconds, cpu, memory = attack(path, workers, log)
                kind = "with edit log" if log else "no edit log"
                print(
                    f"SST-2 train x {times:<3}{size:6.1f} MB  {workers} worker{'s' * (workers > 1):<2} {kind:<14}"
                    f"{seconds:6.1f} s  {size / seconds:5.1f} MB/s  {size / cpu:5.1f} MB a CPU second  peak {memory} MB"
                )


if __name__ == "__main__":
    main()
