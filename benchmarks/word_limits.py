"""Real-word errors: how many recipes make by chance, how many words can have one, and what it costs to ask for a kind.

    python benchmarks/word_limits.py

The 872 sentences of the development set of SST-2. A rate is of one process on a shared machine; what counts is how many
times less than without a limit, taken one after the other in each of five rounds.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import replace

from real_data import records

from charrobust.perturb import Attack, Recipe, load_recipe
from charrobust.perturb.limited_words import edited_word
from charrobust.perturb.word_limit import ERRORS, WordLimit, load_dictionary
from charrobust.perturb.words import word_spans

RECIPES = ("drop", "swap", "keyboard", "charbert")
ROUNDS = 5
REAL_WORD = WordLimit("real-word", load_dictionary("en"))


def real_words(attack: Attack, texts: list[str]) -> tuple[int, int]:
    """Return how many words were edited, and how many of them became another word."""
    edited = real = 0
    for made in attack.texts(texts):
        changes: dict[int, list[tuple[int, int, str]]] = {}
        for edit in made.edits:
            changes.setdefault(edit.word, []).append((*edit.old, edit.new_text))
        spans = word_spans(made.source)
        for word, of_word in changes.items():
            start, end = spans[word]
            edited += 1
            real += REAL_WORD.allows(made.source[start:end], edited_word(made.source, start, end, of_word))
    return edited, real


def seconds(recipe: Recipe, texts: list[str]) -> float:
    """Return how long all texts take."""
    start = time.process_time()
    Attack(recipe, 1).texts(texts)
    return time.process_time() - start


def main() -> None:
    """Print a row for each recipe."""
    texts = [record["text"] for record in records("glue_sst2/dev")]
    print("| recipe | edited | real words by chance, % | `non-word` | `real-word` | time, `non-word` | `real-word` |")
    print("|---|---|---|---|---|---|---|")
    for name in RECIPES:
        recipes = [replace(load_recipe(name).at(1), errors=errors) for errors in ERRORS]
        counts = [real_words(Attack(recipe, 1), texts) for recipe in recipes]
        rounds = [[seconds(recipe, texts) for recipe in recipes] for _ in range(ROUNDS)]
        times = [statistics.median(each[number] / each[0] for each in rounds) for number in (1, 2)]
        (edited, by_chance), (non_words, none), (real, all_real) = counts
        assert none == 0
        assert real == all_real
        cells = [name, f"{edited:,}", f"{100 * by_chance / edited:.1f}", f"{non_words:,}", f"{real:,}"]
        print("|", " | ".join([*cells, *(f"{each:.1f} x" for each in times)]), "|")


if __name__ == "__main__":
    main()
