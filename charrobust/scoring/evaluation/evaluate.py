"""The main path: versions of a data set -> predictions of systems -> scores with intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from charrobust.attackers.attacker import Attacker
from charrobust.attackers.plan import make_versions, plan_attackers
from charrobust.attackers.versions import Version
from charrobust.datasets.dataset import DataSet
from charrobust.datasets.engines import LOCAL
from charrobust.datasets.load import load_data
from charrobust.errors import UserError, check_lists
from charrobust.perturb import Attack
from charrobust.progress import Progress, no_progress
from charrobust.scoring.evaluation.answers import Answers
from charrobust.scoring.evaluation.results import Results
from charrobust.scoring.evaluation.score_answers import score_answers
from charrobust.scoring.evaluation.searches import (
    check_one_process,
    check_screen,
    check_search_costs,
    screening_notes,
)
from charrobust.scoring.evaluation.transfers import found_elsewhere
from charrobust.scoring.intervals import check_confidence, check_enough
from charrobust.systems.actors import driver_options, spread
from charrobust.systems.endpoint.cost import Budget
from charrobust.systems.estimate import Estimate
from charrobust.systems.labels import label_names
from charrobust.systems.naming import SystemOptions, as_system, check_used
from charrobust.systems.predictions import Predictions
from charrobust.systems.share import ALL, Share, ShareDone
from charrobust.systems.system import System, check_names
from charrobust.tasks.examples import Example, Prediction
from charrobust.tasks.learners import LINEAR
from charrobust.tasks.metrics import find_metrics

PREDICTIONS = "predictions"  # folder of what systems said, in an output folder
SEARCHES = "searches"  # folder of what searches found, record by record
ANSWERS = "answers"  # folder of what came back of calls that are slow or cost money, word by word
Confirm = Callable[[Estimate], bool]


def evaluate(
    systems: Sequence[Any],
    data: DataSet | Any,
    attacks: Sequence[str | Path | Attack | Attacker] = (),
    *,
    severities: Sequence[str | float] = (),
    per_operator: bool = False,
    seed: int | None = None,
    draws: int = 1,
    language: str | Path | None = None,
    protect_patterns: Sequence[str] = (),
    search_budget: int | None = None,
    batch_size: int = 32,
    device: str | None = None,
    endpoint: str | None = None,
    budget: float | None = None,
    fit_on: DataSet | Any | None = None,
    fit: str = LINEAR,
    gate_on: DataSet | Any | None = None,
    trust_types: Sequence[str] = (),
    trust_remote_code: bool = False,
    segmentation_dropout: float = 0.0,
    index: str | None = None,
    screen: bool = False,
    confirm: Confirm | None = None,
    metrics: Sequence[str] = (),
    output: str | Path | None = None,
    engine: str = LOCAL,
    workers: int | None = None,
    share: Share = ALL,
    confidence: float = 0.95,
    progress: Progress = no_progress,
) -> Results:
    """Say what attacks do to systems.

    Args:
        systems: The systems: functions, pipelines of scikit-learn, ``[NAME=][DEFENCE+...]PATH``, or what else
            :meth:`.System.of` takes.
        data: The data set, or what :func:`load_data` makes one of.
        attacks: Recipes (``charbert``, ``drop@0.5``, ``charbert:de``, ``mine.toml``), attacks, files that are
            attacked already, searches (``worst:charbert:greedy:2``, ``worst:standard``), and attackers.
        severities: Severities at which each recipe is used besides its own.
        per_operator: Whether each recipe is used with each of its operators alone, too.
        seed: Seed of the recipes that are named; None for their own. Refused where none is, as are a language and
            protected patterns.
        draws: How often the edits of a recipe are drawn, each time with the next seed: scores are means over the draws,
            with their spread, and beside them stands the worst draw of each example.
        language: Code of the language that recipes are put into, or the path of its file; None for their own.
        protect_patterns: Words that match one of these regular expressions stay.
        search_budget: Queries that a search may ask about an example, at most; None for the search's own limits.
        batch_size: Texts that a system which is loaded here reads at once, at most.
        device: Where models run that are loaded here: ``cpu``, ``cuda``, ``cuda:1``, ``mps``; None for a GPU where
            there is one.
        endpoint: How models behind an address are asked: ``kserve-v2``, ``openai-chat`` or a TOML file.
        budget: What the calls of this run to models behind an address may cost, in the currency of their prices; None
            for any amount.
        fit_on: The data set, or what :func:`load_data` makes one of, that a classifier of the vectors of each encoder
            without a head is fitted on; models that have one for the task are used as they are. None refuses encoders.
        fit: What is fitted: ``linear`` or ``neighbours``.
        gate_on: The data set, or what :func:`load_data` makes one of, whose words gates before defences let stay.
        trust_types: Types that a file of skops may hold besides those that skops trusts, by their full names.
        trust_remote_code: Whether code that lies with a model is run.
        segmentation_dropout: The chance that a piece is passed over when the tokenizer of a model that is loaded here
            cuts words, see :class:`charrobust.models.segmentation.Segmentation`; 0 for its own cuts.
        index: In retrieval, the encoder whose vectors of the documents are searched by the queries of encoders that are
            loaded here; None for vectors of their own.
        screen: Whether searches ask models that are loaded here in half precision first
            (:class:`charrobust.systems.screened.Screened`).
        confirm: Is told what is still to be asked of a system that is slow or costs money, before that begins, and
            says whether to go on; None goes on.
        metrics: Names of metrics of other packages, which are reported beside those of the task.
        output: Folder that keeps predictions, so that a rerun computes only what changed; None keeps none.
        engine: Where systems that are named are asked: ``local``, ``ray``, or ``ray://HOST:PORT`` for a cluster.
        workers: Workers of Ray, each with a copy of the system; None for one a GPU, or else one a core.
        share: What of the inputs this process asks about, of several that are called alike; they need an ``output``.
        confidence: Level of all intervals.
        progress: See :data:`charrobust.progress.Progress`; the stage is a system's name, with that of a search before
            it, or ``scores``.

    Returns:
        All scores with their intervals, comparisons, and examples to look at.

    Raises:
        UserError: An attack or a system cannot be loaded, a system does not fit the data, it was not to go on, other
            ranks do not do their share, or `confidence` does not lie between 0 and 1.
        DataError: Attacked data do not line up with the clean ones, or there are fewer than two examples.
        ShareDone: This is not the first of several ranks, and its share is done.
    """
    check_confidence(confidence)
    check_lists(systems=systems, attacks=attacks, severities=severities, trust_types=trust_types, metrics=metrics)
    find_metrics(metrics)  # refuses unknown ones at once
    data = load_data(data)
    # Before versions are made and models loaded: that takes minutes.
    check_enough(len(data))
    attackers = plan_attackers(
        attacks,
        severities=severities,
        per_operator=per_operator,
        seed=seed,
        draws=draws,
        language=language,
        protect_patterns=protect_patterns,
        search_budget=search_budget,
        store=None if output is None else Path(output) / SEARCHES,
        progress=progress,
    )
    check_one_process(attackers, share, engine)
    check_screen(attackers, screen=screen)
    # Versions that no system is asked for come first: a file that does not line up is refused before models are loaded.
    versions = make_versions(data, [attacker for attacker in attackers if not attacker.asks])
    if budget is not None and not share.is_all:
        raise UserError(f"a `budget` is that of one process, and there are {share.ranks} ranks; run one")
    training = None if fit_on is None else load_data(fit_on)
    gate_data = None if gate_on is None else load_data(gate_on)
    options = SystemOptions.for_data(
        data,
        batch_size=batch_size,
        device=device,
        endpoint=endpoint,
        budget=None if budget is None else Budget(budget),
        fit_on=training,
        fit=fit,
        gate_on=gate_data,
        trust_types=trust_types,
        trust_remote_code=trust_remote_code,
        segmentation_dropout=segmentation_dropout,
        index=index,
        screen=screen,
    )
    # Models by path: systems that differ in their defences alone share one.
    models: dict[str, System] = {}
    here = driver_options(options, engine)
    loaded = [as_system(system, options=here, loaded=models) for system in systems]
    check_names(loaded)
    check_used(options, loaded)
    _keep(loaded, output)
    if confirm is not None:
        _confirm(loaded, data, versions, confirm)
    check_search_costs(attackers, loaded)
    searched = make_versions(data, [attacker for attacker in attackers if attacker.asks], loaded)[1:]
    versions = [*versions, *searched]
    with spread(systems, loaded, options, engine=engine, workers=workers) as asked:
        results = evaluate_versions(
            asked,
            data,
            versions,
            metrics=metrics,
            output=output,
            share=share,
            confidence=confidence,
            progress=progress,
        )
    return replace(results, notes=(*results.notes, *screening_notes(loaded), *_learnt(training, data)))


def evaluate_versions(
    systems: Sequence[System],
    data: DataSet,
    versions: Sequence[Version],
    *,
    metrics: Sequence[str] = (),
    output: str | Path | None = None,
    share: Share = ALL,
    confidence: float = 0.95,
    progress: Progress = no_progress,
) -> Results:
    """Evaluate systems on versions of a data set that are made already.

    Args:
        systems: The systems.
        data: The clean data set.
        versions: Its versions, the clean one first.
        metrics: As for :func:`evaluate`.
        output: As for :func:`evaluate`.
        share: As for :func:`evaluate`.
        confidence: Level of all intervals.
        progress: As for :func:`evaluate`.

    Returns:
        As of :func:`evaluate`.

    Raises:
        UserError: No system, two of one name, one that does not fit the data, other ranks that do not do their share,
            or a `confidence` that does not lie between 0 and 1.
        DataError: There are fewer than two examples.
        ShareDone: This is not the first of several ranks, and its share is done.
    """
    check_confidence(confidence)
    check_enough(len(data))
    check_names(systems)
    # Before any prediction: refuses a system that does not fit the data.
    names = {system.name: label_names(system, data) for system in systems}
    _keep(systems, output)
    cache = Predictions(None if output is None else Path(output) / PREDICTIONS, share)
    if not share.is_all:
        # All systems before the first is waited for: no rank stands idle while there is something to ask.
        for member, examples in _asked(systems, versions):
            cache.ask(member, examples, progress)
        if not share.is_first:
            raise ShareDone
    answers = [_ask(system, names[system.name], versions, cache=cache, progress=progress) for system in systems]
    return score_answers(answers, data, versions, metrics=metrics, confidence=confidence, progress=progress)


def _ask(
    system: System, names: dict[str, str], versions: Sequence[Version], *, cache: Predictions, progress: Progress
) -> Answers:
    """Return what each member of a system says of all draws of its versions."""
    own, others = _versions_for(system, versions), found_elsewhere(system.name, versions)
    said: dict[str, list[list[list[Prediction]]]] = {version.name: [] for version in own}
    said_of_others: dict[tuple[str, str], list[list[list[Prediction]]]] = {key: [] for key in others}
    for member in system.members:
        predictions = iter(cache.of(member, _examples_of([*own, *others.values()]), progress))
        for version in own:
            said[version.name].append([list(islice(predictions, len(draw))) for draw in version.draws])
        for key, version in others.items():
            said_of_others[key].append([list(islice(predictions, len(draw))) for draw in version.draws])
    return Answers(system.info, said, names, system.tokenizer, said_of_others)


def _asked(systems: Sequence[System], versions: Sequence[Version]) -> Iterator[tuple[System, list[Example]]]:
    """Go through all that is asked, and what about."""
    for system in systems:
        for member in system.members:
            yield member, _examples_of(_versions_for(system, versions))


def _versions_for(system: System, versions: Sequence[Version]) -> list[Version]:
    return [version for version in versions if version.is_for(system.name)]


def _examples_of(versions: Sequence[Version]) -> list[Example]:
    """Return the examples of all draws of versions.

    They are asked about in one call: an input that several share is asked once, and batches are of like length over
    all.
    """
    return list(chain.from_iterable(chain.from_iterable(version.draws for version in versions)))


def _learnt(training: DataSet | None, data: DataSet) -> list[str]:
    """Return what to say of examples that stand in the training set, too."""
    if training is None:
        return []
    known = {example.texts for example in training.examples}
    count = sum(example.texts in known for example in data.examples)
    if not count:
        return []
    return [f"WARNING: {count:,} of {len(data):,} examples of {data.name} are in the training set {training.name}, too"]


def _keep(systems: Sequence[System], output: str | Path | None) -> None:
    """Let systems keep what should not be asked twice, where there is a folder for it."""
    if output is None:
        return
    for system in systems:
        system.keep_in(Path(output) / ANSWERS)


def _confirm(systems: Sequence[System], data: DataSet, versions: Sequence[Version], confirm: Confirm) -> None:
    """Say what it takes to ask the systems, and have that confirmed.

    Raises:
        UserError: It was not.
    """
    for system in systems:
        label_names(system, data)  # one that does not fit is refused before anything is paid for
    draws = chain.from_iterable(version.draws for version in versions)
    examples = list(chain.from_iterable(draws))
    for member in chain.from_iterable(system.members for system in systems):
        found = member.estimate(examples)
        if found is not None and found.calls and not confirm(found):
            raise UserError(f"stopped before {found.system} was asked; what was answered before is kept")
