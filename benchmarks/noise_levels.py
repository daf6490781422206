"""Where the channel helps and where not: accuracy on SST-2 dev under recipes of every level, by system.

Two models are fine-tuned on 10,000 clean sentences, twice over, and four systems are scored: MiniLM and the shipped
channel, MiniLM behind a spelling corrector, and the channel behind ``fold``. What is finished is not run again.

    python benchmarks/noise_levels.py OUTPUT [--picture docs/pictures/noise-levels.png]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pandas as pd
from real_data import SHARED

BY_LEVEL = {
    "clean": ("clean",),
    "letters": ("charbert", "any-letter", "typing@1", "leet"),
    "unicode": ("homoglyphs", "invisible"),
    "misspellings": ("misspellings",),
    "machines": ("ocr-confusions@1", "asr"),
    "spacing": ("split-words@0.5", "join-words@0.5"),
    "subwords": ("subwords",),
    "words": ("drop-words@0.2", "swap-words@0.3"),
    "sentences": ("distractor",),
}
MODELS = {"minilm": "minilm", "channel": "charbert-minilm-l6"}
SYSTEMS = {
    "MiniLM": "minilm",
    "channel": "channel",
    "spelling + MiniLM": "spelling+minilm",
    "fold + channel": "fold+channel",
}
SHOWN = ("MiniLM", "spelling + MiniLM", "channel")


def run(*arguments: str) -> None:
    """Run a command of the package."""
    subprocess.run([sys.executable, "-m", "charrobust", *arguments], check=True)


def data(split: str) -> str:
    """Return a file of SST-2."""
    return str(SHARED / f"glue_sst2/{split}.jsonl.gz")


def scores(folder: Path) -> pd.DataFrame:
    """Fine-tune and score what is not yet done; return the accuracies."""
    for name, model in MODELS.items():
        if not (folder / name / "finetuning.json").exists():
            run(
                "finetune", "--model", model, "--task", "classification", "--train", data("train"),
                "--eval", data("dev"),
                "--limit", "10000", "--eval-limit", "500", "--epochs", "2", "--seed", "1",
                "--set", "training.keep=last",
                "--output", str(folder / name),
            )  # fmt: skip
    if not (folder / "levels/scores.csv").exists():
        systems, attacks = [], []
        for name, place in SYSTEMS.items():
            before, plus, model = place.rpartition("+")
            systems += ["--model", f"{name}={before}{plus}{folder / model}"]
        for recipes in list(BY_LEVEL.values())[1:]:
            for recipe in recipes:
                attacks += ["--attack", recipe]
        run(
            "evaluate", "--data", data("dev"), "--task", "classification", *systems, *attacks,
            "--output", str(folder / "levels"),
        )  # fmt: skip
    found = pd.read_csv(folder / "levels/scores.csv")
    return found[found.metric == found.metric.iloc[0]]


def table(found: pd.DataFrame) -> str:
    """Return the accuracies as Markdown, recipes by level."""
    wide = 100 * found.pivot_table(index="attack", columns="system", values="value")
    lines = ["| level | recipe | " + " | ".join(SYSTEMS) + " |", "|---|---" + "|---" * len(SYSTEMS) + "|"]
    for level, recipes in BY_LEVEL.items():
        for recipe in recipes:
            cells = [f"{wide.loc[recipe, system]:.1f}" for system in SYSTEMS]
            lines.append(f"| {level} | `{recipe}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def draw(found: pd.DataFrame, path: Path) -> None:
    """Draw the accuracies: a row a recipe, a mark a system."""
    import matplotlib.pyplot as plt

    from charrobust.report.style import SHADES

    labels = ["clean"]
    for level, of_level in list(BY_LEVEL.items())[1:]:
        labels += [f"{level}: {recipe}" for recipe in of_level]
    names = [recipe for recipes in BY_LEVEL.values() for recipe in recipes]
    figure, axes = plt.subplots(figsize=(7.2, 5.2), layout="constrained")
    wide = 100 * found.pivot_table(index="attack", columns="system", values="value")
    for number, (system, marker) in enumerate(zip(SHOWN, "osD", strict=True)):
        axes.plot(wide.loc[names, system], range(len(names)), marker, color=SHADES[number][0], label=system, alpha=0.9)
    axes.set_yticks(range(len(names)), labels)
    axes.invert_yaxis()
    axes.grid(axis="y", linewidth=0.5)
    axes.set_xlabel("SST-2 dev, accuracy in percent, average case (edits drawn once)")
    figure.legend(loc="outside upper center", ncols=len(SHOWN))
    figure.savefig(path, dpi=150)


def main() -> None:
    """Train, score, print the table, draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    found = scores(options.output)
    sys.stdout.write(table(found) + "\n")
    if options.picture:
        draw(found, options.picture)


if __name__ == "__main__":
    main()
