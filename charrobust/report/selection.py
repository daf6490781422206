"""What tables and figures take from results."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from charrobust.attackers.versions import CLEAN, GIVEN, WORST, AttackInfo
from charrobust.perturb.operators.base import LEVELS
from charrobust.report.names import attack_title, is_part, mark_of
from charrobust.report.typos import example_typos
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
        title: The same in plain words, as ``attack drop, 25 % of words``.
        mark: What sets it apart from the average case: ``worst case``, ``worst of 5 draws``; empty where nothing does.
        level: What the recipe acts on, as ``letters``; empty where there is none.
        typo: An edit of it, as ``movie → moive``; empty where none is known.
    """

    name: str
    title: str
    mark: str = ""
    level: str = ""
    typo: str = ""

    @property
    def main(self) -> str:
        """The title up to its first comma, which says what; what follows says how much."""
        return self.title.partition(", ")[0]

    @property
    def rest(self) -> str:
        """What follows the first comma of the title."""
        return self.title.partition(", ")[2]


@dataclass(frozen=True)
class Curve:
    """One recipe at several severities.

    Attributes:
        title: The recipe, and its operator where it was cut down to one, as ``attack drop``.
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
    """Return the versions that have scores: clean, the attacks by the level of their recipes, the worst case."""
    return [*_labels_of(results, by_level(_scored_attacks(results))), *_worst_case(results)]


def main_versions(results: Results) -> list[VersionLabel]:
    """Return the versions that tell the story: one of each recipe, searches, files, and the worst case.

    A recipe stands as it was asked for, or else at its highest severity; single operators and other severities are
    left out.
    """
    chosen: dict[tuple[str, str | None], AttackInfo] = {}
    for attack in by_level(_scored_attacks(results)):
        if is_part(attack):
            continue
        # Of what only a search or a file has, nothing else is the same.
        key = (attack.recipe or attack.name, attack.name if attack.search or attack.is_worst else None)
        before = chosen.get(key)
        if before is None or _strength(attack) > _strength(before):
            chosen[key] = attack
    return [*_labels_of(results, chosen.values()), *_worst_case(results)]


def _strength(attack: AttackInfo) -> float:
    """Return what the version of a recipe that stands for it has most of."""
    if attack.name == attack.recipe:
        return float("inf")
    return attack.severity or 0.0


def by_level(attacks: Iterable[AttackInfo]) -> list[AttackInfo]:
    """Return attacks in the order of the levels that their recipes act on, and otherwise in the order given.

    Args:
        attacks: The attacks.

    Returns:
        Clean first, then recipes from letters to sentences, then what has no level, as files.
    """
    return sorted(attacks, key=_rank)


def _rank(attack: AttackInfo) -> int:
    if attack.name == CLEAN:
        return -1
    return LEVELS.index(attack.level) if attack.level in LEVELS else len(LEVELS)


def has_levels(results: Results) -> bool:
    """Tell whether recipes of several levels were scored, so that it matters which."""
    return len({attack.level for attack in results.attacks if attack.level}) > 1


def labels_by_attack(results: Results) -> dict[str, VersionLabel]:
    """Return what each attack is called, by its name."""
    return {label.name: label for label in [*_labels_of(results, results.attacks), *_worst_case(results)]}


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
    return _labels_of(results, filter(is_part, _drawn_attacks(results)))


def severity_curves(results: Results) -> list[Curve]:
    """Return each recipe that was used at two severities or more."""
    by_recipe: dict[tuple[str, str | None], dict[float, AttackInfo]] = defaultdict(dict)
    for attack in _drawn_attacks(results):
        if attack.recipe is not None and attack.severity is not None:
            # A curve has one point a severity: that of the first version, should two share it.
            operator = attack.operator if is_part(attack) else None
            by_recipe[attack.recipe, operator].setdefault(attack.severity, attack)
    curves = []
    for (recipe, operator), by_severity in by_recipe.items():
        attacks = tuple(by_severity[severity] for severity in sorted(by_severity))
        # Where no text changed there is no curve: a line would say that nothing was lost.
        if len(attacks) > 1 and any(attack.edits for attack in attacks):
            curves.append(Curve(_curve_title(recipe, operator), attacks))
    return curves


def without_effect(results: Results) -> list[str]:
    """Return the titles of the attacks that changed no text, of recipes at all severities together."""
    edits: dict[str, float] = {}
    for attack in results.attacks:
        if attack.name != CLEAN:
            title = f"attack {attack.recipe}" if attack.recipe else attack_title(attack)
            edits[title] = edits.get(title, 0.0) + attack.edits
    return [title for title, most in edits.items() if not most]


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
    return _labels_of(results, (attack for attack in results.attacks if attack.name in names))


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
    """Return the case of an attack in full, as cards tell it."""
    if attack.case == GIVEN:
        return "given file"
    return attack.case


def _labels_of(results: Results, attacks: Iterable[AttackInfo]) -> list[VersionLabel]:
    typos = example_typos(results)
    titles = _titles(results)
    labels: dict[str, VersionLabel] = {}
    for attack in attacks:
        # An attack that made a version for each system is one row.
        labels[attack.name] = VersionLabel(
            name=attack.name,
            title=titles[attack.name],
            mark=mark_of(attack),
            level=attack.level or "",
            typo=typos.get(attack.name, ""),
        )
    return list(labels.values())


def _titles(results: Results) -> dict[str, str]:
    """Return the title of each attack by its name: short ones, where these tell attacks apart."""
    infos = {attack.name: attack for attack in results.attacks}
    short = {name: attack_title(attack) for name, attack in infos.items()}
    counts = Counter(short.values())
    titles: dict[str, str] = {}
    for name, attack in infos.items():
        title = short[name] if counts[short[name]] == 1 else attack_title(attack, budget=True)
        titles[name] = f"attack {name}" if title in titles.values() else title
    return titles


def _worst_case(results: Results) -> list[VersionLabel]:
    """Return the worst case over all attacks, where it has scores: it is put together, and is none of them."""
    if WORST not in _scored_names(results):
        return []
    return [VersionLabel(WORST, "worst attack of each text", WORST)]


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
    if operator is None:
        return f"attack {recipe}"
    return f"attack {recipe}, {operator} only"
