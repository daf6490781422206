"""What was found, in plain words."""

from __future__ import annotations

from charrobust.attackers.versions import CLEAN, WORST, AttackInfo
from charrobust.report.selection import main_scores, system_names
from charrobust.report.wording import listed, points
from charrobust.scoring.evaluation.results import Results, Score


def headline(results: Results) -> str:
    """Say what the main attack takes from the first system, and from the other that scores highest under it."""
    found, names = main_scores(results), system_names(results)
    base = names[0]
    start = f"On clean text {base} scores {points(_value(found.get((base, CLEAN))))}"
    attack = _main_attack(results)
    lost = found.get((base, attack.name)) if attack else None
    if attack is None or lost is None or lost.lost is None:
        return f"{start}."
    sentence = f"{start}; {_attacker(attack)} {_takes(lost)}"
    others = {name: found[name, attack.name] for name in names[1:] if (name, attack.name) in found}
    if not others:
        return f"{sentence}."
    best = max(others, key=lambda name: others[name].value.value)
    clean = points(_value(found.get((best, CLEAN))))
    return f"{sentence}; with {best}, which scores {clean}, they {_takes(others[best])}."


def worst_case(results: Results) -> str:
    """Say what is left in the worst case; empty if it was not measured."""
    found = main_scores(results)
    names = [name for name in system_names(results) if (name, WORST) in found]
    left = listed([f"{name} keeps {points(found[name, WORST].value.value)}" for name in names])
    return f"If each example meets the attack that hurts it most (worst case), {left}." if names else ""


def _main_attack(results: Results) -> AttackInfo | None:
    """Return the attack that takes most from the first system, of whole recipes and files if there are any."""
    found, base = main_scores(results), results.systems[0].name
    attacks = [attack for attack in results.attacks if attack.name != CLEAN and (base, attack.name) in found]
    whole = [attack for attack in attacks if attack.operator is None] or attacks
    return max(whole, key=lambda attack: _lost(found[base, attack.name]), default=None)


def _attacker(attack: AttackInfo) -> str:
    if attack.case == "given":
        return f"the edits of {attack.name}"
    return f"typos ({attack.name}, {attack.case})"


def _takes(score: Score) -> str:
    """Say what an attack takes; or that it may take nothing."""
    lost = _lost(score)
    taken = f"take {points(lost)} points" if lost >= 0 else f"add {points(-lost)} points"
    chance = score.lost is not None and score.lost.low <= 0 <= score.lost.high
    return f"{taken}, which may be chance" if chance else taken


def _lost(score: Score) -> float:
    return score.lost.value if score.lost else 0.0


def _value(score: Score | None) -> float | None:
    return score.value.value if score else None
