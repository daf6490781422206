"""Words a second of the engine, of nlpaug and of a plain Python loop, side by side, all with an edit log.

    python benchmarks/throughput.py

Each round times all contestants one after the other; printed are the median of the rates and the median of the
ratios within a round. The plain loop splits at blanks, draws from ``random.random`` and appends a tuple an edit.
nlpaug keeps no log of characters, so its time has none in it. It is timed on every fifth sentence.
"""

from __future__ import annotations

import operator
import random
import statistics
import time
from collections.abc import Callable

import nlpaug.augmenter.char as nac
from real_data import count_words, sentences

from charrobust.perturb import Attack, Recipe
from charrobust.perturb.keyboards import load_layout
from charrobust.perturb.operators import Drop, Keyboard
from charrobust.perturb.word_classes import stop_words

ROUNDS = 9
LETTERS = "abcdefghijklmnopqrstuvwxyz"
Log = list[tuple[int, int, str, int, int, str, str]]


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


def timed(job: Callable[[], object]) -> float:
    """Return the seconds that a job takes."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def compare(
    title: str, words: int, ours: Callable[[], object], peers: dict[str, tuple[Callable[[], object], int]]
) -> None:
    """Time the engine against peers and print rates and ratios; a peer may do a fraction of the work."""
    times: dict[str, list[float]] = {name: [] for name in ("charrobust", *peers)}
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
    fifth = texts[::5]
    for share in (1.0, 0.3):
        recipe = Recipe(name="d", summary="", source="", seed=1, operators=(Drop(),), min_length=4, share=share)
        attack = Attack(recipe, 1)
        peer = nac.RandomCharAug(action="delete", aug_char_max=1, min_char=4, aug_word_p=share, aug_word_max=None)
        compare(
            f"drop one inner letter of {share:.0%} of the words of four letters or more",
            words,
            lambda attack=attack: attack.texts(texts),
            {
                "plain loop": (lambda share=share: plain_drop(texts, share), 1),
                "nlpaug": (lambda peer=peer: [peer.augment(text) for text in fifth], 5),
            },
        )
    typist = nac.KeyboardAug(aug_char_max=1, min_char=4, aug_word_p=1.0, aug_word_max=None)
    recipe = Recipe(name="k", summary="", source="", seed=1, operators=(Keyboard(),), min_length=4)
    keyboard = Attack(recipe, 1)
    compare(
        "keyboard: a neighbouring key in every word of four letters or more",
        words,
        lambda: keyboard.texts(texts),
        {"nlpaug": (lambda: [typist.augment(text) for text in fifth], 5)},
    )
    stops, near = stop_words("en"), load_layout("qwerty-grid").neighbours(8, letters_only=False)
    charbert = Attack.load("charbert")
    compare(
        "charbert: one of four operators on every word of four letters or more",
        words,
        lambda: charbert.texts(texts),
        {"plain loop": (lambda: plain_charbert(texts, stops, near), 1)},
    )


if __name__ == "__main__":
    main()
