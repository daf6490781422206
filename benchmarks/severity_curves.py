"""Accuracy on SST-2 dev as noise of each level grows: one recipe a level at four severities, by model.

    python benchmarks/severity_curves.py OUTPUT NAME=MODEL... [--limit N] [--picture docs/pictures/severity-curves.png]

Models are fine-tuned ones, as ``benchmarks/noise_levels.py`` leaves them in its output. Results that stand in OUTPUT
are not made again.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd
from noise_levels import data, run

RECIPES = {
    "letters": "any-letter",
    "unicode": "homoglyphs",
    "misspellings": "misspellings",
    "machines": "ocr-confusions",
    "spacing": "split-words",
    "subwords": "subwords",
    "words": "drop-words",
    "sentences": "distractor",
}
SEVERITIES = (0.25, 0.5, 0.75, 1.0)


def scores(output: Path, models: list[str], limit: int | None) -> pd.DataFrame:
    """Score what is not yet done; return accuracies in percent by recipe, severity and system."""
    if not (output / "scores.csv").exists():
        arguments = ["evaluate", "--data", data("dev"), "--task", "classification", "--output", str(output)]
        for model in models:
            arguments += ["--model", model]
        for recipe in RECIPES.values():
            for severity in SEVERITIES:
                arguments += ["--attack", f"{recipe}@{severity:g}"]
        if limit is not None:
            arguments += ["--limit", str(limit)]
        run(*arguments)
    found = pd.read_csv(output / "scores.csv")
    found = found[found.metric == found.metric.iloc[0]]
    return found.assign(value=100 * found.value, low=100 * found.value_low, high=100 * found.value_high)


def curve(found: pd.DataFrame, recipe: str, system: str) -> pd.DataFrame:
    """Return the points of a line, clean text first, with the severity as index."""
    rows = found[(found.system == system) & ((found.recipe == recipe) | (found.attack == "clean"))]
    return rows.assign(severity=rows.severity.fillna(0)).set_index("severity").sort_index()


def table(found: pd.DataFrame) -> str:
    """Return the accuracies as Markdown: a row for each recipe and system."""
    heads = ["level", "recipe", "system", "clean", *(f"{severity:g}" for severity in SEVERITIES)]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for level, recipe in RECIPES.items():
        for system in found.system.unique():
            cells = [f"{value:.1f}" for value in curve(found, recipe, system).value]
            lines.append(f"| {level} | `{recipe}` | {system} | {' | '.join(cells)} |")
    return "\n".join(lines)


def draw(found: pd.DataFrame, path: Path) -> None:
    """Draw a panel a recipe, and in it a line with its intervals for each system."""
    import matplotlib.pyplot as plt

    from charrobust.report.style import drawing, series

    with drawing():
        figure, panels = plt.subplots(2, 4, figsize=(8.4, 4.6), sharex=True, sharey=True, layout="constrained")
        for axes, (level, recipe) in zip(panels.flat, RECIPES.items(), strict=True):
            for look in series(list(found.system.unique())):
                line = curve(found, recipe, look.name)
                axes.fill_between(line.index, line.low, line.high, color=look.colour, alpha=0.15, linewidth=0)
                axes.plot(line.index, line.value, color=look.colour, marker=look.marker, label=look.label)
            axes.set_title(f"{level}: {recipe}", fontsize=8)
            axes.grid(axis="y")
        figure.supxlabel("severity: share of the words (of the texts: distractor) that are edited")
        figure.supylabel("accuracy in percent")
        figure.legend(*panels.flat[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
        figure.savefig(path, dpi=150)


def main() -> None:
    """Score, print the table, draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("models", nargs="+", metavar="NAME=MODEL")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    found = scores(options.output, options.models, options.limit)
    sys.stdout.write(table(found) + "\n")
    if options.picture:
        draw(found, options.picture)


if __name__ == "__main__":
    main()
