"""What the defence ``fold`` undoes of attacks by characters of Unicode, and what it does to texts of languages.

    python benchmarks/folding.py

Needs the Universal Dependencies sets of ``../shared/datasets``.
"""

from __future__ import annotations

import gzip
import json
import unicodedata
from pathlib import Path

from charrobust.perturb import Attack
from charrobust.systems.folding import fold_passage

FOLDER = Path(__file__).parents[1].parent / "shared" / "datasets"
LIMIT = 500  # sentences of each set
CLEAN = ("ud_en_ewt", "ud_de_gsd", "ud_ru_gsd", "ud_ru_taiga_v2.6", "ud_el_gdt", "ud_tr_imst", "ud_fi_tdt")
RECIPES = ("homoglyphs", "invisible", "bidi", "backspace", "full-width", "nfd", "bad-characters")
ATTACKED = ("ud_en_ewt", "ud_de_gsd", "ud_ru_gsd", "ud_el_gdt")


def sentences(name: str) -> list[list[str]]:
    """Return the first sentences of the test part of a set, in normal form C."""
    with gzip.open(FOLDER / name / "test.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return [[unicodedata.normalize("NFC", token) for token in record["tokens"]] for record in records[:LIMIT]]


def restored(recipe: str, tokens: list[list[str]]) -> str:
    """Return the share of edited tokens that come back, and that of others that do not stay, in percent."""
    made = Attack.load(recipe, severity=0.3).tokens(tokens).sentences
    edited = back = others = spoilt = 0
    for clean, noisy in zip(tokens, made, strict=True):
        for old, new, folded in zip(clean, noisy, fold_passage(noisy), strict=True):
            edited += old != new
            back += old != new and folded == old
            others += old == new
            spoilt += old == new and folded != old
    return f"{100 * back / max(edited, 1):.1f} ({100 * spoilt / max(others, 1):.2f})" if edited else "none"


def main() -> None:
    """Print both tables in Markdown."""
    print("| set | sentences | tokens | tokens that folding changes | of them |\n|---|---|---|---|---|")
    for name in CLEAN:
        clean = sentences(name)
        changed = []
        for tokens in clean:
            changed += [(old, new) for old, new in zip(tokens, fold_passage(tokens), strict=True) if old != new]
        shown = ", ".join(f"{old!r} {new!r}" for old, new in changed[:4])
        print(f"| {name} | {len(clean)} | {sum(map(len, clean)):,} | {len(changed)} | {shown} |", flush=True)
    print(f"\n| recipe at 0.3 | {' | '.join(ATTACKED)} |\n|---|{'---|' * len(ATTACKED)}")
    for recipe in RECIPES:
        print(f"| {recipe} | {' | '.join(restored(recipe, sentences(name)) for name in ATTACKED)} |", flush=True)


if __name__ == "__main__":
    main()
