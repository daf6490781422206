"""Systems whose margins are known beforehand, and data that they have right."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from charrobust.datasets import DataSet, load_data
from charrobust.perturb import Attack
from charrobust.perturb.recipe_files import parse_recipe
from charrobust.systems.system import Judgement, System
from charrobust.tasks.registry import task_class

LABELS = ("bad", "good")
TEXTS = [
    "wonderful weather in the northern country",
    "typing errors spoil every sentence",
    "storms change",
    "a b",
    "plain words without any meaning today",
    "nothing moves here",
]

OPERATORS = ("drop", "swap", "capitals")


def attack_of(*operators: str) -> Attack:
    """Return an attack that has few candidates; the letters' case, which no system here reads, is among them."""
    entries = [{"name": name} for name in operators or OPERATORS]
    content = {"summary": "s", "source": "s", "seed": 1, "words": {"min_length": 4}, "operators": entries}
    return Attack.load(parse_recipe("few", content))


class Hashed(System):
    """Sums a weight of each word, of its letters' hash: good if the sum is positive. Capitals are not read."""

    task = task_class("classification")

    def __init__(self, *, scores: bool = True, breaks_after: int | None = None, salt: str = "") -> None:
        """Take whether it has scores, and after how many askings it is interrupted."""
        self.name, self.labels = f"hashed{salt}", LABELS
        self.salt, self.with_scores, self.breaks_after = salt, scores, breaks_after
        self.asked: list[list[str]] = []

    @property
    def fingerprint(self) -> str:
        """Its name."""
        return self.name

    def margin(self, text: str) -> float:
        """Return the margin of good over bad."""
        digests = [hashlib.sha256((self.salt + word).encode()).digest()[0] for word in text.lower().split()]
        return sum(digests) / 256 - 0.47 * len(digests)

    def predict(self, examples: Sequence[Any], progress: Any = None) -> list[str]:
        """Predict."""
        return [LABELS[self.margin(example.texts[0]) > 0] for example in examples]

    def judge(self, examples: Sequence[Any], names: Any = None, progress: Any = None) -> Judgement:
        """Predict, with margins, and note what was asked."""
        if self.breaks_after is not None and len(self.asked) >= self.breaks_after:
            raise KeyboardInterrupt
        self.asked.append([example.texts[0] for example in examples])
        signs = [1 if example.target == "good" else -1 for example in examples]
        margins = np.array([self.margin(example.texts[0]) for example in examples]) * signs
        return Judgement(self.predict(examples), margins if self.with_scores else None, self.readings(examples))

    def readings(self, examples: Sequence[Any]) -> list[Any]:
        """Return lower-case texts."""
        return [example.texts[0].lower() for example in examples]

    @property
    def searched(self) -> list[str]:
        """The texts that it was asked beside the clean ones, in order."""
        return list(chain.from_iterable(self.asked[1:]))


class Graded(Hashed):
    """Knows its gradient: that is, how much less the margin of each form is."""

    def first_order(self, example: Any, changed: Sequence[Any], names: Any = None) -> Any:
        """Return by how much each form is worse."""
        sign = 1 if example.target == "good" else -1
        return np.array([self.margin(example.texts[0]) - self.margin(form.texts[0]) for form in changed]) * sign


def data_of(system: Hashed, texts: Sequence[str] = TEXTS) -> DataSet:
    """Return texts with the labels that a system gives them."""
    records = [{"text": text, "label": LABELS[system.margin(text) > 0]} for text in texts]
    return load_data(records, task="classification")
