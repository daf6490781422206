"""What tables and figures take from results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from charrobust.attackers.versions import WORST, AttackInfo
from charrobust.scoring.evaluation.results import Results, Score, SplitScore
from charrobust.scoring.sensitivity.results import Sensitivity, SentenceMap

GROUPS = ("whole", "split")


@dataclass(frozen=True)
class VersionLabel:
    """A version of the data.

    Attributes:
        name: Name of the attack, ``clean`` or ``worst case``.
        case: ``clean``, ``average case``, ``given file`` or ``worst case``.
    """

    name: str
    case: str


@dataclass(frozen=True)
class Curve:
    """One recipe at several severities.

    Attributes:
        title: The recipe, and its operator where it was cut down to one.
        attacks: The versions, the mildest first.
    """

    title: str
    attacks: tuple[AttackInfo, ...]


@dataclass(frozen=True)
class WordMap:
    """The heat map of a sentence in one channel of one model.

    Attributes:
        title: Model and channel.
        found: The values.
    """

    title: str
    found: SentenceMap


def system_names(results: Results) -> list[str]:
    """Return the names of the systems."""
    return [system.name for system in results.systems]


def main_scores(results: Results) -> dict[tuple[str, str], Score]:
    """Return the main metric's score for each (system, version)."""
    return {(score.system, score.attack): score for score in results.scores if score.metric == results.metrics[0]}


def scored_versions(results: Results) -> list[VersionLabel]:
    """Return the versions that have scores: clean, the attacks, the worst case."""
    scored = {score.attack for score in results.scores}
    return _labels_of(_scored(results)) + ([VersionLabel(WORST, WORST)] if WORST in scored else [])


def operator_versions(results: Results) -> list[VersionLabel]:
    """Return the versions made by one operator alone."""
    return _labels_of([attack for attack in _scored(results) if attack.operator is not None])


def severity_curves(results: Results) -> list[Curve]:
    """Return each recipe that was used at two severities or more."""
    groups: dict[tuple[str, str | None], dict[float, AttackInfo]] = defaultdict(dict)
    for attack in _scored(results):
        if attack.recipe is not None and attack.severity is not None:
            groups[attack.recipe, attack.operator].setdefault(attack.severity, attack)
    return [
        Curve(_title(recipe, operator), tuple(attack for _, attack in sorted(found.items())))
        for (recipe, operator), found in groups.items()
        if len(found) > 1
    ]


def split_scores(results: Results) -> dict[tuple[str, str, str], SplitScore]:
    """Return the main metric's score for each (system, version, kind of words)."""
    found = [score for score in results.splits if score.metric == results.metrics[0]]
    return {(score.system, score.attack, score.group): score for score in found}


def split_versions(results: Results) -> list[VersionLabel]:
    """Return the versions with scores by kind of words, in the order of the attacks."""
    found = {attack for _, attack, _ in split_scores(results)}
    return _labels_of([attack for attack in results.attacks if attack.name in found])


def word_maps(sensitivity: Sensitivity) -> list[list[WordMap]]:
    """Return the heat maps of each sentence, of every model and channel."""
    found: dict[int, list[WordMap]] = defaultdict(list)
    for model in sensitivity.models:
        for each in model.maps:
            title = f"{model.model}, {each.channel} channel" if len(model.channels) > 1 else model.model
            found[each.sentence].append(WordMap(title, each))
    return list(found.values())


def highest(maps: Sequence[Sequence[WordMap]]) -> float:
    """Return the largest value of some heat maps; at least a little, so that it can be divided by."""
    return max((v for each in maps for m in each for row in m.found.values for v in row), default=0) or 1e-6


def case_of(attack: AttackInfo) -> str:
    """Return the case of an attack as readers see it."""
    return "given file" if attack.case == "given" else attack.case


def _labels_of(attacks: Sequence[AttackInfo]) -> list[VersionLabel]:
    return [VersionLabel(attack.name, case_of(attack)) for attack in attacks]


def _scored(results: Results) -> list[AttackInfo]:
    """Return the versions with scores."""
    scored = {score.attack for score in results.scores}
    return [attack for attack in results.attacks if attack.name in scored]


def _title(recipe: str, operator: str | None) -> str:
    return recipe if operator in (None, recipe) else f"{recipe}/{operator}"
