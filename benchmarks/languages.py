"""Every recipe in every language: how many words are edited, how many edits tear a letter, is each undone exactly?

python benchmarks/languages.py [--words 20000]

Runs on the paragraphs of tests/perturb/languages.toml, and on sentences of Universal Dependencies where they are in
../shared/datasets. Prints two tables, and ends with 1 where a text is not undone or a letter is torn.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from real_data import SHARED, records

from charrobust.perturb import Attack, language_codes, recipe_names, revert
from charrobust.perturb.clusters import cluster_borders, is_composed
from charrobust.perturb.words import word_spans

PARAGRAPHS = Path(__file__).parents[1] / "tests" / "perturb" / "languages.toml"
TREEBANKS = {
    "de": "ud_de_gsd/test",
    "el": "ud_el_gdt/test",
    "en": "ud_en_ewt/test",
    "fi": "ud_fi_tdt/test",
    "ru": "ud_ru_gsd/test",
    "tr": "ud_tr_boun/test",
}
SHOWN = [name for name in recipe_names() if name != "pinyin"]  # which are of Chinese alone


@dataclass
class Count:
    """What a recipe did to some texts.

    Attributes:
        words: Words of the texts.
        edited: Words with an edit.
        edits: Edits.
        torn: Edits whose borders lie inside a letter, before or after.
        faults: Texts that are not undone exactly, or not in normal form C any more.
    """

    words: int = 0
    edited: int = 0
    edits: int = 0
    torn: int = 0
    faults: int = 0


def measure(texts: list[str], attack: Attack) -> Count:
    """Attack texts and check every edit."""
    count = Count()
    for text, edited in zip(texts, attack.texts(texts), strict=True):
        before, after = set(cluster_borders(text)), set(cluster_borders(edited.text))
        count.words += len(word_spans(text))
        count.edits += len(edited.edits)
        count.edited += len({edit.word for edit in edited.edits})
        count.torn += sum(not (before.issuperset(edit.old) and after.issuperset(edit.new)) for edit in edited.edits)
        is_undone = revert(edited.text, edited.edits) == text
        stays_composed = is_composed(edited.text) or not is_composed(text)
        count.faults += not (is_undone and stays_composed)
    return count


def recipes_of(language: str) -> list[str]:
    """Return the recipes that can be had in a language: all, but for those of English words."""
    return [name for name in SHOWN if name != "spelling" or language == "en"]


def paragraphs() -> Iterator[tuple[str, list[str]]]:
    """Go through the languages and the paragraph of each."""
    texts = tomllib.loads(PARAGRAPHS.read_text(encoding="utf-8"))
    for language in language_codes():
        yield language, [texts[language].strip()]


def treebanks(words: int) -> Iterator[tuple[str, list[str]]]:
    """Go through the languages of treebanks that are there, and the first sentences of each."""
    for language, name in TREEBANKS.items():
        if (SHARED / f"{name}.jsonl.gz").is_file():
            sentences = [" ".join(record["tokens"]) for record in records(name)]
            totals = accumulate(len(word_spans(sentence)) for sentence in sentences)
            yield language, [text for text, total in zip(sentences, totals, strict=True) if total <= words]


def table(texts_of: Iterator[tuple[str, list[str]]]) -> int:
    """Print the share of the words that each recipe edits in each language; return how much went wrong."""
    wrong = 0
    print("| language | words |", " | ".join(f"`{name}`" for name in SHOWN), "| edits | torn | not undone |")
    print("|---|" + "---|" * (len(SHOWN) + 4))
    for language, texts in texts_of:
        counts = {name: measure(texts, Attack.load(name, language=language)) for name in recipes_of(language)}
        shares = {name: f"{count.edited / count.words:.0%}" for name, count in counts.items()}
        cells = " | ".join(shares.get(name, "") for name in SHOWN)
        edits = sum(count.edits for count in counts.values())
        torn = sum(count.torn for count in counts.values())
        faults = sum(count.faults for count in counts.values())
        print(f"| {language} | {counts['add'].words:,} | {cells} | {edits:,} | {torn} | {faults} |", flush=True)
        wrong += torn + faults
    return wrong


def main() -> int:
    """Print both tables; return 1 where something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=20_000, help="words of each treebank, at most")
    words = parser.parse_args().words
    wrong = table(paragraphs())
    print()
    return int(wrong + table(treebanks(words)) > 0)


if __name__ == "__main__":
    sys.exit(main())
