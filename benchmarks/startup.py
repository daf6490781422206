"""CPU seconds until the command line answers.

python benchmarks/startup.py
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

RUNS = 9
COMMANDS = {
    "python -c 'pass'": ["-c", "pass"],
    "python -c 'import charrobust'": ["-c", "import charrobust"],
    "charrobust --help": ["-m", "charrobust", "--help"],
    "charrobust attack --help": ["-m", "charrobust", "attack", "--help"],
    "charrobust recipes": ["-m", "charrobust", "recipes"],
}


def cpu_seconds(arguments: list[str]) -> float:
    """Return user and system seconds of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the median of several runs of each command."""
    for name, arguments in COMMANDS.items():
        taken = [cpu_seconds(arguments) for _ in range(RUNS)]
        print(f"{name:<32}{statistics.median(taken):6.2f} s of CPU ({min(taken):.2f} to {max(taken):.2f})")


if __name__ == "__main__":
    main()
