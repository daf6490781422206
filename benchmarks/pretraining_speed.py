"""What pre-training a character channel costs, and what a warm start saves.

Tokens/s of the loop of ``charrobust pretrain`` with the channel of the configuration ``minilm`` (noisy LM and masked
LM, all weights trained), beside plain masked LM of the same backbone on the same text; runs alternate in one process.
Then the steps that the noisy LM needs to reach an accuracy, from random weights and after a warm start.

    python benchmarks/pretraining_speed.py [--steps 12 --rounds 3] [--curve 150]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from real_data import sentences

from charrobust.training.pretraining.configuration import load_configuration
from charrobust.training.pretraining.pretrain import pretrain

# The work of both runs is that of the paper: noised words, masked words, nothing frozen.
_COMMON = {
    "data.noise_share": 0.15,
    "data.mask_share": 0.10,
    "data.word_vocabulary": 10_000,
    "training.freeze_backbone": False,
    "training.learning_rate": 5e-4,
    "training.batch_size": 8,
    "training.evaluate_every": 1_000_000,
    "training.save_every": 1_000_000,
}
_CHANNEL = {"objective.nlm": 1.0, "objective.mlm": 1.0, "objective.distillation": 0.0, "warm_start.steps": 0}
_NOISY = {"objective.nlm": 1.0, "objective.mlm": 0.0, "objective.distillation": 0.0, "training.freeze_backbone": True}


def run(name: str, changes: Mapping[str, Any], text: Path) -> list[dict[str, float]]:
    """Train, and return the entries of the log."""
    with tempfile.TemporaryDirectory() as folder:
        pretrain(load_configuration(name, {**_COMMON, **changes}), [text], Path(folder) / "run")
        lines = (Path(folder) / "run" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [entry for entry in map(json.loads, lines) if "loss" in entry]


def speed(text: Path, steps: int, rounds: int) -> None:
    """Print tokens/s and the share of time spent waiting for data, and their ratio within each round."""
    taken: dict[str, list[dict[str, float]]] = {"plain masked LM": [], "with the channel": []}
    for _ in range(rounds):
        length = {"training.steps": 2 * steps, "training.log_every": steps}
        taken["plain masked LM"].append(run("advbert", length, text)[-1])
        taken["with the channel"].append(run("minilm", {**_CHANNEL, **length}, text)[-1])
    for label, entries in taken.items():
        rate = statistics.median(entry["tokens_per_second"] for entry in entries)
        waited = statistics.median(entry["data_wait_share"] for entry in entries)
        print(f"{label}: {rate:,.0f} tokens/s, {waited:.2%} of the time waiting for data")
    pairs = zip(taken["plain masked LM"], taken["with the channel"], strict=True)
    ratios = [plain["tokens_per_second"] / ours["tokens_per_second"] for plain, ours in pairs]
    print(f"plain / with the channel: {statistics.median(ratios):.2f} ({', '.join(f'{r:.2f}' for r in ratios)})")


def curve(text: Path, steps: int, warm: int) -> None:
    """Print how the accuracy of the noisy LM grows, from random weights and after a warm start."""
    for label, warm_steps in (("random", 0), (f"after {warm} steps on words alone", warm)):
        length = {"training.steps": steps, "training.log_every": 10, "warm_start.steps": warm_steps}
        found = run("minilm", {**_NOISY, **length}, text)
        shown = [f"{int(entry['step'])}: {entry['nlm_accuracy']:.1%}" for entry in found]
        print(f"noisy LM, {label}: {', '.join(shown)}", flush=True)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--curve", type=int, default=0, help="steps of the noisy LM; 0 leaves it out")
    parser.add_argument("--warm", type=int, default=1_000, help="steps of its warm start")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "text.txt"
        text.write_text("\n".join(sentences(20_000)), encoding="utf-8")
        speed(text, options.steps, options.rounds)
        if options.curve:
            curve(text, options.curve, options.warm)


if __name__ == "__main__":
    main()
