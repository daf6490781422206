"""What tables and figures take from results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from charrobust.attackers.versions import WORST, AttackInfo
from charrobust.scoring.evaluation.results import Results, Score, SplitScore
from charrobust.scoring.intervals import Interval
from charrobust.scoring.sensitivity.results import Sensitivity, SentenceMap

GROUPS = ("whole", "split")
_SMALLEST_TOP = 1e-6  # stands for a largest value of 0, which nothing can be divided by


@dataclass(frozen=True)
class VersionLabel:
    """What a version of the data is called where readers see it.

    Attributes:
        name: Name of the attack, ``clean`` or ``worst case``.
        case: ``clean``, ``average case``, ``given file``, ``worst case of greedy`` or ``worst case``.
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
        sentence_map: The words and their values.
    """

    title: str
    sentence_map: SentenceMap


def system_names(results: Results) -> list[str]:
    """Return the names of the systems."""
    return [system.name for system in results.systems]


def main_scores(results: Results) -> dict[tuple[str, str], Score]:
    """Return the main metric's score for each (system, version)."""
    scores = {}
    for score in results.scores:
        if score.metric == results.metrics[0]:
            scores[score.system, score.attack] = score
    return scores


def main_values(results: Results) -> dict[tuple[str, str], Interval]:
    """Return the main metric's value for each (system, version)."""
    return {key: score.value for key, score in main_scores(results).items()}


def scored_versions(results: Results) -> list[VersionLabel]:
    """Return the versions that have scores: clean, the attacks, the worst case."""
    labels = _labels_of(_scored_attacks(results))
    # The worst case is put together from the attacks: it has scores, but is none of them.
    if WORST in _scored_names(results):
        labels.append(VersionLabel(WORST, WORST))
    return labels


def labels_by_attack(results: Results) -> dict[str, VersionLabel]:
    """Return what each attack is called, by its name."""
    return {label.name: label for label in _labels_of(results.attacks)}


def searched_attacks(results: Results, over: str) -> list[str]:
    """Return the names of the searches that have a curve: over ``queries`` all, over ``edits`` those of two or more."""
    names = []
    for search in results.searches:
        points = search.by_queries if over == "queries" else search.by_edits[1:]
        if len(points) > 1:
            names.append(search.attack)
    return list(dict.fromkeys(names))


def operator_versions(results: Results) -> list[VersionLabel]:
    """Return the versions made by one operator alone."""
    return _labels_of(attack for attack in _drawn_attacks(results) if attack.operator is not None)


def severity_curves(results: Results) -> list[Curve]:
    """Return each recipe that was used at two severities or more."""
    by_recipe: dict[tuple[str, str | None], dict[float, AttackInfo]] = defaultdict(dict)
    for attack in _drawn_attacks(results):
        if attack.recipe is not None and attack.severity is not None:
            # A curve has one point a severity: that of the first version, should two share it.
            by_recipe[attack.recipe, attack.operator].setdefault(attack.severity, attack)
    curves = []
    for (recipe, operator), by_severity in by_recipe.items():
        if len(by_severity) > 1:
            attacks = tuple(by_severity[severity] for severity in sorted(by_severity))
            curves.append(Curve(_curve_title(recipe, operator), attacks))
    return curves


def split_scores(results: Results) -> dict[tuple[str, str, str], SplitScore]:
    """Return the main metric's score for each (system, version, kind of words)."""
    by_group = {}
    for score in results.splits:
        if score.metric == results.metrics[0]:
            by_group[score.system, score.attack, score.group] = score
    return by_group


def split_versions(results: Results) -> list[VersionLabel]:
    """Return the versions with scores by kind of words, in the order of the attacks."""
    names = {attack for _, attack, _ in split_scores(results)}
    return _labels_of(attack for attack in results.attacks if attack.name in names)


def word_maps(sensitivity: Sensitivity) -> list[list[WordMap]]:
    """Return the heat maps of each sentence, of every model and channel."""
    by_sentence: dict[int, list[WordMap]] = defaultdict(list)
    for model in sensitivity.models:
        for sentence_map in model.maps:
            title = model.model
            if len(model.channels) > 1:
                title = f"{model.model}, {sentence_map.channel} channel"
            by_sentence[sentence_map.sentence].append(WordMap(title, sentence_map))
    return list(by_sentence.values())


def highest(maps: Sequence[Sequence[WordMap]]) -> float:
    """Return the largest value of some heat maps; at least a little, so that it can be divided by."""
    top = 0.0
    for word_map in chain.from_iterable(maps):
        for values in word_map.sentence_map.values:
            top = max([top, *values])
    return top or _SMALLEST_TOP


def case_of(attack: AttackInfo) -> str:
    """Return the case of an attack as readers see it."""
    if attack.case == "given":
        return "given file"
    return attack.case


def _labels_of(attacks: Iterable[AttackInfo]) -> list[VersionLabel]:
    # An attack that made a version for each system is one row.
    labels = {attack.name: VersionLabel(attack.name, case_of(attack)) for attack in attacks}
    return list(labels.values())


def _scored_names(results: Results) -> set[str]:
    """Return the names of the versions with scores."""
    return {score.attack for score in results.scores}


def _scored_attacks(results: Results) -> list[AttackInfo]:
    """Return the attacks with scores."""
    names = _scored_names(results)
    return [attack for attack in results.attacks if attack.name in names]


def _drawn_attacks(results: Results) -> list[AttackInfo]:
    """Return the attacks with scores, without the worst draws of each."""
    return [attack for attack in _scored_attacks(results) if not attack.is_worst]


def _curve_title(recipe: str, operator: str | None) -> str:
    if operator in (None, recipe):
        return recipe
    return f"{recipe}/{operator}"
