"""What a pre-training run writes about itself beside its weights, and the files of its folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from charrobust.environment import package_versions
from charrobust.errors import UserError
from charrobust.perturb import load_recipe
from charrobust.training.corpora import source_name
from charrobust.training.manifest import read_manifest, recipe_digest
from charrobust.training.pretraining.configuration import Configuration, parse_configuration
from charrobust.training.pretraining.word_list import read_word_list
from charrobust.training.run import RunKind

CORPUS = "corpus"
EVALUATION = "evaluation"
VOCABULARY = "word_vocabulary.json"
WARM_START = "warm_start.safetensors"
WARM_START_STATE = "warm_start_state.safetensors"
PRETRAINING = RunKind(
    manifest="pretraining.json",
    settings=Configuration,
    fixed=("corpus", "evaluation", "processes", "digests"),
    optional=("corpus", "evaluation"),  # the packed text is there
    content="the word list",
    early=(CORPUS, EVALUATION, VOCABULARY, WARM_START, WARM_START_STATE, "runs"),  # the last: of TensorBoard
)


def new_manifest(
    configuration: Configuration,
    corpus: Sequence[str | Path],
    *,
    evaluation: Sequence[str | Path],
    processes: int,
    language: str | None = None,
) -> dict[str, Any]:
    """Return the manifest of a run that begins.

    Args:
        configuration: What the run is made of.
        corpus: Text to train on; the names of files are recorded, not the folders that they lie in.
        evaluation: Text to measure on.
        processes: Number of processes that train.
        language: Language of the corpus, such as ``en``.

    Returns:
        The manifest, without anything measured yet.

    Raises:
        UserError: The recipe or the word list cannot be read.
    """
    digests = {"recipe": recipe_digest(load_recipe(configuration.data.recipe))}
    if configuration.data.words:
        digests["words"] = read_word_list(configuration.data.words).digest
    return {
        "configuration": asdict(configuration),
        "corpus": list(map(source_name, corpus)),
        "evaluation": list(map(source_name, evaluation)),
        "processes": processes,
        "digests": digests,
        "language": language,
        "versions": package_versions(),
    }


def configuration_of_run(output: Path) -> Configuration:
    """Return the configuration of a run that was begun in a folder.

    Args:
        output: Folder of the run.

    Returns:
        The configuration.

    Raises:
        UserError: There is no such run.
    """
    content = read_manifest(output, PRETRAINING.manifest)
    if not isinstance(content.get("configuration"), dict):
        raise UserError(f"{output / PRETRAINING.manifest} is no manifest of a run; begin a new one in another folder")
    return parse_configuration(content["configuration"])
