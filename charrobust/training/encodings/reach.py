"""Which words the typos of a word are read as: the graph whose words are put in clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xxhash
from numpy.typing import NDArray

from charrobust.errors import UserError
from charrobust.perturb import Attack, Recipe
from charrobust.progress import Progress, no_progress
from charrobust.systems.word_owners import stumps
from charrobust.systems.words import word_places

_BATCH = 1_000  # words whose typos are listed at once
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Reach:
    """What the typos of a vocabulary are read as.

    Attributes:
        owners: For each word the numbers of the words that own its typos, itself among them, ascending.
        cut: Numbers of words of which a text's reader cuts some typo, as one whose apostrophe moved to the end.
    """

    owners: Sequence[Sequence[int]]
    cut: frozenset[int]


def reach_of(vocabulary: Sequence[str], recipe: Recipe, progress: Progress = no_progress) -> Reach:
    """Find the owners of all typos of a vocabulary: those that ``WordOwners`` of :mod:`charrobust.systems` tells.

    Args:
        vocabulary: The words in lower case, the most frequent first.
        recipe: What typos there are.
        progress: Called with the words done.

    Returns:
        The owners.

    Raises:
        RecipeError: The recipe cannot be enumerated.
        UserError: A typo is more than one letter off, so that it could not be looked up again.
    """
    # A word is its own form, whoever else has it as a typo: it comes before all.
    hashes, sources, ranks = [_hashes(vocabulary)], [np.arange(len(vocabulary))], [np.full(len(vocabulary), -1)]
    cut: set[int] = set()
    attack = Attack(recipe, 0)
    for first in range(0, len(vocabulary), _BATCH):
        progress("listing typos", first, len(vocabulary), {})
        words = vocabulary[first : first + _BATCH]
        candidates = attack.token_candidates(words)
        forms = [form.lower() for form in candidates.texts(words)]
        slots = candidates.slot.astype(np.int64)
        _check_near(words, forms, slots.tolist(), recipe)
        cut.update(first + slot for slot in _cut(forms, slots.tolist()))
        hashes.append(_hashes(forms))
        sources.append(slots + first)
        ranks.append(slots + first)  # of several words that have a typo, the most frequent owns it
    source = np.concatenate(sources)
    owner = _first_of_run(np.concatenate(hashes), source, np.concatenate(ranks))
    pairs = np.unique(np.stack([source, owner], axis=1), axis=0)
    ends = np.searchsorted(pairs[:, 0], np.arange(1, len(vocabulary)))
    owners = [part.tolist() for part in np.split(pairs[:, 1], ends)]
    return Reach(owners, frozenset(cut))


def _check_near(words: Sequence[str], forms: Sequence[str], slots: Sequence[int], recipe: Recipe) -> None:
    """Refuse recipes whose typos could not be looked up again.

    Raises:
        UserError: A typo is more than one letter off.
    """
    near = [frozenset(stumps(word)) for word in words]
    for form, slot in zip(forms, slots, strict=True):
        if near[slot].isdisjoint(stumps(form)):
            raise UserError(
                f"recipe {recipe.name} makes {form!r} of {words[slot]!r}, and encodings are made for edits of one "
                "letter; take such as ladder-inner or ladder-any"
            )


def _cut(forms: Sequence[str], slots: Sequence[int]) -> set[int]:
    """Return the places of the words of which some typo is read as more than one word, or as less than itself."""
    cut = set()
    for form, slot in zip(forms, slots, strict=True):
        # Letters alone are one word, as nearly all typos are.
        if not form.isalpha() and word_places(form) != [(0, len(form))]:
            cut.add(slot)
    return cut


def _hashes(forms: Sequence[str]) -> NDArray[np.uint64]:
    """Return hashes of strings, 64 bits wide: of ten million, two fall together once in half a million vocabularies."""
    digests = (xxhash.xxh3_64_intdigest(form.encode("utf-8", "surrogatepass")) for form in forms)
    return np.fromiter(digests, np.uint64, len(forms))


def _first_of_run(hashes: NDArray[np.uint64], source: Numbers, rank: Numbers) -> Numbers:
    """Return for each form the source that has the lowest rank among all with the same form."""
    order = np.lexsort((rank, hashes))
    ordered = hashes[order]
    begins = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    run = np.cumsum(begins) - 1
    owners = np.empty_like(source)
    owners[order] = source[order[begins]][run]
    return owners
