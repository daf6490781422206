"""The table of the character channel: clean fine-tuning alone, and what noise of several kinds then takes.

Models are fine-tuned on clean SST-2 sentences or CoNLL-2003, and scored clean, under `charbert`, two inner edits,
everyday slips of every word, edits at any letter, and misspellings of the Birkbeck corpus in about a third of the
words, which no channel is taught. A system is a model to be fine-tuned, with what stands before it: `minilm`,
`spelling+minilm`, a channel by its name or folder. What is finished is not run again.

    python benchmarks/channel_table.py OUTPUT minilm spelling+minilm charbert-minilm-l6 [--task ner] [--seeds 3]
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import pandas as pd
from real_data import records
from retrieval_table import MISSPELLINGS, misspellings
from robustness_table import Column, file, run, train

from charrobust.perturb.words import word_spans

COLUMNS = {
    "sst2": Column("classification", "glue_sst2/train", "glue_sst2/dev", 10_000, 2),
    "sst2-small": Column("classification", "glue_sst2/train", "glue_sst2/dev", 5_000, 1),
    "ner": Column("tagging", "conll2003_ner/train", "conll2003_ner/testb", 3_000, 2),
}
ATTACKS = ("charbert", "charbert@1x2", "everyday@1", "any-letter@1")
REAL, SHARE, SEED = "real", 0.5, 11  # of the words that have a misspelling, the share that gets one


def write_misspelt(source: str, path: Path) -> None:
    """Write a data set in which words have misspellings that people made."""
    table = misspellings(MISSPELLINGS)
    lines = []
    for number, record in enumerate(records(source)):
        rng = random.Random(f"{SEED} {number}")
        field = "tokens" if "tokens" in record else "text"
        if field == "tokens":
            record[field] = [misspelt(token, table, rng) for token in record[field]]
        else:
            record[field] = misspelt(record[field], table, rng)
        lines.append(json.dumps(record, ensure_ascii=False) + "\n")
    path.write_text("".join(lines), encoding="utf-8")


def misspelt(text: str, table: dict[str, list[str]], rng: random.Random) -> str:
    """Return a text in which some words are misspelt; a capital at the beginning stays."""
    # From the end, so that the places in front stay.
    for start, end in reversed(word_spans(text)):
        word = text[start:end]
        known = table.get(word.lower())
        if known and rng.random() < SHARE:
            wrong = rng.choice(known)
            text = text[:start] + (wrong.capitalize() if word[0].isupper() else wrong) + text[end:]
    return text


def trained(column: Column, folder: Path, system: str, seed: int) -> str:
    """Fine-tune the model of a system, and return the system with its folder."""
    before, plus, model = system.rpartition("+")
    output = folder / f"{Path(model).name}-{seed}"
    # The card is the last that a run writes.
    if not (output / "README.md").exists():
        train(column, folder, model, Path(model).name, seed)
    return f"{before}{plus}{output}"


def main() -> None:
    """Train, score, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("systems", nargs="+")
    parser.add_argument("--task", choices=COLUMNS, default="sst2-small")
    parser.add_argument("--limit", type=int, default=1_000_000, help="examples that are scored")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    options = parser.parse_args()
    column, folder = COLUMNS[options.task], options.output / options.task
    folder.mkdir(parents=True, exist_ok=True)
    real = folder / f"{REAL}.jsonl"
    write_misspelt(column.test, real)
    tables = []
    for seed in options.seeds:
        systems = {system: trained(column, folder, system, seed) for system in options.systems}
        scores = folder / f"scores-{seed}"
        run(
            "evaluate", *(part for name, path in systems.items() for part in ("--model", f"{name}={path}")),
            "--task", column.task, "--data", file(column.test), "--limit", str(options.limit),
            "--output", str(scores),
            *(part for attack in (*ATTACKS, str(real)) for part in ("--attack", attack)),
        )  # fmt: skip
        tables.append(pd.read_csv(scores / "scores.csv").assign(seed=seed))
    found = pd.concat(tables)
    found.to_csv(folder / "table.csv", index=False)
    best = found[found.metric == found.metric.iloc[0]]
    shown = best.pivot_table(index=["system", "seed"], columns="attack", values=["value", "value_low", "value_high"])
    print((100 * shown).round(1).to_string())


if __name__ == "__main__":
    main()
