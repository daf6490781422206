"""Retrieval across languages: which English sentence translates a sentence that was attacked.

The sentences of PUD, of the treebanks of Universal Dependencies: a thousand, the same in each language (CC BY-SA 3.0).
The queries are those of a language, clean, attacked by its keyboard, and with misspellings that people made where there
is a list; they are looked for among the English ones, all clean, as the encoder without a channel reads them.

    python benchmarks/parallel_retrieval.py DIRECTORY [--language de fr cs fi tr ru] [--sentences 1000]

DIRECTORY holds a file ``LANGUAGE_pud-ud-test.conllu`` of each language and of English, from UD_German-PUD and so on.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from channel_table import misspelt
from language_table import SEED, SPELLING, corrector, misspellings_of
from robustness_tables import shown
from sentence_vectors import corrected, encoder

from charrobust.perturb import Attack
from charrobust.scoring.intervals import wilson

BACKBONE, CHANNEL = "e5-small", "charbert-e5-small"
LANGUAGES = ("de", "fr", "cs", "fi", "tr", "ru")
ATTACKS = ("charbert", "any-letter@1")
MARK = "# text = "


def sentences(folder: Path, language: str, count: int) -> list[str]:
    """Return the first sentences of a language."""
    path = folder / f"{language}_pud-ud-test.conllu"
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(MARK) for line in lines if line.startswith(MARK)][:count]


def versions(language: str, clean: Sequence[str]) -> dict[str, Sequence[str]]:
    """Return the queries, clean and attacked."""
    found: dict[str, Sequence[str]] = {"clean": clean}
    for name in ATTACKS:
        found[name] = Attack.load(name, language=language).texts(clean).texts
    table = misspellings_of(language)
    if table:
        found["real"] = [misspelt(text, table, random.Random(f"{SEED} {n}")) for n, text in enumerate(clean)]
    return found


def main() -> None:
    """Print a row for each language and system."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", nargs="+", choices=LANGUAGES, default=list(LANGUAGES))
    parser.add_argument("--sentences", type=int, default=1_000)
    options = parser.parse_args()
    plain, channel = encoder(BACKBONE), encoder(CHANNEL)
    documents = plain.encode(sentences(options.folder, "en", options.sentences))
    print("| language | system | clean |", " | ".join(f"`{name}`" for name in ATTACKS), "| real misspellings |")
    print("|---" * (len(ATTACKS) + 4) + "|")
    for language in options.language:
        queries = versions(language, sentences(options.folder, language, options.sentences))
        correct = partial(corrected, checker=corrector(language))
        asked = {BACKBONE: (plain, list), SPELLING: (plain, correct), CHANNEL: (channel, list)}
        for system, (model, read) in asked.items():
            cells = []
            for texts in queries.values():
                nearest = (model.encode(read(texts)) @ documents.T).argmax(1)
                right = int((nearest == np.arange(len(texts))).sum())
                cells.append(shown(wilson(right, len(texts))))
            print(f"| {language} | {system} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
