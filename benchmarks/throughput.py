"""Words a second of the engine and of its peers, side by side, in one process: drop, add, swap, keyboard, and charbert.

    python benchmarks/throughput.py

Peers are nlpaug, fast-aug and glitchlings (the last two are written in Rust: `pip install fast-aug glitchlings`), and
plain Python loops; one that is not installed is named and skipped. Each round times all contestants one after the
other; printed are medians of the rates and of the ratios within a round, by CPU seconds, as machines are shared.
Ours and the plain loops write an edit log; the peers keep none. nlpaug is timed on every fifth sentence.

Each contestant makes about one edit in every word of four letters or more. fast-aug knows no shortest word: it edits as
many words, drawn from all. glitchlings has one operator of letters, slips of fingers on a keyboard, which it places
anywhere in a text: it makes as many.
"""

from __future__ import annotations

import operator
import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.metadata import version
from typing import Any

import nlpaug.augmenter.char as nac
from real_data import count_words, sentences

from charrobust.perturb import Attack, Recipe
from charrobust.perturb.keyboards import load_layout
from charrobust.perturb.operators import Add, Drop, Keyboard, Swap
from charrobust.perturb.word_classes import stop_words

ROUNDS = 9
LETTERS = "abcdefghijklmnopqrstuvwxyz"
Log = list[tuple[int, int, str, int, int, str, str]]
# A job, and how many times it has to be done to do the work once.
Peer = tuple[Callable[[], object], int]
FIRST = {"drop": Drop(), "add": Add(), "swap": Swap(), "keyboard": Keyboard()}
IN_NLPAUG = {"drop": "delete", "add": "insert", "swap": "swap"}
IN_FAST_AUG = {"drop": "CharsRandomDelete", "add": "CharsRandomInsert", "swap": "CharsRandomSwap"}


def plain_drop(texts: list[str], share: float) -> tuple[list[str], Log]:
    """Drop one inner letter of a share of the words, as one would write it."""
    draw, edited, log = random.random, [], Log()
    for number, text in enumerate(texts):
        words, position = text.split(" "), 0
        for place, word in enumerate(words):
            length = len(word)
            if length > 3 and (share == 1 or draw() < share):
                at = int(draw() * (length - 2)) + 1
                words[place] = word[:at] + word[at + 1 :]
                log.append((number, place, "drop", position + at, position + at + 1, word[at], ""))
            position += length + 1
        edited.append(" ".join(words))
    return edited, log


def plain_charbert(texts: list[str], stops: frozenset[str], near: dict[str, str]) -> tuple[list[str], Log]:
    """The CharBERT protocol as one would write it."""
    draw, edited, log = random.random, [], Log()
    for number, text in enumerate(texts):
        words, position = text.split(" "), 0
        for place, word in enumerate(words):
            length = len(word)
            if length > 3:
                choice = int(draw() * 4)
                if choice == 0:
                    at = int(draw() * (length - 2)) + 1
                    words[place] = word[:at] + word[at + 1 :]
                    log.append((number, place, "drop", position + at, position + at + 1, word[at], ""))
                elif choice == 1:
                    at = int(draw() * (length - 1)) + 1
                    letter = LETTERS[int(draw() * 26)]
                    words[place] = word[:at] + letter + word[at:]
                    log.append((number, place, "add", position + at, position + at, "", letter))
                elif choice == 2:
                    at = int(draw() * (length - 3)) + 1
                    left, right = word[at], word[at + 1]
                    if left != right:
                        words[place] = word[:at] + right + left + word[at + 2 :]
                        log.append(
                            (number, place, "swap", position + at, position + at + 2, left + right, right + left)
                        )
                elif word.lower() not in stops:
                    at = int(draw() * (length - 2)) + 1
                    if keys := near.get(word[at].lower()):
                        key = keys[int(draw() * len(keys))]
                        words[place] = word[:at] + key + word[at + 1 :]
                        log.append((number, place, "keyboard", position + at, position + at + 1, word[at], key))
            position += length + 1
        edited.append(" ".join(words))
    return edited, log


def installed(module: str, package: str) -> Any:
    """Return a module of a peer; None, with a line that says so, where it is not installed."""
    try:
        found = import_module(module)
    except ImportError:
        print(f"skipped: {package} is not installed")
        return None
    print(f"{package} {version(package)}")
    return found


def peers_of(name: str, texts: list[str], share: float, edits: int) -> dict[str, Peer]:
    """Return the peers that have an operator.

    Args:
        name: The operator.
        texts: The texts.
        share: Share of all words that are edited.
        edits: Number of edits.
    """
    every_word = {"aug_char_max": 1, "min_char": 4, "aug_word_p": 1.0, "aug_word_max": None}
    slow = nac.KeyboardAug(**every_word)
    if name in IN_NLPAUG:
        slow = nac.RandomCharAug(action=IN_NLPAUG[name], **every_word)
    fifth = texts[::5]
    peers: dict[str, Peer] = {"nlpaug": (lambda: [slow.augment(text) for text in fifth], 5)}
    if FAST_AUG is not None and name in IN_FAST_AUG:
        kind = getattr(FAST_AUG, IN_FAST_AUG[name] + "Augmenter")
        # Of the letters one: a share, the least and the most.
        locale = {"locale": "en"} if name == "add" else {}
        fast = kind(share, (0.1, 1, 1), **locale)
        peers["fast-aug"] = (lambda: fast.augment_batch(texts), 1)
    if GLITCHLINGS is not None and name == "keyboard":
        slip = GLITCHLINGS.Typogre(rate=edits / sum(map(len, texts)), seed=1)
        peers["glitchlings"] = (lambda: list(map(slip, texts)), 1)
    return peers


def timed(job: Callable[[], object]) -> float:
    """Return the CPU seconds that a job takes."""
    start = time.process_time()
    job()
    return time.process_time() - start


def compare(title: str, words: int, ours: Callable[[], object], peers: dict[str, Peer]) -> None:
    """Time the engine against peers and print rates and ratios; a peer may do a fraction of the work."""
    times: dict[str, list[float]] = {name: [] for name in ("charrobust", *peers)}
    ours()  # what is made once, such as tables, is no part of a rate
    for _ in range(ROUNDS):
        times["charrobust"].append(timed(ours))
        for name, (job, fraction) in peers.items():
            times[name].append(timed(job) * fraction)
    print(title)
    for name, seconds in times.items():
        rate = words / statistics.median(seconds) / 1e6
        slowest, fastest = words / max(seconds) / 1e6, words / min(seconds) / 1e6
        line = f"  {name:<12}{rate:8.2f} M words/s ({slowest:.2f} to {fastest:.2f})"
        if name in peers:
            # Within a round, so that a machine that is busy for a while slows both sides of a ratio.
            ratios = map(operator.truediv, seconds, times["charrobust"])
            line += f"   ours is {statistics.median(ratios):.1f} x"
        print(line)


def main() -> None:
    """Run all comparisons."""
    texts = sentences(5000)
    words = count_words(texts)
    print(f"{len(texts):,} sentences, {words:,} words; median of {ROUNDS} rounds")
    for name, first in FIRST.items():
        recipe = Recipe(name=name, summary="", source="", seed=1, operators=(first,), min_length=4)
        attack = Attack(recipe, 1)
        edits = len(attack.texts(texts).edits)
        peers = peers_of(name, texts, edits / words, edits)
        if name == "drop":
            peers["plain loop"] = (lambda: plain_drop(texts, 1.0), 1)
        compare(f"{name}: once in every word of four letters or more", words, partial(attack.texts, texts), peers)
    stops, near = stop_words("en"), load_layout("qwerty-grid").neighbours(8, letters_only=False)
    charbert = Attack.load("charbert")
    compare(
        "charbert: one of four operators on every word of four letters or more",
        words,
        lambda: charbert.texts(texts),
        {"plain loop": (lambda: plain_charbert(texts, stops, near), 1)},
    )


if __name__ == "__main__":
    FAST_AUG = installed("fast_aug.text", "fast-aug")
    GLITCHLINGS = installed("glitchlings", "glitchlings")
    main()
