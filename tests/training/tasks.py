"""Tiny fine-tuning runs: data that a model can learn, and small configurations."""

from __future__ import annotations

import json
import random
from pathlib import Path

from charrobust.datasets import DataSet, load_data
from charrobust.tasks.base import Task
from charrobust.tasks.classification.record import Classification
from charrobust.tasks.examples import Example
from charrobust.tasks.qa.record import QuestionAnswering
from charrobust.tasks.regression.record import Regression
from charrobust.tasks.tagging.record import Tagging
from charrobust.training.finetuning.settings import FinetuningConfiguration, parse_finetuning

TASKS: dict[str, Task] = {
    "classification": Classification(("text",)),
    "regression": Regression(("text",)),
    "tagging": Tagging(),
    "qa": QuestionAnswering(),
}
WORDS = ["the", "wonderful", "weather", "of", "north", "typing", "errors", "change", "words", "storms", "in"]
SMALL = {
    "training.epochs": 2,
    "training.batch_size": 8,
    "training.learning_rate": 3e-3,
    "training.log_every": 1,
}


def examples(task: str, count: int = 40, seed: int = 0, words: int = 5) -> list[Example]:
    """Return random sentences; all that is asked is where the word "storms" stands, or whether it does."""
    draw = random.Random(seed)
    found = []
    for number in range(count):
        sentence = draw.choices(WORDS[:-2], k=words)
        place = draw.randrange(words)
        there = number % 2 == 0
        if there:
            sentence[place] = "storms"
        text = " ".join(sentence)
        start = text.find("storms")
        name = str(number)
        if task == "tagging":
            found.append(Example(name, tuple(sentence), tuple("B-X" if word == "storms" else "O" for word in sentence)))
        elif task == "qa":
            spans = ((start, start + 6),) if there else ()
            found.append(Example(name, ("typing errors?", text), ("storms",) if there else (), spans))
        else:
            target = float(there) if task == "regression" else ("bad" if there else "good")
            found.append(Example(name, (text,), target))
    return found


def data_of(name: str, task: str, given: list[Example]) -> DataSet:
    """Return a data set of some examples."""
    several = TASKS[task].pretokenized or task == "qa"
    inputs = [example.texts if several else example.texts[0] for example in given]
    return load_data(inputs, [example.target for example in given], task=task, name=name)


def data(task: str, count: int = 40, **options: int) -> tuple[DataSet, DataSet]:
    """Return what is trained on, and what is measured on."""
    train, dev = examples(task, count, **options), examples(task, 20, seed=9, **options)
    return data_of("train", task, train), data_of("dev", task, dev)


def small(model: Path | str, **changes: object) -> FinetuningConfiguration:
    """Return a small configuration; keys of sections are written ``section__key``."""
    named = {key.replace("__", "."): value for key, value in changes.items()}
    return parse_finetuning({"model": str(model)}, SMALL | named)


def entries(folder: Path, key: str = "loss") -> list[dict[str, float]]:
    """Return the log entries that hold a metric."""
    lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [entry for entry in map(json.loads, lines) if key in entry]
