"""Scores of what systems said of versions of a data set, wherever they were asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from operator import attrgetter

from charrobust.attackers.versions import CLEAN, WORST, AttackInfo, Version, worst_info, worst_name
from charrobust.datasets.dataset import DataSet
from charrobust.environment import package_versions
from charrobust.progress import Progress, no_progress
from charrobust.scoring.evaluation.answers import Answers
from charrobust.scoring.evaluation.examples import choose_examples
from charrobust.scoring.evaluation.languages import language_scores
from charrobust.scoring.evaluation.outcomes import Outcome, outcome_of, worst_case
from charrobust.scoring.evaluation.results import Results, SplitScore
from charrobust.scoring.evaluation.scores import SystemScores, compare, score_system, scores_of
from charrobust.scoring.evaluation.searches import search_scores
from charrobust.scoring.evaluation.splits import Groups, split_scores
from charrobust.scoring.evaluation.transfers import transfers
from charrobust.scoring.intervals import check_confidence, check_enough
from charrobust.systems.labels import answer_names
from charrobust.tasks.base import Task
from charrobust.tasks.metrics import Metric, find_metrics

_SEED = 0  # of resampling and permutations


def score_answers(
    answers: Sequence[Answers],
    data: DataSet,
    versions: Sequence[Version],
    *,
    metrics: Sequence[str] = (),
    confidence: float = 0.95,
    progress: Progress = no_progress,
) -> Results:
    """Score answers.

    Args:
        answers: What each system said, of all versions that are for it.
        data: The clean data set.
        versions: Its versions, the clean one first.
        metrics: As for :func:`evaluate`.
        confidence: Level of all intervals.
        progress: As for :func:`evaluate`.

    Returns:
        As of :func:`evaluate`.

    Raises:
        UserError: No answer of a system is a label of the data set, or `confidence` does not lie between 0 and 1.
        DataError: There are fewer than two examples.
    """
    check_confidence(confidence)
    check_enough(len(data))
    told = list(data.notes())
    named: list[Answers] = []
    for of_system in answers:
        if not of_system.names:
            found = answer_names(of_system.info.name, data, of_system.in_order())
            of_system = replace(of_system, names=found.names)
            told += found.notes
        named.append(of_system)
    told += _without_tokenizer(named)
    reported = _metrics(data, named, metrics)
    outcomes = {each.info.name: _outcomes(data.task, versions, each) for each in named}
    scored = []
    for done, (name, of_versions) in enumerate(outcomes.items(), 1):
        scored.append(score_system(name, reported, _with_worst(of_versions, reported[0]), seed=_SEED))
        progress("scores", done, len(outcomes), {})
    splits = _splits(data, named, scored, confidence)
    scores = chain.from_iterable(scores_of(of_system, confidence) for of_system in scored)
    infos = _infos(versions)
    names_of_versions = [info.name for info in infos]
    examples = choose_examples(data.task, versions, outcomes)
    return Results(
        task=data.task.name,
        data=data.name,
        examples=len(data),
        confidence=confidence,
        metrics=tuple(map(attrgetter("name"), reported)),
        systems=tuple(map(attrgetter("info"), named)),
        attacks=tuple(infos),
        scores=tuple(scores),
        comparisons=tuple(compare(scored, list(dict.fromkeys(names_of_versions)), confidence, seed=_SEED)),
        splits=tuple(splits),
        shown=examples.shown,
        versions=package_versions(),
        notes=tuple(told),
        searches=tuple(search_scores(versions, confidence)),
        transfers=tuple(transfers(data.task, reported[0], versions, named, outcomes, confidence=confidence)),
        flipped=examples.flipped,
        languages=tuple(language_scores(data.examples_by_language, scored, confidence=confidence, seed=_SEED)),
    )


def _outcomes(task: Task, versions: Sequence[Version], answers: Answers) -> dict[str, Outcome]:
    """Return what a system made of each version, by name, in the words of the data set."""
    outcomes: dict[str, Outcome] = {}
    for version in (version for version in versions if version.is_for(answers.info.name)):
        outcomes[version.name] = outcome_of(task, version, answers.said[version.name], answers.names)
    return outcomes


def _infos(versions: Sequence[Version]) -> list[AttackInfo]:
    """Return what results say of the versions; behind one of several draws stands the worst of these."""
    infos = []
    for version in versions:
        infos.append(version.info)
        if version.info.draws > 1:
            infos.append(worst_info(version.info))
    return infos


def _with_worst(outcomes: dict[str, Outcome], metric: Metric) -> dict[str, Outcome]:
    """Add the worst draw of each version of several, and the worst case over all, where there are several."""
    scored: dict[str, Outcome] = {}
    attacked = []
    for name, outcome in outcomes.items():
        scored[name] = outcome
        if name == CLEAN:
            continue
        attacked.append(outcome)
        draws = len(outcome.grid[0])
        if draws > 1:
            scored[worst_name(name, draws)] = worst_case([outcome], metric)
    if len(attacked) > 1:
        scored[WORST] = worst_case(attacked, metric)
    return scored


def _metrics(data: DataSet, answers: Sequence[Answers], names: Sequence[str]) -> tuple[Metric, ...]:
    """Return the metrics of the task and those of names; labels that only models know come after those of the data."""
    of_models = chain.from_iterable(each.names.values() for each in answers)
    labels = tuple(dict.fromkeys([*data.classes, *of_models]))
    targets = [example.target for example in data.examples]
    others = [maker(data.task, targets, labels) for maker in find_metrics(names)]
    return (*data.task.metrics(targets, labels), *others)


def _without_tokenizer(answers: Sequence[Answers]) -> list[str]:
    """Return what to say of systems without a tokenizer."""
    names = ", ".join(each.info.name for each in answers if each.tokenizer is None)
    return [f"scores by whole and by split words are left out for {names}: no tokenizer is known"] if names else []


def _splits(
    data: DataSet, answers: Sequence[Answers], scored: Sequence[SystemScores], confidence: float
) -> list[SplitScore]:
    """Return the scores of systems by what their tokenizers do to the words; none of those without a tokenizer."""
    # Systems that differ in their defences alone share a tokenizer, and so the groups of the clean words.
    groups: dict[int, Groups] = {}
    splits: list[SplitScore] = []
    for of_system, scores in zip(answers, scored, strict=True):
        tokenizer = of_system.tokenizer
        if tokenizer is None:
            continue
        if id(tokenizer) not in groups:
            groups[id(tokenizer)] = Groups(data.task, data.examples, tokenizer)
        outcomes = {name: outcome for name, outcome in scores.outcomes.items() if name != WORST}
        splits += split_scores(
            groups[id(tokenizer)], scores.metrics[0], scores.system, outcomes, confidence=confidence, seed=_SEED
        )
    return splits
