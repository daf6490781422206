"""How near the shares of a recipe's edits can come to those of people: weights counted on lists of misspellings.

    python benchmarks/noise_weights.py typing        # operators with weights counted on the first halves of lists
    python benchmarks/noise_weights.py any-letter
    python benchmarks/noise_weights.py any-letter belinkov_bisk_fr    # on this list alone
    python benchmarks/noise_weights.py --lists       # tables: one recipe for all lists, and one for each

Weights are counted on the first half of a list's words, and scored on the second. A distance is the largest difference
between the shares of any kind of edit, in points.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from noise_realism import (
    FOLDER,
    TYPING_LISTS,
    Edit,
    Pair,
    by_kind,
    edit_between,
    evenly,
    half,
    head,
    outcomes,
    read_list,
    shares,
)

from charrobust.perturb import Recipe, load_recipe
from charrobust.perturb.recipe_files import parse_recipe

ROUNDS = 12  # of setting weights anew
MOST_COUNTED = 2_000  # pairs at distance 1 of each half of a list, in the tables
DRAWS = 3  # of each word where weights are counted, so that shares are off by less than those of the pairs themselves
KIND_OF = {"keyboard": "key", "vowels": "vowel", "substitute": "letter", "capitals": "case", "diacritics": "mark"}

Lists = Mapping[str, Sequence[Pair]]


def list_names() -> list[str]:
    """Return the names of all lists."""
    return [path.name.split(".")[0] for path in sorted(FOLDER.glob("*.gz"))]


def near(name: str, second: bool) -> list[Pair]:
    """Return the pairs at distance 1 of one half of a list."""
    return [pair for pair in half(read_list(FOLDER / f"{name}.jsonl.gz"), second) if edit_between(*pair)]


def entries(name: str) -> list[dict[str, object]]:
    """Return the operators of a recipe without weights, each beside the edits that it is counted by."""
    keyboard = {"name": "keyboard", "neighbours": 8}
    placed = [{"name": "drop"}, {"name": "add"}, {"name": "swap"}, keyboard, {"name": "vowels"}, {"name": "substitute"}]
    made = [{**entry, "positions": place} for entry in placed for place in ("inner", "first", "last")]
    made += [{"name": "double", "positions": "all"}, {"name": "undouble", "positions": "all"}]
    if name == "any-letter":
        made += [{"name": "diacritics", "positions": "all", "action": action} for action in ("lose", "add")]
        made += [{"name": "capitals", "positions": "first"}]
    return made


def aim(entry: dict[str, object], edits: Counter[Edit]) -> float:
    """Return the share of edits that an operator is to make."""
    kind, place = KIND_OF.get(str(entry["name"]), entry["name"]), entry["positions"]
    return sum(share for edit, share in edits.items() if edit.kind == kind and place in ("all", edit.place))


def counted(name: str, lists: Lists) -> Recipe:
    """Return a recipe with weights counted on lists: by the shares of edits, each over what the operator can do.

    Not every operator fits every word, and a drop of one of two equal letters is an undoubling. So weights are set anew
    until what the recipe makes has the shares of the lists.
    """
    wanted = shares([pair for pairs in lists.values() for pair in pairs])
    operators = entries(name)
    weights = np.array([max(aim(entry, wanted), 1e-4) for entry in operators])
    for _ in range(ROUNDS):
        made = shares(
            [pair for each, pairs in lists.items() for pair in made_of(each, built(operators, weights), pairs)]
        )
        weights *= [np.clip((aim(entry, wanted) + 1e-5) / (aim(entry, made) + 1e-5), 0.2, 5) for entry in operators]
        weights /= weights.sum()
    return built(operators, weights)


def built(operators: Sequence[dict[str, object]], weights: np.ndarray) -> Recipe:
    """Return a recipe of operators with weights."""
    tables = [entry | {"weight": float(weight)} for entry, weight in zip(operators, weights, strict=True)]
    words = {"redraw": True, "min_length": 2, "skip": ["numbers"]}
    return parse_recipe("counted", {"summary": "", "source": "", "seed": 1, "words": words, "operators": tables})


def made_of(name: str, recipe: Recipe, pairs: Sequence[Pair]) -> list[Pair]:
    """Return what a recipe, in the language of a list, makes of its words, several times each."""
    return outcomes(recipe.in_language(name.rpartition("_")[2]), [correct for correct, _ in pairs] * DRAWS)


def print_weights(name: str, chosen: Sequence[str]) -> None:
    """Print the operators of a recipe with weights counted on lists; without any named, on those of the recipe."""
    if not chosen:
        chosen = TYPING_LISTS if name == "typing" else list_names()
    recipe = counted(name, {each: evenly(near(each, False)) for each in chosen})
    total = sum(operator.weight for operator in recipe.operators)
    for entry, operator in zip(entries(name), recipe.operators, strict=True):
        options = "\n".join(f"{key} = {json.dumps(value)}" for key, value in entry.items())
        print(f"\n[[operators]]\n{options}\nweight = {max(100 * operator.weight / total, 0.1):.1f}")


def apart(left: Sequence[Pair], right: Sequence[Pair]) -> tuple[float, str]:
    """Return the largest difference between the shares of a kind of edit, in points, and the kind."""
    there, here = by_kind(shares(left)), by_kind(shares(right))
    return max((abs(there[kind] - here[kind]), kind) for kind in there)


def cell(found: tuple[float, str]) -> str:
    """Return a distance as a cell of a table."""
    return f"{found[0]:.1f} ({found[1]})"


def print_lists() -> None:
    """Print how far recipes are from each list, and lists from each other."""
    names = list_names()
    first, second = ({name: near(name, side)[:MOST_COUNTED] for name in names} for side in (False, True))
    print(head(["list", "its first half", "typing", "any-letter", "counted on the language", "counted on the list"]))
    by_language: dict[str, Recipe] = {}
    for name in names:
        language = name.rpartition("_")[2]
        if language not in by_language:
            alike = {each: first[each][:600] for each in names if each.endswith(f"_{language}")}
            by_language[language] = counted("any-letter", alike)
        recipes = [load_recipe("typing"), load_recipe("any-letter"), by_language[language]]
        recipes.append(counted("any-letter", {name: first[name]}))
        cells = [cell(apart(second[name], first[name]))]
        cells += [cell(apart(second[name], made_of(name, recipe, second[name]))) for recipe in recipes]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    print(f"\n{head(['', *names])}")
    for name in names:
        print(f"| {name} | {' | '.join(cell(apart(second[name], second[other])) for other in names)} |", flush=True)


def main() -> None:
    """Print weights, or tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", nargs="?", default="any-letter", choices=("typing", "any-letter"))
    parser.add_argument("names", nargs="*", help="lists to count on", metavar="LIST")
    parser.add_argument("--lists", action="store_true", help="print tables instead")
    options = parser.parse_args()
    if options.lists:
        print_lists()
    else:
        print_weights(options.recipe, options.names)


if __name__ == "__main__":
    main()
