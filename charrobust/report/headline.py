"""What was found, in plain words."""

from __future__ import annotations

from charrobust.attackers.versions import CLEAN, WORST, AttackInfo
from charrobust.report.selection import main_scores, system_names
from charrobust.report.wording import listed, points
from charrobust.scoring.evaluation.results import Results, Score


def headline(results: Results) -> str:
    """Say what the main attack takes from the first system, and from the other that scores highest under it."""
    scores, names = main_scores(results), system_names(results)
    first = names[0]
    sentence = f"On clean text {first} scores {_points_of(scores.get((first, CLEAN)))}"
    attack = _main_attack(results)
    if attack is None:
        return f"{sentence}."
    attacked = scores.get((first, attack.name))
    if attacked is None or attacked.lost is None:
        return f"{sentence}."
    sentence = f"{sentence}; {_attacker(attack)} {_takes(attacked)}"
    others = {}
    for name in names[1:]:
        if (name, attack.name) in scores:
            others[name] = scores[name, attack.name]
    if not others:
        return f"{sentence}."
    # The most robust system is the one left with the highest score: one that was bad before has little to lose.
    best = max(others, key=lambda name: others[name].value.value)
    clean = _points_of(scores.get((best, CLEAN)))
    return f"{sentence}; with {best}, which scores {clean}, they {_takes(others[best])}."


def worst_case(results: Results) -> str:
    """Say what is left in the worst case; empty if it was not measured."""
    scores = main_scores(results)
    parts = []
    for name in system_names(results):
        score = scores.get((name, WORST))
        if score is not None:
            parts.append(f"{name} keeps {points(score.value.value)}")
    if not parts:
        return ""
    return f"If each example meets the attack that hurts it most (worst case), {listed(parts)}."


def _main_attack(results: Results) -> AttackInfo | None:
    """Return the attack that takes most from the first system, of whole recipes and files if there are any."""
    scores, first = main_scores(results), results.systems[0].name
    made = [attack for attack in results.attacks if attack.name != CLEAN and not attack.is_worst]
    attacks = [attack for attack in made if (first, attack.name) in scores]
    # One operator of a recipe is a part of it: the headline is about the whole where both are there.
    whole = [attack for attack in attacks if attack.operator is None]
    return max(whole or attacks, key=lambda attack: _lost(scores[first, attack.name]), default=None)


def _attacker(attack: AttackInfo) -> str:
    if attack.case == "given":
        return f"the edits of {attack.name}"
    return f"typos ({attack.name}, {attack.case})"


def _takes(score: Score) -> str:
    """Say what an attack takes; or that it may take nothing."""
    lost = _lost(score)
    verb = f"take {points(lost)} points"
    if lost < 0:
        verb = f"add {points(-lost)} points"
    # An interval that holds 0 does not tell a loss from a gain.
    if score.lost is not None and score.lost.low <= 0 <= score.lost.high:
        return f"{verb}, which may be chance"
    return verb


def _lost(score: Score) -> float:
    if score.lost is None:
        return 0.0
    return score.lost.value


def _points_of(score: Score | None) -> str:
    if score is None:
        return points(None)
    return points(score.value.value)
