"""What a run writes about itself beside its weights, and what it checks there before it goes on."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from charrobust.errors import UserError
from charrobust.tasks.formats.base import replacing
from charrobust.training.configuration import Configuration, differences, parse_configuration

RECORD = "pretraining.json"
METRICS = "metrics.jsonl"
CORPUS = "corpus"
EVALUATION = "evaluation"
VOCABULARY = "word_vocabulary.json"
WARM_START = "warm_start.safetensors"
_BEFORE_CHECKPOINTS = {RECORD, METRICS, CORPUS, EVALUATION, VOCABULARY, WARM_START, "runs"}  # the last: TensorBoard
_PACKAGES = ("charrobust", "torch", "transformers", "accelerate", "tokenizers", "numpy")


def new_record(
    configuration: Configuration, corpus: Sequence[str | Path], evaluation: Sequence[str | Path], processes: int
) -> dict[str, Any]:
    """Return the record of a run that begins.

    Args:
        configuration: What the run is made of.
        corpus: Text to train on; the names of files are recorded, not the folders that they lie in.
        evaluation: Text to measure on.
        processes: Number of processes that train.
    """
    return {
        "configuration": asdict(configuration),
        "corpus": [_name(source) for source in corpus],
        "evaluation": [_name(source) for source in evaluation],
        "processes": processes,
        "versions": versions(),
    }


def _name(source: str | Path) -> str:
    return str(source) if str(source).startswith("hub:") else Path(source).name


def claim(
    output: Path, record: Mapping[str, Any], name: str = RECORD, early: Collection[str] = _BEFORE_CHECKPOINTS
) -> None:
    """Make the folder of a new run, and write its record; what a run left that never wrote a checkpoint goes.

    Args:
        output: The folder.
        record: The record.
        name: Its file.
        early: What a run writes before its first checkpoint.

    Raises:
        UserError: The folder cannot be written, or holds a run or something else already.
    """
    found = {path.name for path in output.iterdir()} if output.is_dir() else set()
    if found and not (name in found and found <= set(early)):
        remedy = "go on with --resume, or give another name" if name in found else "give another name"
        raise UserError(f"the output {output} exists and is not empty; {remedy}")
    try:
        if found:
            shutil.rmtree(output)
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write {output}: {error.strerror}; give a folder that can be written") from error
    write_record(output, record, name)


def write_record(output: Path, record: Mapping[str, Any], name: str = RECORD) -> None:
    """Write the record of a run.

    Raises:
        UserError: The folder cannot be written.
    """
    with replacing(output / name) as path:
        path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_record(output: Path, name: str = RECORD) -> dict[str, Any]:
    """Read the record of a run.

    Raises:
        UserError: There is none, or it is broken.
    """
    path = output / name
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{output} holds no run to resume: cannot read {path.name}; leave out --resume") from error
    except ValueError as error:
        raise UserError(f"{path} is no valid JSON file: {error}; begin a new run in another folder") from error
    return dict(content)


def versions() -> dict[str, str]:
    """Return the version of Python and of each package that a run depends on."""
    return {"python": sys.version.split()[0]} | {package: version(package) for package in _PACKAGES}


def recorded_configuration(output: Path) -> Configuration:
    """Return the configuration of a run that was begun in a folder.

    Raises:
        UserError: There is no such run.
    """
    return parse_configuration(read_record(output)["configuration"])


def check_same(output: Path, record: Mapping[str, Any]) -> dict[str, Any]:
    """Check that a run may go on as another was begun, and return the record brought up to date.

    Args:
        output: Its folder.
        record: The record of the run that would go on; a corpus that is not given is the same.

    Raises:
        UserError: They differ in more than how long the run is and what it writes; the message names all differences.
    """
    old = read_record(output)
    found = differences(*(parse_configuration(each["configuration"]) for each in (old, record)))
    for name in ("corpus", "evaluation", "processes"):
        if record[name] and record[name] != old[name]:
            found.append(f"{name}: {old[name]}, now {record[name]}")
    refuse_differences(output, found)
    return old | {name: record[name] for name in ("configuration", "versions")}


def refuse_differences(output: Path, found: Sequence[str]) -> None:
    """Refuse to go on where anything differs.

    Raises:
        UserError: With all that differs.
    """
    if found:
        raise UserError(
            f"the run in {output} cannot go on with another configuration; {'; '.join(found)}. Give the values of "
            "the run, or begin a new one in another folder"
        )
