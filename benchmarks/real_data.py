"""Where benchmarks find their data: the real sets beside the project, or else the shipped samples."""

from __future__ import annotations

import gzip
import json
import sys
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from charrobust.datasets.cards import load_card
from charrobust.perturb.words import word_spans

SHARED = Path(__file__).parents[2] / "shared" / "datasets"


def records(name: str) -> list[dict[str, Any]]:
    """Return the records of a real data set such as ``glue_sst2/train``; ends the script where it is not there."""
    path = SHARED / f"{name}.jsonl.gz"
    if not path.is_file():
        sys.exit(f"skipped: this benchmark needs the real data set {name} in ../shared/datasets")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def sentences(count: int) -> list[str]:
    """Return sentences of Wikipedia paragraphs, or the sample reviews over and over."""
    path = SHARED / "lm" / "wikipedia_squad_paragraphs.txt.gz"
    if not path.is_file():
        source = load_card("reviews").format("train")
        samples = [record["text"] for block in source.blocks() for record in source.parse(block).records]
        return list(islice(cycle(samples), count))
    found: list[str] = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            found += [part.strip() + "." for part in line.strip().removesuffix(".").split(". ") if part.strip()]
            if len(found) >= count:
                break
    return found[:count]


def count_words(texts: list[str]) -> int:
    """Return the number of words of some texts, by Unicode rules."""
    return sum(len(word_spans(text)) for text in texts)
