"""The retrieval table: what misspelt queries take from encoders and from BM25.

The paragraphs of SQuAD 1.1 dev are the corpus, 1,000 of their questions the queries. Systems: all-MiniLM-L6-v2, the
character channel that ships, MiniLM behind a spelling corrector, BM25, and BM25 behind the corrector. Queries are
attacked by ``charbert``, by ``everyday@1``, and by misspellings that people made: every word that the Birkbeck corpus
has a misspelling of gets one, drawn by a seed.

    python benchmarks/retrieval_table.py OUTPUT [--questions 1000]
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import shutil
from collections import defaultdict
from pathlib import Path

from real_data import SHARED

from charrobust.datasets.load import load_data
from charrobust.datasets.squad_retrieval import write_beir
from charrobust.scoring.evaluation.evaluate import evaluate
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.evaluation.results_file import write_results
from charrobust.scoring.intervals import Interval

SQUAD = SHARED / "squad1" / "dev.jsonl.gz"
MISSPELLINGS = SHARED / "misspellings" / "birkbeck_mitton_en.jsonl.gz"
SYSTEMS = {
    "MiniLM": "minilm",
    "charbert-minilm-l6": "charbert-minilm-l6",
    "spelling + MiniLM": "spelling+minilm",
    "BM25": "bm25",
    "spelling + BM25": "spelling+bm25",
}
ATTACKS = ("charbert", "everyday@1")
NATURAL = "misspellings"
SEED = 7
_WORD = re.compile(r"[^\W\d_]+")


def misspellings(path: Path) -> dict[str, list[str]]:
    """Return the misspellings of each word, both in lower case; those with other signs than letters are left out."""
    table: dict[str, list[str]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        for line in handle:
            row = json.loads(line)
            word, wrong = row["correct"].lower(), row["misspelt"].lower()
            if wrong != word and _WORD.fullmatch(wrong):
                table[word].append(wrong)
    return table


def misspelt(text: str, identity: str, table: dict[str, list[str]]) -> str:
    """Return a text in which every word with a known misspelling has one; capitals at the beginning stay."""
    rng = random.Random(f"{SEED} {identity}")

    def written(match: re.Match[str]) -> str:
        word = match[0]
        known = table.get(word.lower())
        if not known:
            return word
        wrong = rng.choice(known)
        return wrong.capitalize() if word[0].isupper() else wrong

    return _WORD.sub(written, text)


def write_misspelt(clean: Path, folder: Path) -> None:
    """Write a BEIR folder with misspelt queries; all else is that of the clean one."""
    table = misspellings(MISSPELLINGS)
    shutil.copytree(clean, folder)
    lines = []
    for line in (clean / "queries.jsonl").read_text(encoding="utf-8").splitlines():
        query = json.loads(line)
        query["text"] = misspelt(query["text"], query["_id"], table)
        lines.append(json.dumps(query, ensure_ascii=False) + "\n")
    (folder / "queries.jsonl").write_text("".join(lines), encoding="utf-8")


def cell(value: Interval) -> str:
    """Return a score times 100 with its interval."""
    return f"{100 * value.value:.1f} ({100 * value.low:.1f} to {100 * value.high:.1f})"


def show(results: Results) -> None:
    """Print the tables: scores, what was lost, and paired tests."""
    versions = [attack.name for attack in results.attacks]
    changed = {attack.name: attack.words_changed for attack in results.attacks}
    values = {(score.system, score.attack, score.metric): score for score in results.scores}
    print(f"{results.examples:,} queries")
    print("| nDCG@10 |", " | ".join(f"{name} ({changed[name]:.0%} of the words)" for name in versions), "|")
    print("|---" * (len(versions) + 1) + "|")
    for metric in results.metrics:
        for system in SYSTEMS:
            cells = [cell(values[system, version, metric].value) for version in versions]
            print(f"| {system}, {metric} |", " | ".join(cells), "|")
    print("| lost | ", " | ".join(versions[1:]), "|")
    for system in SYSTEMS:
        losses = [values[system, version, results.metrics[0]].lost for version in versions[1:]]
        lost = [cell(loss) for loss in losses if loss is not None]
        print(f"| {system} |", " | ".join(lost), "|")
    print("| first | second | text | difference | p |")
    for comparison in results.comparisons:
        print(
            f"| {comparison.first} | {comparison.second} | {comparison.attack} | {cell(comparison.difference)} | "
            f"{comparison.p:.4f} |"
        )


def main() -> None:
    """Write the collections, evaluate, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--questions", type=int, default=1000)
    chosen = parser.parse_args()
    chosen.output.mkdir(parents=True, exist_ok=True)
    clean, natural = chosen.output / "squad-dev", chosen.output / NATURAL
    if not clean.exists():
        write_beir(SQUAD, clean, questions=chosen.questions)
    if not natural.exists():
        write_misspelt(clean, natural)
    results = evaluate(
        [f"{name}={path}" for name, path in SYSTEMS.items()],
        load_data(clean),
        [*ATTACKS, natural],
        output=chosen.output / "scores",
    )
    write_results(results, chosen.output / "scores")
    show(results)


if __name__ == "__main__":
    main()
