"""Queries of a character channel against an index of plain MiniLM's vectors, which stays as it is.

The first 500 paragraphs of SQuAD 1.1 dev are the corpus; of the 1,000 questions of the retrieval table, those about
them are the queries. They are attacked as there.

    python benchmarks/retrieval_index.py OUTPUT [--channel NAME]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from retrieval_table import ATTACKS, NATURAL, SQUAD, cell, write_misspelt

from charrobust.datasets.load import load_data
from charrobust.datasets.squad_retrieval import write_beir
from charrobust.scoring.evaluation.evaluate import evaluate

PARAGRAPHS, QUESTIONS = 500, 1000


def cut(source: Path, folder: Path) -> None:
    """Write the first paragraphs of a collection, with the questions about them."""
    documents = (source / "corpus.jsonl").read_text(encoding="utf-8").splitlines()[:PARAGRAPHS]
    known = {json.loads(line)["_id"] for line in documents}
    (judgements,) = (source / "qrels").glob("*.tsv")
    head, *rows = judgements.read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if row.split("\t")[1] in known]
    asked = {row.split("\t")[0] for row in kept}
    lines = (source / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    queries = [line for line in lines if json.loads(line)["_id"] in asked]
    (folder / "qrels").mkdir(parents=True)
    for file, written in (
        ("corpus.jsonl", documents),
        ("queries.jsonl", queries),
        (f"qrels/{judgements.name}", [head, *kept]),
    ):
        (folder / file).write_text("\n".join(written) + "\n", encoding="utf-8")


def main() -> None:
    """Write the collections, evaluate, and print the scores."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--channel", default="charbert-minilm-l6")
    chosen = parser.parse_args()
    clean, natural = chosen.output / "squad-500", chosen.output / NATURAL
    chosen.output.mkdir(parents=True, exist_ok=True)
    if not clean.exists():
        write_beir(SQUAD, chosen.output / "squad-dev", questions=QUESTIONS)
        cut(chosen.output / "squad-dev", clean)
        write_misspelt(clean, natural)
    systems = ["MiniLM=minilm", f"channel={chosen.channel}"]
    results = evaluate(systems, load_data(clean), [*ATTACKS, natural], index="minilm")
    print(f"{results.examples:,} queries")
    for score in results.scores:
        print(f"| {score.attack} | {score.system} | {score.metric} | {cell(score.value)} |")
    for comparison in results.comparisons:
        pair = f"{comparison.first} minus {comparison.second}"
        print(f"| {comparison.attack} | {pair} | {cell(comparison.difference)} | {comparison.p:.4f} |")


if __name__ == "__main__":
    main()
