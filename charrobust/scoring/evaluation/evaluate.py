"""The main path: versions of a data set -> predictions of systems -> scores with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

from charrobust.attackers.versions import Version, make_versions, plan_versions
from charrobust.datasets.dataset import DataSet
from charrobust.perturb import Attack
from charrobust.scoring.evaluation.outcomes import Outcome, worst_case
from charrobust.scoring.evaluation.results import CLEAN, WORST, Results, SplitScore
from charrobust.scoring.evaluation.scores import Sheet, compare, make_sheet, scores_of
from charrobust.scoring.evaluation.shown import shown_examples
from charrobust.scoring.evaluation.splits import Groups, split_scores
from charrobust.scoring.intervals import check_enough
from charrobust.scoring.stored import package_versions
from charrobust.systems.labels import label_names, translated
from charrobust.systems.predictions import Predictions
from charrobust.systems.system import System, check_names, load_system
from charrobust.tasks.examples import Prediction
from charrobust.tasks.metrics import Metric, metrics_for

PREDICTIONS = "predictions"  # folder of what systems said, in an output folder
_SEED = 0  # of resampling and permutations
Progress = Callable[[str, int, int], object]


def evaluate(
    systems: Sequence[System | str | Path],
    data: DataSet,
    attacks: Sequence[str | Path | Attack] = (),
    *,
    severities: Sequence[str | float] = (),
    per_operator: bool = False,
    seed: int | None = None,
    batch_size: int = 32,
    output: Path | None = None,
    confidence: float = 0.95,
    progress: Progress = lambda *_: None,
) -> Results:
    """Say what attacks do to systems.

    Args:
        systems: The systems, or ``[NAME=][DEFENCE+...]PATH``; see :func:`load_system`.
        data: The data set: :func:`read_data` reads one, :func:`plain_data` makes one of lists.
        attacks: Recipes (``charbert``, ``drop@0.5``, ``mine.toml``), attacks, and files that are attacked already.
        severities: Severities at which each recipe is used besides its own.
        per_operator: Whether each recipe is used with each of its operators alone, too.
        seed: Seed of the recipes; None for their own.
        batch_size: Texts that a system which is loaded here reads at once, at most.
        output: Folder that keeps predictions, so that a rerun computes only what changed; None keeps none.
        confidence: Level of all intervals.
        progress: Called with (what is done: a system's name or ``scores``, steps done, steps in all).

    Raises:
        UserError: An attack or a system cannot be loaded, or a system does not fit the data.
        DataError: Attacked data do not line up with the clean ones, or there are fewer than two examples.
    """
    check_enough(len(data))
    plans = plan_versions(attacks, severities=severities, per_operator=per_operator, seed=seed)
    versions = make_versions(data, plans)
    no_answer = any(not example.target for example in data.examples) if data.task.name == "qa" else False
    load = partial(load_system, batch_size=batch_size, no_answer=no_answer)
    loaded = [system if isinstance(system, System) else load(str(system)) for system in systems]
    return evaluate_versions(loaded, data, versions, output=output, confidence=confidence, progress=progress)


def evaluate_versions(
    systems: Sequence[System],
    data: DataSet,
    versions: Sequence[Version],
    *,
    output: Path | None = None,
    confidence: float = 0.95,
    progress: Progress = lambda *_: None,
) -> Results:
    """Evaluate systems on versions of a data set that are made already.

    Args:
        systems: The systems.
        data: The clean data set.
        versions: Its versions, the clean one first.
        output: As for :func:`evaluate`.
        confidence: Level of all intervals.
        progress: As for :func:`evaluate`.

    Raises:
        UserError: No system, two of one name, or one that does not fit the data.
        DataError: There are fewer than two examples.
    """
    check_enough(len(data))
    check_names(systems)
    names = {system.name: label_names(system, data) for system in systems}
    told = _predict(systems, versions, Predictions(output and output / PREDICTIONS), progress)
    metrics = _metrics(data, names)
    outcomes = {name: _outcomes(data, versions, told[name], names[name]) for name in told}
    sheets = []
    for done, (name, made) in enumerate(outcomes.items(), 1):
        sheets.append(make_sheet(name, metrics, _with_worst(made, metrics[0]), _SEED))
        progress("scores", done, len(outcomes))
    return Results(
        task=data.task.name,
        data=data.name,
        examples=len(data),
        confidence=confidence,
        metrics=tuple(metric.name for metric in metrics),
        systems=tuple(system.info for system in systems),
        attacks=tuple(version.info for version in versions),
        scores=tuple(chain.from_iterable(scores_of(sheet, confidence) for sheet in sheets)),
        comparisons=tuple(compare(sheets, [version.name for version in versions], confidence, _SEED)),
        splits=tuple(chain.from_iterable(map(partial(_splits, data, confidence), systems, sheets))),
        shown=shown_examples(versions, outcomes),
        versions=package_versions(),
    )


def _predict(
    systems: Sequence[System], versions: Sequence[Version], predictions: Predictions, progress: Progress
) -> dict[str, list[Prediction]]:
    """Return what each system says of all versions, one after the other."""
    examples = list(chain.from_iterable(version.examples for version in versions))
    told = {}
    for system in systems:
        report = partial(_report, progress, system.name, predictions.missing(system, examples))
        report(0)
        told[system.name] = predictions.of(system, examples, report)
    return told


def _report(progress: Progress, name: str, total: int, done: int) -> None:
    progress(name, done, total)


def _outcomes(
    data: DataSet, versions: Sequence[Version], told: Sequence[Prediction], names: dict[str, str]
) -> dict[str, Outcome]:
    """Return what one system made of each version, by name."""
    said = translated(told, names)
    return {
        version.name: Outcome(
            data.task.name,
            [example.target for example in version.examples],
            said[number * len(data) : (number + 1) * len(data)],
        )
        for number, version in enumerate(versions)
    }


def _with_worst(outcomes: dict[str, Outcome], metric: Metric) -> dict[str, Outcome]:
    """Add the worst case over attacks, where there are several."""
    attacked = [outcome for name, outcome in outcomes.items() if name != CLEAN]
    return outcomes | ({WORST: worst_case(attacked, metric)} if len(attacked) > 1 else {})


def _metrics(data: DataSet, names: dict[str, dict[str, str]]) -> tuple[Metric, ...]:
    """Return the metrics; classes that only models know come after those of the data."""
    told = (label for known in names.values() for label in known.values())
    labels = tuple(dict.fromkeys([*data.classes, *told])) if data.task.name == "classification" else ()
    return metrics_for(data.task, [example.target for example in data.examples], labels)


def _splits(data: DataSet, confidence: float, system: System, sheet: Sheet) -> list[SplitScore]:
    groups = Groups(data.task.name, data.examples, system.predictor.tokenizer)
    outcomes = {name: outcome for name, outcome in sheet.outcomes.items() if name != WORST}
    return split_scores(groups, sheet.metrics[0], system.name, outcomes, confidence, _SEED)
