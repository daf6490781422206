"""What noise does to sentence vectors: cosines of attacked questions to MiniLM's own vectors of the clean ones.

Questions of SQuAD 1.1 dev, of each title in turn; every word of four letters or more is edited (`any letter`: of two).
`two edits` is `charbert@1x2`; at first and last letters one of drop, add, swap and keyboard is drawn; `signs` and
`look-alikes` stand for one letter of a word; `real` puts a misspelling of the Birkbeck corpus, which no channel is
taught, in place of each word that has one.

    python benchmarks/sentence_vectors.py minilm spelling+minilm charbert-minilm-l6 [directory ...] [--questions 400]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from real_data import records
from retrieval_table import MISSPELLINGS, misspellings, misspelt
from transformers import AutoModel

from charrobust.models import CharBertModel
from charrobust.models.channels import backbone_directory, channel_directory
from charrobust.models.sentence_vectors import SentenceEncoder
from charrobust.models.tokenizers import tokenizer_of
from charrobust.perturb import Attack, load_recipe
from charrobust.perturb.recipe_files import parse_recipe
from charrobust.perturb.words import word_spans
from charrobust.systems.spelling import Spelling

EDITS = ("drop", "add", "swap", "keyboard")
SPELLING = "spelling+"
Write = Callable[[Sequence[str]], Sequence[str]]


def edits_at(place: str, *names: str) -> Write:
    """Return an attack at one place of every word by one of some operators."""
    operators = [{"name": name, "positions": place} for name in names]
    content = {"summary": place, "source": "here", "seed": 13, "words": {"min_length": 4}, "operators": operators}
    return drawn(parse_recipe(place, content))


def drawn(recipe: Any) -> Write:
    """Return an attack by a recipe, whose draws depend on the number of a question."""
    attack = Attack(recipe, recipe.seed)
    return lambda texts: attack.texts(texts, ids=list(map(str, range(len(texts))))).texts


def natural(texts: Sequence[str]) -> list[str]:
    """Put a misspelling that people made in place of every word that has one."""
    table = misspellings(MISSPELLINGS)
    return [misspelt(text, str(number), table) for number, text in enumerate(texts)]


VERSIONS: Mapping[str, Write] = {
    "clean": list,
    "inner edit": drawn(load_recipe("charbert")),
    "two edits": drawn(load_recipe("charbert@1x2")),
    "first letter": edits_at("first", *EDITS),
    "last letter": edits_at("last", *EDITS),
    "any letter": drawn(load_recipe("any-letter@1")),
    "split": drawn(load_recipe("split-words@1")),
    "signs": edits_at("all", "leet"),
    "look-alikes": edits_at("all", "homoglyph"),
    "real": natural,
}


def questions(count: int) -> list[str]:
    """Return questions, of each title in turn."""
    by_title: dict[str, list[str]] = {}
    for record in records("squad1/dev"):
        by_title.setdefault(record["title"], []).append(record["question"])
    turns = max(map(len, by_title.values()))
    found = [asked[turn] for turn in range(turns) for asked in by_title.values() if turn < len(asked)]
    return found[:count]


def encoder(name: str) -> SentenceEncoder:
    """Return an encoder by the name of a backbone or of a channel."""
    tokenizer = tokenizer_of(name)
    is_channel = channel_directory(name) is not None
    model = CharBertModel.from_pretrained(name) if is_channel else AutoModel.from_pretrained(backbone_directory(name))
    return SentenceEncoder(model, tokenizer)


def corrected(texts: Sequence[str], checker: Spelling) -> list[str]:
    """Return texts as a spelling corrector puts them in front of a model."""

    def of_text(text: str) -> str:
        spans = word_spans(text)
        words = checker.words([[text[start:end] for start, end in spans]])[0]
        # From the end, so that the places in front stay.
        for (start, end), word in zip(reversed(spans), reversed(words), strict=True):
            text = text[:start] + word + text[end:]
        return text

    return list(map(of_text, texts))


def cosines(name: str, versions: Mapping[str, Sequence[str]], expected: NDArray[np.float32]) -> list[NDArray[Any]]:
    """Return the cosines of a system's vectors to those expected, for each version."""
    asked = encoder(name.removeprefix(SPELLING))
    read: Write = partial(corrected, checker=Spelling.load()) if name.startswith(SPELLING) else list
    return [(asked.encode(read(texts)) * expected).sum(1) for texts in versions.values()]


def main() -> None:
    """Print a row a system."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("systems", nargs="+")
    parser.add_argument("--questions", type=int, default=400)
    chosen = parser.parse_args()
    clean = questions(chosen.questions)
    expected = encoder("minilm").encode(clean)
    versions = {name: write(clean) for name, write in VERSIONS.items()}
    print("| system |", " | ".join(versions), "|")
    print("|---" * (len(versions) + 1) + "|")
    for system in chosen.systems:
        rows = cosines(system, versions, expected)
        # with the standard error of the mean: questions are independent
        cells = [f"{row.mean():.3f} ± {row.std() / len(row) ** 0.5:.3f}" for row in rows]
        print(f"| {system} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
