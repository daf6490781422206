"""What noise does to sentence vectors in several languages: cosines to e5-small's own vectors of the clean sentences.

Sentences of Universal Dependencies of eight words or more; every word is edited in its language. Beside them the cosine
of two sentences that have nothing to do with each other, which is what is left where all is lost.

    python benchmarks/language_vectors.py e5-small charbert-e5-small [--sentences 100]
"""

from __future__ import annotations

import argparse

import numpy as np
from language_table import ROWS
from real_data import records
from sentence_vectors import encoder

from charrobust.perturb import Attack

ATTACKS = ("charbert", "charbert@1x2", "any-letter@1")
LANGUAGES = ("fi", "tr", "ru", "el", "de", "en")
BACKBONE, LEAST = "e5-small", 8


def sentences(language: str, count: int) -> list[str]:
    """Return sentences of a language, as e5 takes them for tasks without questions."""
    texts = [record["tokens"] for record in records(ROWS[language].test)]
    return [" ".join(tokens) for tokens in texts if len(tokens) >= LEAST][:count]


def main() -> None:
    """Print a row for each system and language."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("systems", nargs="+")
    parser.add_argument("--sentences", type=int, default=100)
    options = parser.parse_args()
    plain = encoder(BACKBONE)
    asked = {system: encoder(system) for system in options.systems}
    print("| language | system | clean |", " | ".join(ATTACKS), "| of two sentences |")
    print("|---" * (len(ATTACKS) + 4) + "|")
    for language in LANGUAGES:
        clean = sentences(language, options.sentences)
        expected = plain.encode(clean)
        unrelated = (expected * np.roll(expected, 1, axis=0)).sum(1).mean()
        versions = {"clean": clean}
        for name in ATTACKS:
            versions[name] = Attack.load(name, language=language).texts(clean).texts
        for system, model in asked.items():
            cells = [f"{(model.encode(texts) * expected).sum(1).mean():.3f}" for texts in versions.values()]
            print(f"| {language} | {system} |", " | ".join(cells), f"| {unrelated:.3f} |", flush=True)


if __name__ == "__main__":
    main()
