"""The robustness table: what an attack takes from models fine-tuned on five tasks, with and without defences.

For each task five models are fine-tuned by ``charrobust finetune`` and seven systems scored by ``charrobust evaluate``:
MiniLM, an AdvBERT-type MiniLM (see docs/guide/pretraining.md), MiniLM behind word recognition and behind a spelling
corrector, MiniLM with noise augmentation, the character channel, and the channel with noise augmentation. What is
finished is not run again.

    python benchmarks/robustness_table.py OUTPUT --advbert DIRECTORY --recogniser DIRECTORY [--task sst2] [--seeds 1]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from real_data import SHARED
from robustness_tables import print_tables

from charrobust.scoring import Results, read_results

ROWS = {
    "MiniLM": ("minilm", ""),
    "AdvBERT-type": ("advbert", ""),
    "MiniLM + word recognition": ("minilm", "{recogniser}+"),
    "MiniLM + spelling": ("minilm", "spelling+"),
    "MiniLM + augmentation": ("minilm-noise", ""),
    "charbert-minilm-l6": ("channel", ""),
    "charbert-minilm-l6 + augmentation": ("channel-noise", ""),
}


@dataclass(frozen=True)
class Column:
    """A task of the table.

    Attributes:
        task: The task.
        train: Training data.
        test: What the systems are scored on.
        examples: Training examples.
        epochs: Times that they are seen.
        tested: Examples of ``test`` that are scored.
        options: Further options of the training.
        given: Ready-made attacked files.
    """

    task: str
    train: str
    test: str
    examples: int
    epochs: int
    tested: int = 1_000_000
    options: tuple[str, ...] = ()
    given: tuple[str, ...] = ()


COLUMNS = {
    "sst2": Column("classification", "glue_sst2/train", "glue_sst2/dev", 10_000, 2),
    "ner": Column(
        "tagging", "conll2003_ner/train", "conll2003_ner/testb", 3_000, 2, given=("charbert_attack/ner_test",)
    ),
    "pos": Column("tagging", "ud_en_ewt/train", "ud_en_ewt/test", 3_000, 2),
    "qnli": Column(
        "classification",
        "qnli_style_from_squad/train_40k",
        "glue_qnli/dev",
        8_000,
        1,
        2_000,
        ("--batch-size", "16", "--precision", "bfloat16"),
    ),
    "squad": Column(
        "qa",
        "squad1/train_20k",
        "squad1/dev",
        3_000,
        2,
        1_000,
        ("--max-length", "256", "--batch-size", "8", "--precision", "bfloat16"),
    ),
}


def file(name: str) -> str:
    """Return the path of a data set."""
    return str(SHARED / f"{name}.jsonl.gz")


def run(*command: str) -> None:
    """Run a command of charrobust, and show it.

    Raises:
        SystemExit: It failed.
    """
    print("charrobust", *command, flush=True)
    if subprocess.run([sys.executable, "-m", "charrobust", *command], check=False).returncode:
        sys.exit(1)


def train(column: Column, folder: Path, model: str, name: str, seed: int) -> Path:
    """Fine-tune a model, unless that is done; return its folder."""
    output = folder / f"{name}-{seed}"
    noise = ["--noise", "charbert", "--noise-share", "0.5"] if name.endswith("-noise") else []
    run(
        "finetune", "--model", model, "--task", column.task, "--train", file(column.train), "--eval", file(column.test),
        "--limit", str(column.examples), "--eval-limit", "500", "--epochs", str(column.epochs), "--seed", str(seed),
        "--set", "training.keep=last", "--output", str(output), *noise, *column.options,
        *(["--resume"] if output.exists() else []),
    )  # fmt: skip
    return output


def score(column: Column, folder: Path, trained: dict[str, Path], recogniser: str, seed: int) -> Results:
    """Score all systems; return what was found."""
    output = folder / f"scores-{seed}"
    systems = [
        part
        for row, (name, before) in ROWS.items()
        for part in ("--model", f"{row}={before.format(recogniser=recogniser)}{trained[name]}")
    ]
    attacks = [part for given in column.given for part in ("--attack", file(given))]
    run(
        "evaluate", *systems, "--task", column.task, "--data", file(column.test), "--limit", str(column.tested),
        "--attack", "charbert", *attacks, "--output", str(output),
    )  # fmt: skip
    return read_results(output)


def main() -> None:
    """Train, score, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--advbert", required=True, help="folder of a pre-training with --config advbert")
    parser.add_argument("--recogniser", required=True, help="folder of charrobust train-recogniser")
    parser.add_argument("--task", action="append", choices=COLUMNS)
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    models = {"minilm": "minilm", "advbert": options.advbert, "channel": "charbert-minilm-l6"}
    found: dict[str, Results] = {}
    for task in options.task or COLUMNS:
        column, folder = COLUMNS[task], options.output / task
        for seed in range(1, options.seeds + 1):
            names = dict.fromkeys(name for name, _ in ROWS.values())
            trained = {name: train(column, folder, models[name.removesuffix("-noise")], name, seed) for name in names}
            name = task if options.seeds == 1 else f"{task}, seed {seed}"
            found[name] = score(column, folder, trained, options.recogniser, seed)
    print_tables(found)


if __name__ == "__main__":
    main()
