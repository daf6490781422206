"""The main path: versions of a data set -> predictions of systems -> scores with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Any

from charrobust.attackers.plan import make_versions, plan_versions
from charrobust.attackers.versions import CLEAN, WORST, Version
from charrobust.datasets.dataset import DataSet
from charrobust.datasets.load import load_data
from charrobust.environment import package_versions
from charrobust.errors import check_lists
from charrobust.perturb import Attack
from charrobust.progress import Progress, no_progress
from charrobust.scoring.evaluation.examples import choose_examples
from charrobust.scoring.evaluation.outcomes import Outcome, worst_case
from charrobust.scoring.evaluation.results import Results, SplitScore
from charrobust.scoring.evaluation.scores import SystemScores, compare, score_system, scores_of
from charrobust.scoring.evaluation.splits import Groups, split_scores
from charrobust.scoring.intervals import check_enough
from charrobust.systems.labels import label_names, translated
from charrobust.systems.predictions import Predictions
from charrobust.systems.system import Asked, System, check_names, load_system
from charrobust.tasks.examples import Prediction
from charrobust.tasks.metrics import Metric

PREDICTIONS = "predictions"  # folder of what systems said, in an output folder
_SEED = 0  # of resampling and permutations


def evaluate(
    systems: Sequence[System | str | Path],
    data: DataSet | Any,
    attacks: Sequence[str | Path | Attack] = (),
    *,
    severities: Sequence[str | float] = (),
    per_operator: bool = False,
    seed: int | None = None,
    protect_patterns: Sequence[str] = (),
    batch_size: int = 32,
    output: Path | None = None,
    confidence: float = 0.95,
    progress: Progress = no_progress,
) -> Results:
    """Say what attacks do to systems.

    Args:
        systems: The systems, or ``[NAME=][DEFENCE+...]PATH``; see :func:`load_system`.
        data: The data set, or what :func:`load_data` makes one of.
        attacks: Recipes (``charbert``, ``drop@0.5``, ``mine.toml``), attacks, and files that are attacked already.
        severities: Severities at which each recipe is used besides its own.
        per_operator: Whether each recipe is used with each of its operators alone, too.
        seed: Seed of the recipes; None for their own.
        protect_patterns: Words that match one of these regular expressions stay.
        batch_size: Texts that a system which is loaded here reads at once, at most.
        output: Folder that keeps predictions, so that a rerun computes only what changed; None keeps none.
        confidence: Level of all intervals.
        progress: See :data:`charrobust.progress.Progress`; the stage is a system's name or ``scores``.

    Returns:
        All scores with their intervals, comparisons, and examples to look at.

    Raises:
        UserError: An attack or a system cannot be loaded, or a system does not fit the data.
        DataError: Attacked data do not line up with the clean ones, or there are fewer than two examples.
    """
    check_lists(systems=systems, attacks=attacks, severities=severities)
    data = load_data(data)
    check_enough(len(data))
    plans = plan_versions(
        attacks, severities=severities, per_operator=per_operator, seed=seed, protect_patterns=protect_patterns
    )
    versions = make_versions(data, plans)
    options = data.task.head_options(data.examples)
    loaded = []
    models: dict[str, Asked] = {}
    for system in systems:
        if not isinstance(system, System):
            system = load_system(
                str(system), batch_size=batch_size, options=options, asked=type(data.task), loaded=models
            )
        loaded.append(system)
    return evaluate_versions(loaded, data, versions, output=output, confidence=confidence, progress=progress)


def evaluate_versions(
    systems: Sequence[System],
    data: DataSet,
    versions: Sequence[Version],
    *,
    output: Path | None = None,
    confidence: float = 0.95,
    progress: Progress = no_progress,
) -> Results:
    """Evaluate systems on versions of a data set that are made already.

    Args:
        systems: The systems.
        data: The clean data set.
        versions: Its versions, the clean one first.
        output: As for :func:`evaluate`.
        confidence: Level of all intervals.
        progress: As for :func:`evaluate`.

    Returns:
        As of :func:`evaluate`.

    Raises:
        UserError: No system, two of one name, or one that does not fit the data.
        DataError: There are fewer than two examples.
    """
    check_enough(len(data))
    check_names(systems)
    names = {system.name: label_names(system, data) for system in systems}
    predictions = _predict(systems, versions, Predictions(output and output / PREDICTIONS), progress)
    metrics = _metrics(data, names)
    outcomes = {name: _outcomes(data, versions, predicted, names[name]) for name, predicted in predictions.items()}
    scored = []
    for done, (name, of_system) in enumerate(outcomes.items(), 1):
        scored.append(score_system(name, metrics, _with_worst(of_system, metrics[0]), seed=_SEED))
        progress("scores", done, len(outcomes), {})
    splits = _splits(data, systems, scored, confidence)
    scores = chain.from_iterable(scores_of(of_system, confidence) for of_system in scored)
    names_of_versions = [version.name for version in versions]
    return Results(
        task=data.task.name,
        data=data.name,
        examples=len(data),
        confidence=confidence,
        metrics=tuple(map(attrgetter("name"), metrics)),
        systems=tuple(map(attrgetter("info"), systems)),
        attacks=tuple(map(attrgetter("info"), versions)),
        scores=tuple(scores),
        comparisons=tuple(compare(scored, names_of_versions, confidence, seed=_SEED)),
        splits=tuple(splits),
        shown=choose_examples(data.task, versions, outcomes),
        versions=package_versions(),
        notes=tuple(data.notes()),
    )


def _predict(
    systems: Sequence[System], versions: Sequence[Version], cache: Predictions, progress: Progress
) -> dict[str, list[Prediction]]:
    """Return what each system says of all versions, one after the other."""
    examples = list(chain.from_iterable(version.examples for version in versions))
    return {system.name: cache.of(system, examples, progress) for system in systems}


def _outcomes(
    data: DataSet, versions: Sequence[Version], predictions: Sequence[Prediction], names: dict[str, str]
) -> dict[str, Outcome]:
    """Return what one system made of each version, by name."""
    named = translated(data.task, predictions, names)
    outcomes = {}
    for number, version in enumerate(versions):
        targets = [example.target for example in version.examples]
        of_version = named[number * len(data) : (number + 1) * len(data)]
        outcomes[version.name] = Outcome(data.task, targets, of_version)
    return outcomes


def _with_worst(outcomes: dict[str, Outcome], metric: Metric) -> dict[str, Outcome]:
    """Add the worst case over attacks, where there are several."""
    attacked = [outcome for name, outcome in outcomes.items() if name != CLEAN]
    return outcomes | ({WORST: worst_case(attacked, metric)} if len(attacked) > 1 else {})


def _metrics(data: DataSet, names: dict[str, dict[str, str]]) -> tuple[Metric, ...]:
    """Return the metrics; labels that only models know come after those of the data."""
    of_models = chain.from_iterable(known.values() for known in names.values())
    labels = tuple(dict.fromkeys([*data.classes, *of_models]))
    return data.task.metrics([example.target for example in data.examples], labels)


def _splits(
    data: DataSet, systems: Sequence[System], scored: Sequence[SystemScores], confidence: float
) -> list[SplitScore]:
    """Return the scores of systems by what their tokenizers do to the words; none of those without a tokenizer."""
    # Systems that differ in their defences alone share a tokenizer, and so the groups of the clean words.
    groups: dict[int, Groups] = {}
    splits: list[SplitScore] = []
    for system, scores in zip(systems, scored, strict=True):
        tokenizer = getattr(system.predictor, "tokenizer", None)
        if tokenizer is None:
            continue
        if id(tokenizer) not in groups:
            groups[id(tokenizer)] = Groups(data.task, data.examples, tokenizer)
        outcomes = {name: outcome for name, outcome in scores.outcomes.items() if name != WORST}
        splits += split_scores(
            groups[id(tokenizer)], scores.metrics[0], system.name, outcomes, confidence=confidence, seed=_SEED
        )
    return splits
