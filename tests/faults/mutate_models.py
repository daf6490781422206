"""Directories of tiny models, damaged at random: each is refused with one message, or gives finite scores of its own.

``python -m tests.faults.mutate_models FILES SEED`` prints the counts, and every fault.
"""

from __future__ import annotations

import logging
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from transformers.utils import logging as transformers_logging

from charrobust.models.semi_character import SemiCharacterConfig, SemiCharacterRecogniser
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.tasks.registry import task_class
from tests.faults.damage import damaged_bytes, damaged_json
from tests.faults.running import Ended, call
from tests.systems.tiny import examples, save_model

_TASKS = {"bert": "classification", "charbert": "classification", "roberta": "tagging"}
_HEADER = 8  # bytes that say how long the header of a safetensors file is


class RandomWeightsError(Exception):
    """Two loads of the same files gave different scores."""


def mutate(files: int, seed: int) -> Counter[str]:
    """Damage files of models at random, and ask the models as commands do.

    Args:
        files: How many.
        seed: Seed of the damage.

    Returns:
        How often models with each damaged file answered, were refused, or made a fault, whose message is in its name.
    """
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place, _silence():
        models = _models(Path(place))
        rng = random.Random(seed)
        for _ in range(files):
            name = rng.choice(list(models))
            folder = models[name]
            path = folder / rng.choice(sorted(_names(folder)))
            before = path.read_bytes()
            _damage(path, rng)
            ended = _asked(name, folder)
            path.write_bytes(before)
            fault = f": {ended.told}" if ended.is_fault else ""
            counts[f"{name}, {path.name}: {ended.kind}{fault}"] += 1
    return counts


def _models(place: Path) -> dict[str, Path]:
    """Return the folder of each model: with heads, and a word recogniser that stands before one."""
    models = {family: save_model(place / family, family, task) for family, task in _TASKS.items()}
    torch.manual_seed(1)
    network = SemiCharacterRecogniser(SemiCharacterConfig(alphabet="abcdef", hidden_size=8, word_size=6), ["ab", "cd"])
    network.save(place / "recogniser")
    return {**models, "recogniser": place / "recogniser"}


def _names(folder: Path) -> list[str]:
    """Return the names of the files of a model that are read."""
    return [path.name for path in folder.iterdir() if path.suffix in (".json", ".safetensors")]


def _damage(path: Path, rng: random.Random) -> None:
    """Damage a file by its kind."""
    content = path.read_bytes()
    if path.suffix == ".json":
        path.write_bytes(damaged_json(content, rng))
    elif rng.random() < 0.5:
        path.write_bytes(damaged_bytes(content, rng))
    else:
        length = int.from_bytes(content[:_HEADER], "little")
        header = damaged_json(content[_HEADER : _HEADER + length], rng)
        path.write_bytes(len(header).to_bytes(_HEADER, "little") + header + content[_HEADER + length :])


def _asked(name: str, folder: Path) -> Ended:
    """Ask a model, and once more with other random numbers: its scores must not come from those."""
    asked: Callable[[], None]
    if name == "recogniser":
        task, path = "classification", f"{folder}+{folder.parent / 'bert'}"
    else:
        task, path = _TASKS[name], str(folder)
    asked = _Question(path, task)
    return call(asked)


class _Question:
    """Loads a system by its path, as commands do, and asks it twice."""

    def __init__(self, path: str, task: str) -> None:
        self.path, self.task = path, task

    def __call__(self) -> None:
        first, second = self._answers(1), self._answers(2)
        if first != second:
            raise RandomWeightsError(self.path)

    def _answers(self, seed: int) -> str:
        torch.manual_seed(seed)
        system = load_system(self.path, SystemOptions(task=task_class(self.task), device="cpu"))
        some = examples(system.task.name)
        scores = system.scores(some)
        if scores is not None and not np.isfinite(scores).all():
            raise ValueError("scores that are not finite")
        return f"{scores} {system.predict(some)}"


@contextmanager
def _silence() -> Iterator[None]:
    """Keep the library from writing reports and bars by the thousand, and from asking the hub."""
    transformers_logging.disable_progress_bar()
    logging.disable(logging.WARNING)
    before = os.environ.get("HF_HUB_OFFLINE")
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        if before is None:
            del os.environ["HF_HUB_OFFLINE"]
        else:
            os.environ["HF_HUB_OFFLINE"] = before


if __name__ == "__main__":
    for kind, count in sorted(mutate(int(sys.argv[1]), int(sys.argv[2])).items()):
        print(count, kind)  # noqa: T201
