"""What a search takes with more examples and more cores: time, the share of it in the network, and memory.

    python benchmarks/search_scaling.py MODEL [--search greedy --recipe ladder-any --counts 25 50 100 200 --threads 1 2]

The first right sentences of SST-2 dev are searched by one edit. Each run is a process of its own; printed is
the most memory beyond that of the process with the model loaded and the clean sentences read.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from typing import Any

import torch
from worst_case import right_records, timed

from charrobust.perturb import Attack
from charrobust.search import search
from charrobust.systems.naming import load_system


def memory() -> int:
    """Return the most memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def run(model: str, name: str, recipe: str, count: int, threads: int) -> dict[str, Any]:
    """Search, and say what it took."""
    torch.set_num_threads(threads)
    system = load_system(model)
    data = right_records(system, "sst2", count)
    before = memory()
    seconds, cpu = time.perf_counter(), time.process_time()
    with timed(system) as passes:
        outcomes = search(system, data, Attack.load(recipe), search=name).outcomes
    seconds, cpu = time.perf_counter() - seconds, time.process_time() - cpu
    return {
        "queries": sum(outcome.queries for outcome in outcomes),
        "seconds": seconds,
        "cpu": cpu,
        "in_model": sum(passes) / seconds,
        "memory": memory() - before,
    }


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="directory of a model fine-tuned on SST-2")
    parser.add_argument("--search", default="greedy")
    parser.add_argument("--recipe", default="ladder-any")
    parser.add_argument("--counts", type=int, nargs="+", default=[25, 50, 100, 200])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        found = run(options.model, options.search, options.recipe, options.counts[0], options.threads[0])
        print(json.dumps(found))
        return
    print("| threads | sentences | queries | seconds | queries/s | CPU seconds | in the network | MiB more |")
    print("|---" * 8 + "|")
    for threads in options.threads:
        for count in options.counts:
            settings = ["--search", options.search, "--recipe", options.recipe]
            command = [sys.executable, __file__, options.model, *settings, "--one"]
            numbers = ["--counts", str(count), "--threads", str(threads)]
            output = subprocess.run([*command, *numbers], check=True, capture_output=True, text=True).stdout
            took = json.loads(output.splitlines()[-1])
            rate = took["queries"] / took["seconds"]
            print(
                f"| {threads} | {count} | {took['queries']:,} | {took['seconds']:.1f} | {rate:.1f} | {took['cpu']:.1f} "
                f"| {100 * took['in_model']:.0f} % | {took['memory']} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
