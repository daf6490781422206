"""What a pre-training run writes about itself beside its weights, and what it checks there before it goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from charrobust.environment import package_versions
from charrobust.perturb import load_recipe
from charrobust.settings import differences
from charrobust.training.corpora import source_name
from charrobust.training.manifest import METRICS, read_manifest, recipe_digest, refuse_differences
from charrobust.training.pretraining.configuration import Configuration, parse_configuration

MANIFEST = "pretraining.json"
CORPUS = "corpus"
EVALUATION = "evaluation"
VOCABULARY = "word_vocabulary.json"
WARM_START = "warm_start.safetensors"
BEFORE_CHECKPOINTS = {MANIFEST, METRICS, CORPUS, EVALUATION, VOCABULARY, WARM_START, "runs"}  # the last: TensorBoard


def new_manifest(
    configuration: Configuration, corpus: Sequence[str | Path], evaluation: Sequence[str | Path], processes: int
) -> dict[str, Any]:
    """Return the manifest of a run that begins.

    Args:
        configuration: What the run is made of.
        corpus: Text to train on; the names of files are recorded, not the folders that they lie in.
        evaluation: Text to measure on.
        processes: Number of processes that train.
    """
    return {
        "configuration": asdict(configuration),
        "corpus": [source_name(source) for source in corpus],
        "evaluation": [source_name(source) for source in evaluation],
        "processes": processes,
        "recipe": recipe_digest(load_recipe(configuration.data.recipe)),
        "versions": package_versions(),
    }


def configuration_of_run(output: Path) -> Configuration:
    """Return the configuration of a run that was begun in a folder.

    Raises:
        UserError: There is no such run.
    """
    return parse_configuration(read_manifest(output, MANIFEST)["configuration"])


def check_same(output: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Check that a run may go on as another was begun, and return the manifest brought up to date.

    Args:
        output: Its folder.
        manifest: The manifest of the run that would go on; a corpus that is not given is the same.

    Raises:
        UserError: They differ in more than how long the run is and what it writes; the message names all differences.
    """
    old = read_manifest(output, MANIFEST)
    before, now = (parse_configuration(each["configuration"]) for each in (old, manifest))
    found = differences(before, now)
    for name in ("corpus", "evaluation", "processes", "recipe"):
        if manifest[name] and manifest[name] != old.get(name):
            found.append(f"{name}: {old.get(name)}, now {manifest[name]}")
    refuse_differences(output, found)
    return old | {name: manifest[name] for name in ("configuration", "versions")}
