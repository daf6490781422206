"""The main path, once through: records of a task -> attack -> predict clean and attacked -> score with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from charrobust.models.minilm import minilm_directory
from charrobust.models.sentence_vectors import SentenceEncoder
from charrobust.perturb import Attack
from charrobust.scoring import Interval, accuracy, paired_loss
from charrobust.tasks.cards import load_card
from charrobust.tasks.files import attack_file
from charrobust.tasks.formats import Format

RECIPES = ("everyday", "ocr", "keyboard", "charbert")
DATA = ("reviews", "entities", "questions")
Progress = Callable[[str, int, int], object]


@dataclass(frozen=True)
class Row:
    """A line of the demo's table.

    Attributes:
        recipe: Name of the recipe; None for clean text.
        changed: Share of the words that changed.
        score: Accuracy of the classifier.
        loss: What the attack took from it; None for clean text.
    """

    recipe: str | None
    changed: float
    score: Interval
    loss: Interval | None


@dataclass(frozen=True)
class Demo:
    """What the demo found.

    Attributes:
        train: Number of training reviews.
        test: Number of test reviews.
        rows: The table.
        files: What it wrote.
        flipped: Reviews, clean and attacked, whose prediction became wrong: (recipe, clean, attacked).
    """

    train: int
    test: int
    rows: list[Row]
    files: list[Path]
    flipped: list[tuple[str, str, str]] = field(default_factory=list)


def run_demo(folder: Path, progress: Progress = lambda *_: None) -> Demo:
    """Attack the sample sets and score a classifier on clean and attacked reviews.

    The classifier is a logistic regression on sentence vectors of the offline MiniLM encoder, fitted to the clean
    training reviews.

    Args:
        folder: Where attacked files go.
        progress: Called with (what is done, steps done, steps in all).
    """
    folder.mkdir(parents=True, exist_ok=True)
    steps = len(DATA) * len(RECIPES) + len(RECIPES) + 2
    step = iter(range(1, steps + 1))
    files = []
    for name in DATA:
        for recipe in RECIPES:
            files += _attack(name, recipe, folder)
            progress(f"{recipe} on {name}", next(step), steps)
    encoder = SentenceEncoder.from_pretrained(minilm_directory())
    texts, labels = _texts(load_card("reviews").format("train"))
    model = LogisticRegression(max_iter=1000)
    model.fit(encoder.encode(texts), labels)
    progress("classifier fitted", next(step), steps)

    def right(texts: Sequence[str]) -> NDArray[np.bool_]:
        return np.asarray(model.predict(encoder.encode(texts)) == gold)

    clean, gold = _texts(load_card("reviews").format("test"))
    clean_right = right(clean)
    demo = Demo(len(texts), len(clean), [Row(None, 0.0, accuracy(clean_right), None)], files)
    progress("clean reviews", next(step), steps)
    for recipe in RECIPES:
        made = Attack.load(recipe).texts(clean)
        attacked_right = right(made.texts)
        changed = len(set(zip(made.edits.example.tolist(), made.edits.word.tolist(), strict=True))) / made.tally.words
        demo.rows.append(Row(recipe, changed, accuracy(attacked_right), paired_loss(clean_right, attacked_right)))
        demo.flipped.extend(
            (recipe, clean[number], made.texts[number])
            for number in np.flatnonzero(clean_right & ~attacked_right)[:1].tolist()
        )
        progress(f"{recipe} reviews", next(step), steps)
    return demo


def _attack(name: str, recipe: str, folder: Path) -> list[Path]:
    """Attack a sample set and return the files written."""
    card = load_card(name)
    source = card.format(None)
    stem, _, suffix = source.path.name.partition(".")
    output = folder / f"{stem}.{recipe}.{suffix}"
    edits = folder / f"{stem}.{recipe}.edits.jsonl"
    attack_file(source, card.task, Attack.load(recipe), output, sink=source, edits=edits)
    return [output, edits]


def _texts(source: Format) -> tuple[list[str], NDArray[np.str_]]:
    records = [record for block in source.blocks() for record in source.parse(block).records]
    return [record["text"] for record in records], np.array([record["label"] for record in records])
