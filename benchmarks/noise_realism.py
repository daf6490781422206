"""How close the noise of recipes is to what people write: against lists of real misspellings.

    python benchmarks/noise_realism.py    # tables, in Markdown

Recipes are in the language of each list. Lists are split in two by their right words. Weights are counted on the first
half (``benchmarks/noise_weights.py``), all figures on the second. Of each list at most 5,000 pairs are read, drawn by
a hash of the pair. Needs ``../shared/datasets/misspellings``; figures of glitchlings and TextAttack where these are
installed.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import json
import random
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from zlib import crc32

import numpy as np

from charrobust.perturb import Attack, Recipe, load_recipe
from charrobust.perturb.code_points import CodePointBuffer, decode, encode
from charrobust.perturb.keyboards import load_layout
from charrobust.perturb.operators import Nlpaug
from charrobust.perturb.operators.base import LetterOperator, Letters, Places, WordOperator
from charrobust.perturb.word_classes import WordClasses
from charrobust.perturb.words import token_words

FOLDER = Path(__file__).parents[1].parent / "shared" / "datasets" / "misspellings"
MOST_PAIRS = 5_000
# Draws by which every choice of an operator among up to 64 is met: one in the middle of each 64th of all numbers.
GRID = ((np.arange(64) + 0.5) / 64 * 2**32).astype(np.uint64)
DRAWS = 40  # of operators that rewrite words, and of other packages, for each word
RECIPES = ("charbert", "everyday", "typing", "any-letter")
KINDS = ("drop", "undouble", "add", "double", "swap", "key", "vowel", "letter", "mark", "case")
VOWELS = "aeiouy"  # with marks or without
TYPING_LISTS = ("wikipedia_common_en", "codespell_en")
TEXTATTACK_EDITS = (
    "NeighboringCharacterSwap",
    "RandomCharacterInsertion",
    "RandomCharacterDeletion",
    "RandomCharacterSubstitution",
)
NEIGHBOURS = load_layout("us-qwerty").neighbours(8, letters_only=True)

Pair = tuple[str, str]


@dataclass(frozen=True)
class Edit:
    """How two words at distance 1 differ: the kind of edit, and whether at the first, the last or an inner letter."""

    kind: str
    place: str


def read_list(path: Path) -> list[Pair]:
    """Return the pairs of a list, each once, in an order without a pattern."""
    pairs = set()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            pair = unicodedata.normalize("NFC", entry["correct"]), unicodedata.normalize("NFC", entry["misspelt"])
            if pair[0] != pair[1] and not any(map(str.isspace, pair[0] + pair[1])):
                pairs.add(pair)
    return sorted(pairs, key=lambda pair: (crc32("\t".join(pair).encode()), pair))


def half(pairs: Iterable[Pair], second: bool) -> list[Pair]:
    """Return the pairs of one half of all words, at most ``MOST_PAIRS``."""
    mine = [pair for pair in pairs if (crc32(pair[0].lower().encode()) & 1) == second]
    return mine[:MOST_PAIRS]


def common_ends(left: str, right: str) -> tuple[int, int]:
    """Return how many letters two words have in common at their starts, and at their ends behind those."""
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    end = 0
    while end < min(len(left), len(right)) - start and left[-1 - end] == right[-1 - end]:
        end += 1
    return start, end


def edit_between(correct: str, misspelt: str) -> Edit | None:
    """Return how two words differ; None where it takes more than one edit."""
    start, end = common_ends(correct, misspelt)
    old, new = correct[start : len(correct) - end], misspelt[start : len(misspelt) - end]
    place = "inner"
    if start == 0:
        place = "first"
    elif end == 0:
        place = "last"
    beside = correct[max(start - 1, 0) : start] + correct[start + len(old) :][:1]
    if len(old) == 1 and not new:
        return Edit("undouble" if old in beside else "drop", place)
    if not old and len(new) == 1:
        return Edit("double" if new in beside else "add", place)
    if len(old) == len(new) == 2 and old == new[::-1]:
        return Edit("swap", place)
    if len(old) == len(new) == 1:
        return Edit(kind_of_substitution(old, new), place)
    return None


def kind_of_substitution(old: str, new: str) -> str:
    """Return the kind of a letter written for another."""
    if old.lower() == new.lower():
        return "case"
    if new.lower() in NEIGHBOURS.get(old.lower(), ""):
        return "key"
    if bare(old) == bare(new):
        return "mark"
    return "vowel" if bare(old) in VOWELS and bare(new) in VOWELS else "letter"


def bare(letter: str) -> str:
    """Return a letter without its marks."""
    return unicodedata.normalize("NFD", letter.lower())[0]


def distance(left: str, right: str) -> int:
    """Return the edit distance with exchanges of neighbours (optimal string alignment)."""
    before, row = list(range(len(right) + 1)), list(range(len(right) + 1))
    for i, letter in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(right, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                best = min(best, older[j - 2] + 1)
            row.append(best)
    return row[-1]


def producible(recipe: Recipe, pairs: Sequence[Pair]) -> np.ndarray:
    """Tell which pairs one edit of a recipe can make, shape (pairs,), by all places and draws of its operators."""
    words = [correct for correct, _ in pairs]
    buffer = CodePointBuffer.of(words)
    found = token_words(buffer, words, np.arange(len(words)))
    letters, classes = Letters(buffer.code_points, found), WordClasses(buffer, found, recipe.known_stop_words)
    made = np.zeros(len(pairs), bool)
    for operator in recipe.operators:
        length = found.end - found.start
        may = length >= max(recipe.min_length, operator.min_length)
        for word_class in {*recipe.skip, *operator.skip}:
            may &= ~classes.has(word_class, np.arange(len(words)))
        if isinstance(operator, LetterOperator):
            made |= may & _made_by_letters(operator, letters, pairs)
        elif isinstance(operator, WordOperator):
            made |= may & _made_by_words(operator, pairs)
    return made


def _made_by_letters(operator: LetterOperator, letters: Letters, pairs: Sequence[Pair]) -> np.ndarray:
    words = letters.words
    length = words.end - words.start
    first, count = operator.window(length)
    count = np.maximum(count, 0)
    owner = np.repeat(np.arange(len(count)), count)
    inside = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    at = words.start[owner] + np.broadcast_to(first, count.shape)[owner] + inside
    fits = operator.applies(letters, at)
    owner, at = owner[fits], at[fits]
    # The misspellings as one array, and for each pair how much of both words is the same at either end.
    targets = encode("".join(misspelt for _, misspelt in pairs) + "\0" * 64)
    target_length = np.array([len(misspelt) for _, misspelt in pairs])
    target_start = np.cumsum(target_length) - target_length
    prefix, suffix = np.array([common_prefix_and_suffix(*pair) for pair in pairs]).reshape(-1, 2).T
    made = np.zeros(len(pairs), bool)
    for bits in GRID:
        places = Places(
            at=at, word_start=words.start[owner], word_end=words.end[owner], bits=np.full(len(at), bits, np.uint64)
        )
        edits = operator.replace(letters, places)
        start = edits.start - words.at(words.start[owner])
        end = edits.end - words.at(words.start[owner])
        whole = words.at(words.end[owner]) - words.at(words.start[owner])
        fit = (start <= prefix[owner]) & (whole - end <= suffix[owner])
        fit &= whole - (end - start) + edits.lengths == target_length[owner]
        offset = np.cumsum(edits.lengths) - edits.lengths
        for number in np.flatnonzero(fit & ~made[owner]):
            new = edits.new[offset[number] : offset[number] + edits.lengths[number]]
            there = target_start[owner[number]] + start[number]
            made[owner[number]] |= decode(new.astype(np.uint32)) == decode(targets[there : there + len(new)])
    return made


@functools.cache
def common_prefix_and_suffix(left: str, right: str) -> tuple[int, int]:
    """Return how many letters two words have in common at their starts, and at their ends; the two may overlap."""
    return len(left) - len(left.removeprefix(_common(left, right))), len(_common(left[::-1], right[::-1]))


def _common(left: str, right: str) -> str:
    return left[: common_ends(left, right)[0]]


def _made_by_words(operator: WordOperator, pairs: Sequence[Pair]) -> np.ndarray:
    draws = [int(bits) << 32 for bits in np.random.default_rng(0).integers(0, 2**32, DRAWS)]
    return np.array([misspelt in {operator.rewrite(correct, bits) for bits in draws} for correct, misspelt in pairs])


def outcomes(recipe: Recipe, words: Sequence[str]) -> list[Pair]:
    """Return what a recipe makes of each word, of those that it changes."""
    attack = Attack(replace(recipe, share=1.0, edited_words=None), 1)
    # The word is part of the id, so that draws of two lists are independent.
    ids = [f"{number} {word}" for number, word in enumerate(words)]
    made = attack.tokens([[word] for word in words], ids=ids).sentences
    return [(word, tokens[0]) for word, tokens in zip(words, made, strict=True) if tokens[0] != word]


def shares(pairs: Sequence[Pair]) -> Counter[Edit]:
    """Return the share of each edit among the pairs at distance 1."""
    counts = Counter(filter(None, (edit_between(*pair) for pair in pairs)))
    total = sum(counts.values())
    return Counter({edit: count / total for edit, count in counts.items()})


def by_kind(edits: Counter[Edit]) -> dict[str, float]:
    """Sum shares by the kind of edit, in percent."""
    return {kind: 100 * sum(share for edit, share in edits.items() if edit.kind == kind) for kind in KINDS}


def row(name: str, pairs: Sequence[Pair]) -> str:
    """Return a row of a table: distances, first and last letters, kinds."""
    distances = Counter(min(distance(*pair), 3) for pair in pairs)
    edits = shares(pairs)
    ends = [100 * sum(share for edit, share in edits.items() if edit.place == end) for end in ("first", "last")]
    cells = [100 * distances[number] / len(pairs) for number in (1, 2, 3)] + ends + list(by_kind(edits).values())
    return f"| {name} | " + " | ".join(f"{cell:.1f}" for cell in cells) + " |"


HEAD = ["", "distance 1", "2", "3 or more", "first letter", "last letter", *KINDS]


def head(columns: Sequence[str]) -> str:
    """Return the first two lines of a table."""
    return f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}"


def peers() -> dict[str, Callable[[str, int], str]]:
    """Return the keyboard and letter noise of other packages, by name; each takes a word and a seed."""
    found: dict[str, Callable[[str, int], str]] = {}
    if find_spec("textattack"):  # loaded first: torch cannot be once nlpaug is
        found |= textattack_peers()
    options = {"aug_word_p": 1.0, "aug_char_max": 1, "min_char": 1}
    augmenters = {
        "nlpaug KeyboardAug": Nlpaug(augmenter="KeyboardAug", options=options | {"include_special_char": False})
    }
    for action in ("insert", "substitute", "swap", "delete"):
        chosen = Nlpaug(augmenter="RandomCharAug", options=options | {"action": action, "include_numeric": False})
        augmenters[f"nlpaug RandomCharAug {action}"] = chosen
    found |= {name: each.rewrite for name, each in augmenters.items()}
    if find_spec("glitchlings"):
        from glitchlings import Typogre

        found["glitchlings Typogre"] = lambda word, seed: Typogre(rate=1 / max(len(word), 1), seed=seed >> 33)(word)
    return found


def textattack_peers() -> dict[str, Callable[[str, int], str]]:
    """Return the transformations of letters of TextAttack, with their own defaults."""
    from textattack import transformations
    from textattack.shared import AttackedText

    def rewriting(transformation: Callable[[AttackedText], list[AttackedText]]) -> Callable[[str, int], str]:
        def rewrite(word: str, seed: int) -> str:
            random.seed(seed)
            np.random.seed(seed >> 32)
            made = transformation(AttackedText(word))
            return made[0].text if made else word

        return rewrite

    found = {"TextAttack QWERTY": rewriting(transformations.WordSwapQWERTY(random_one=True))}
    for edit in TEXTATTACK_EDITS:
        found[f"TextAttack {edit}"] = rewriting(getattr(transformations, f"WordSwap{edit}")())
    return found


def print_peers(pairs: Sequence[Pair]) -> None:
    """Print what other packages, and our recipes beside them, make of the words of a list."""
    # nlpaug fails on words with other signs than letters.
    some = [pair for pair in pairs if edit_between(*pair) and pair[0].isalpha()][:500]
    print(f"\n{head(['', 'changed', *HEAD[1:], f'made in {DRAWS} draws'])}")
    for name in ("charbert", "everyday", "typing", "any-letter"):
        recipe = replace(load_recipe(name), share=1.0)
        attack = Attack(recipe, 1)
        drawn = [draws_of(attack, correct) for correct, _ in some]
        print_peer(name, some, drawn)
    for name, rewrite in peers().items():
        seeds = [[crc32(f"{number} {draw}".encode()) << 32 for draw in range(DRAWS)] for number in range(len(some))]
        drawn = [[rewrite(correct, seed) for seed in row] for (correct, _), row in zip(some, seeds, strict=True)]
        print_peer(name, some, drawn)


def draws_of(attack: Attack, word: str) -> list[str]:
    """Return what an attack makes of a word, in as many draws as are made of other packages."""
    made = attack.tokens([[word]] * DRAWS, ids=[f"{word} {number}" for number in range(DRAWS)])
    return [token for (token,) in made.sentences]


def print_peer(name: str, pairs: Sequence[Pair], drawn: Sequence[Sequence[str]]) -> None:
    """Print the row of what draws noise; ``drawn`` holds its words for each pair."""
    hits = [misspelt in words for (_, misspelt), words in zip(pairs, drawn, strict=True)]
    made = [(correct, word) for (correct, _), words in zip(pairs, drawn, strict=True) for word in words[:10]]
    changed = [pair for pair in made if pair[0] != pair[1]]
    cells = row(name, changed).removesuffix(" |").split(" | ")
    cells.insert(1, f"{100 * len(changed) / len(made):.1f}")
    print(f"{' | '.join(cells)} | {100 * np.mean(hits):.1f} |", flush=True)


def print_tables() -> None:
    """Print all tables."""
    lists = {path.name.removesuffix(".jsonl.gz"): half(read_list(path), True) for path in sorted(FOLDER.glob("*.gz"))}
    print(head(["list, second half", "pairs", "at distance 1", *RECIPES]))
    for name, pairs in lists.items():
        near = np.array([edit_between(*pair) is not None for pair in pairs])
        cells = []
        for recipe in recipes_for(name).values():
            made = producible(recipe, pairs)
            cells.append(f"{100 * made[near].mean():.1f} ({100 * made.mean():.1f})")
        print(f"| {name} | {len(pairs):,} | {near.sum():,} | {' | '.join(cells)} |", flush=True)
    for name, pairs in lists.items():
        print(f"\n{head([name, *HEAD[1:]])}\n{row('the list', pairs)}")
        for recipe_name, recipe in recipes_for(name).items():
            print(row(recipe_name, outcomes(recipe, [correct for correct, _ in pairs])), flush=True)
    for names in (TYPING_LISTS, tuple(lists)):
        pooled = [pair for name in names for pair in evenly(lists[name])]
        print(f"\n{head([f'{len(names)} lists together', *HEAD[1:]])}\n{row('the lists', pooled)}")
        for recipe_name in RECIPES:
            made = []
            for name in names:
                recipe = recipes_for(name)[recipe_name]
                made += outcomes(recipe, [correct for correct, _ in evenly(lists[name])])
            print(row(recipe_name, made), flush=True)
    print_peers(lists["wikipedia_common_en"])


def recipes_for(name: str) -> dict[str, Recipe]:
    """Return the recipes in the language of a list, which the list's name ends with."""
    language = name.rpartition("_")[2]
    return {each: load_recipe(each).in_language(language) for each in RECIPES}


def evenly(pairs: Sequence[Pair]) -> list[Pair]:
    """Return pairs at distance 1, as many of each list."""
    return [pair for pair in pairs if edit_between(*pair)][:600]


def main() -> None:
    """Print all tables."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print_tables()


if __name__ == "__main__":
    main()
