"""Results, manifests, logs, predictions, recipes and endpoints, damaged at random: each gives a result or one message.

``python -m tests.faults.mutate_files FILES SEED`` prints the counts, and every fault.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from charrobust.scoring.evaluation.results_file import write_results
from charrobust.scoring.fragility.results import Fragility
from charrobust.scoring.intervals import Interval
from charrobust.systems.naming import SystemOptions, load_system
from charrobust.systems.predictions import Predictions, key_of
from charrobust.tasks.examples import Example
from charrobust.tasks.registry import task_class
from charrobust.training.finetuning.settings import load_finetuning
from charrobust.training.pretraining.configuration import load_configuration
from charrobust.training.pretraining.manifest import configuration_of_run
from tests.faults.damage import damaged_bytes, damaged_json, damaged_toml
from tests.faults.running import Ended, call, run
from tests.report import sample_results

Damage = Callable[[bytes, random.Random], bytes]

_TEXTS = ["the weather of the north", "typing errors change words", "a wonderful café", "storms and words"]
_RECIPE = """summary = "Of a user"
source = "nobody"
seed = 3

[words]
share = 0.5
min_length = 3
skip = ["numbers"]
protect = ['[@#]+']

[[operators]]
name = "drop"
weight = 2.0

[[operators]]
name = "keyboard"
"""
_ENDPOINT = """url = "http://127.0.0.1:9/predict"
batch = 2

[request]
body = { inputs = "{texts}" }

[answer]
path = "predictions"

[limits]
timeout = 1.0
workers = 2

[price]
per_call = 0.5
"""
_FINETUNING = """model = "minilm"

[training]
epochs = 2
learning_rate = 1e-4
"""
_PRETRAINING = """backbone = "minilm"

[data]
block_size = 64

[training]
steps = 10
"""


@dataclass(frozen=True)
class Target:
    """A file to damage, and what reads it.

    Attributes:
        path: The file.
        damage: How it is damaged.
        read: What is done with it.
    """

    path: Path
    damage: Damage
    read: Callable[[], Ended]


def mutate(files: int, seed: int) -> Counter[str]:
    """Damage files at random, and read them as users would.

    Args:
        files: How many.
        seed: Seed of the damage.

    Returns:
        How often each kind of file was read, refused, or made a fault; a fault's message is part of its name.
    """
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        made = dict(targets(Path(folder)))
        for name, target in made.items():
            undamaged = target.read()
            if undamaged.kind != "done":
                raise AssertionError(f"{name} is not read undamaged: {undamaged.told}")
        rng = random.Random(seed)
        for _ in range(files):
            name = rng.choice(list(made))
            with damaged(made[name], rng):
                ended = made[name].read()
            counts[f"{name}: {ended.kind}{f': {ended.told}' if ended.is_fault else ''}"] += 1
    return counts


@contextmanager
def damaged(target: Target, rng: random.Random) -> Iterator[None]:
    """Damage a file, and put it back."""
    before = target.path.read_bytes()
    target.path.write_bytes(target.damage(before, rng))
    try:
        yield
    finally:
        target.path.write_bytes(before)


def targets(folder: Path) -> Iterator[tuple[str, Target]]:
    """Write files, and yield what is to be damaged by name."""
    page = folder / "page"
    results = write_results(sample_results.regression(), folder / "results.json")
    yield "results.json", Target(results, damaged_json, partial(run, "report", results, "-o", page))
    inside = folder / "sensitivity.json"
    sample_results.sensitivity().save(inside)
    told = partial(run, "report", results, "--sensitivity", inside, "-o", page)
    yield "sensitivity.json", Target(inside, damaged_json, told)
    fragile = folder / "fragility.json"
    _fragility().save(fragile)
    yield "fragility.json", Target(fragile, damaged_json, partial(call, Fragility.load, fragile))
    yield from _of_attacks(folder)
    yield from _of_settings(folder)
    yield "kept predictions", _kept(folder / "kept")


def _of_attacks(folder: Path) -> Iterator[tuple[str, Target]]:
    """Attack data, and yield the files of the attacks."""
    data, attacked = folder / "data.jsonl", folder / "attacked"
    rows = [{"text": text, "label": label} for text, label in zip(_TEXTS * 4, ["bad", "good"] * 8, strict=True)]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    made = run("attack", data, "--task", "classification", "--recipe", "charbert", "--output", f"{attacked}/")
    if made.kind != "done":
        raise AssertionError(made.told)
    predictions = folder / "predictions"
    predictions.mkdir()
    for name in ("clean", "attacked"):
        lines = ["id,prediction", *(f"{number},good" for number in range(len(rows)))]
        (predictions / f"{name}.csv").write_text("\n".join(lines) + "\n")
    score = partial(run, "score", attacked, "-p", f"mine={predictions}")
    yield "versions.json", Target(attacked / "versions.json", damaged_json, score)
    yield "edit log as Parquet", Target(attacked / "attacked.edits.parquet", damaged_bytes, score)
    yield "attacked data", Target(attacked / "attacked.jsonl", damaged_bytes, score)
    yield "predictions", Target(predictions / "attacked.csv", damaged_bytes, score)
    other, log = folder / "other.jsonl", folder / "log.jsonl"
    made = run("attack", data, "--task", "classification", "--recipe", "charbert", "--output", other, "--edits", log)
    if made.kind != "done":
        raise AssertionError(made.told)
    revert = partial(run, "revert", other, "--edits", log, "--output", folder / "reverted.jsonl")
    yield "edit log", Target(log, _damaged_line, revert)


def _damaged_line(content: bytes, rng: random.Random) -> bytes:
    """Damage one line of JSON Lines, or any bytes."""
    lines = content.splitlines(keepends=True)
    number = rng.choice([0, rng.randrange(len(lines))])
    lines[number] = damaged_json(lines[number], rng) + b"\n"
    return b"".join(lines)


def _of_settings(folder: Path) -> Iterator[tuple[str, Target]]:
    """Write settings, and yield them."""
    recipe = folder / "mine.toml"
    recipe.write_text(_RECIPE)
    given = (folder / "data.jsonl", "--task", "classification")
    attack = partial(run, "attack", *given, "--force", "--recipe", recipe, "--output", folder / "mine.jsonl")
    yield "recipe", Target(recipe, damaged_toml, attack)
    endpoint = folder / "endpoint.toml"
    endpoint.write_text(_ENDPOINT)
    options = SystemOptions(task=task_class("classification"), labels=("bad", "good"))
    yield "endpoint", Target(endpoint, damaged_toml, partial(call, load_system, str(endpoint), options))
    tuning, pretraining = folder / "finetuning.toml", folder / "pretraining.toml"
    tuning.write_text(_FINETUNING)
    pretraining.write_text(_PRETRAINING)
    yield "settings of fine-tuning", Target(tuning, damaged_toml, partial(call, load_finetuning, tuning, {}))
    yield "settings of pre-training", Target(pretraining, damaged_toml, partial(call, load_configuration, pretraining))
    begun = folder / "run"
    begun.mkdir()
    manifest = begun / "pretraining.json"
    manifest.write_text(json.dumps({"configuration": {"backbone": "minilm", "training": {"steps": 10}}}))
    yield "pretraining.json", Target(manifest, damaged_json, partial(call, configuration_of_run, begun))


class _Named:
    """Stands for a system whose predictions are kept."""

    name, task, reusable, fingerprint = "a model", task_class("classification"), True, "abc"


def _kept(folder: Path) -> Target:
    """Return predictions that are kept between runs."""
    example = Example("1", (_TEXTS[0],), None)
    folder.mkdir()
    path = folder / "abc.jsonl"
    path.write_text(json.dumps({"key": key_of(example), "prediction": "good"}) + "\n")
    return Target(path, damaged_json, lambda: call(lambda: Predictions(folder).missing(_Named(), [example])))  # type: ignore[arg-type]


def _fragility() -> Fragility:
    """Return a measurement, made up."""
    from charrobust.scoring.fragility.results import EditFragility, GroupFragility, TokenizerFragility

    share = Interval(0.5, 0.4, 0.6)
    edits = (EditFragility("all", 10, share, share, share),)
    groups = (GroupFragility("all", 20, share, 1.5, edits),)
    return Fragility("data", "charbert", "0.4", 1, 0.95, (TokenizerFragility("minilm", 100, 0, groups),), {})


if __name__ == "__main__":
    for kind, count in sorted(mutate(int(sys.argv[1]), int(sys.argv[2])).items()):
        print(count, kind)  # noqa: T201
