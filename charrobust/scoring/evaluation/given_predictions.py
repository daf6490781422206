"""Predictions that were made elsewhere, scored as those of a system that is asked here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from charrobust.attackers.versions import Version
from charrobust.datasets.dataset import DataSet
from charrobust.errors import UserError, hint
from charrobust.progress import Progress, no_progress
from charrobust.scoring.attacked_folder.manifest import read_manifest
from charrobust.scoring.attacked_folder.read import LabelMap, read_attacked
from charrobust.scoring.evaluation.answers import Answers
from charrobust.scoring.evaluation.prediction_files import find_systems, read_answers
from charrobust.scoring.evaluation.prediction_rows import prediction_in
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.evaluation.score_answers import score_answers
from charrobust.scoring.intervals import check_confidence
from charrobust.systems.system import SystemInfo
from charrobust.tasks.answers import plain
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.metrics import find_metrics

SOURCE = "given predictions"  # what results say of where such a system came from
Said = Mapping[str, Sequence[Sequence[Prediction]]]


def score(
    folder: str | Path,
    predictions: Sequence[str | Path],
    *,
    name: str | None = None,
    label_map: LabelMap = (),
    metrics: Sequence[str] = (),
    confidence: float = 0.95,
    progress: Progress = no_progress,
) -> Results:
    """Score files of predictions for a folder that ``charrobust attack`` wrote.

    Args:
        folder: The folder.
        predictions: ``FILE`` whose name is that of a version's file (``clean.csv``), ``VERSION=FILE`` with another
            name, or ``[NAME=]FOLDER`` of a system with such a file for each version. CSV, TSV, JSON Lines, JSON and
            Parquet files have columns ``prediction`` and, where the order does not tell, ``id``; a text file has a
            prediction a line.
        name: Name of the system whose files are given one by one.
        label_map: Other names for labels, of the data or of the predictions, as for :func:`.load_data`.
        metrics: As for :func:`.evaluate`.
        confidence: Level of all intervals.
        progress: See :data:`charrobust.progress.Progress`.

    Returns:
        The results, as :func:`.evaluate` returns them.

    Raises:
        UserError: A version has no predictions, a file is of no version, or `confidence` does not lie between 0 and 1.
        DataError: A prediction is missing, given twice, or none of the task; with file, line and id.
    """
    check_confidence(confidence)
    find_metrics(metrics)  # refuses unknown ones at once
    manifest = read_manifest(Path(folder))
    # Before the data are read: a missing file is told at once.
    systems = find_systems(manifest.parts, predictions, name)
    data, versions = read_attacked(folder, label_map=label_map)
    said = {system.name: read_answers(system, data, versions) for system in systems}
    return _scored(data, versions, said, metrics=metrics, confidence=confidence, progress=progress)


def score_predictions(
    data: DataSet,
    versions: Sequence[Version],
    predictions: Mapping[str, Mapping[str, Sequence[Any]]],
    *,
    metrics: Sequence[str] = (),
    confidence: float = 0.95,
    progress: Progress = no_progress,
) -> Results:
    """Score predictions that were made elsewhere.

    Args:
        data: The clean data set.
        versions: Its versions, the clean one first; of :func:`.read_attacked`, or of :func:`.make_versions` without
            systems: what a search found is of the system that it asked.
        predictions: By the name of a system and of a version, an answer for each example in order: a label, a number,
            a list of tags, ..., as a function returns them; of a version of several draws a list of answers for each.
        metrics: As for :func:`.evaluate`.
        confidence: Level of all intervals.
        progress: See :data:`charrobust.progress.Progress`.

    Returns:
        The results, as :func:`.evaluate` returns them.

    Raises:
        UserError: A version has no predictions, or not one for each example, or one is none of the task; or a version
            is of a search.
        DataError: There are fewer than two examples.
    """
    _check_of_all(versions)
    said: dict[str, Said] = {}
    for system, of_versions in predictions.items():
        if not isinstance(of_versions, Mapping):
            raise UserError(
                f"expected the predictions of system {system!r} by version, got {type(of_versions).__name__}"
            )
        _check_versions(system, of_versions, versions)
        said[system] = {
            version.name: _of_version(system, data.task, version, of_versions[version.name]) for version in versions
        }
    if not said:
        raise UserError("there are no `predictions` to score; give those of one system or more, by its name")
    return _scored(data, versions, said, metrics=metrics, confidence=confidence, progress=progress)


def _check_of_all(versions: Sequence[Version]) -> None:
    """Refuse versions that are of one system alone.

    Raises:
        UserError: With the version.
    """
    for version in versions:
        if version.info.system is not None:
            raise UserError(
                f"the version {version.name!r} is what a search found against {version.info.system!r}, and given "
                "predictions are scored on versions for all systems; leave it out, or ask the systems themselves with "
                "`evaluate_versions`"
            )


def _check_versions(system: str, given: Mapping[str, Any], versions: Sequence[Version]) -> None:
    """Refuse predictions for other versions than there are.

    Raises:
        UserError: With the version.
    """
    wanted = [version.name for version in versions]
    for name in given:
        if name not in wanted:
            raise UserError(f"system {system!r} has predictions for an unknown version {name!r}; {hint(name, wanted)}")
    for name in wanted:
        if name not in given:
            raise UserError(f"system {system!r} has no predictions for the version {name!r}; all: {', '.join(wanted)}")


def _of_version(system: str, task: Task, version: Version, answers: Sequence[Any]) -> list[list[Prediction]]:
    """Return the predictions for each draw of a version.

    Raises:
        UserError: There are more or fewer answers than examples, or an answer is no prediction.
    """
    draws = [answers] if len(version.draws) == 1 else list(answers)
    where = f"system {system!r}, version {version.name!r}"
    if len(draws) != len(version.draws):
        raise UserError(f"{where}: expected a list of predictions for each of {len(version.draws)} draws")
    found: list[list[Prediction]] = []
    for examples, of_draw in zip(version.draws, draws, strict=True):
        listed = list(map(plain, plain(of_draw)))
        if len(listed) != len(examples):
            raise UserError(f"{where}: expected {len(examples)} predictions, one for each example, got {len(listed)}")
        found.append([_prediction(where, task, *pair) for pair in zip(listed, examples, strict=True)])
    return found


def _prediction(where: str, task: Task, answer: Any, example: Example) -> Prediction:
    """Return an answer as a prediction.

    Raises:
        UserError: It is none.
    """
    try:
        return prediction_in(task, answer, example)
    except UserError as error:
        raise UserError(f"{where}, example {example.id}: {error}") from error


def _scored(
    data: DataSet,
    versions: Sequence[Version],
    said: Mapping[str, Said],
    *,
    metrics: Sequence[str],
    confidence: float,
    progress: Progress,
) -> Results:
    """Score predictions, by system and version."""
    answers = [Answers(_info(name, of_system), _of_one_seed(of_system)) for name, of_system in said.items()]
    return score_answers(answers, data, versions, metrics=metrics, confidence=confidence, progress=progress)


def _info(name: str, said: Said) -> SystemInfo:
    """Return what results say of a system: all that is known of it is what it said."""
    digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()
    return SystemInfo(name, SOURCE, (), digest)


def _of_one_seed(said: Said) -> dict[str, list[Sequence[Sequence[Prediction]]]]:
    return {version: [draws] for version, draws in said.items()}
