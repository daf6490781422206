"""Plain names of models and attacks, which cannot be taken for one another."""

from __future__ import annotations

from charrobust.attackers.versions import AVERAGE, CLEAN, GIVEN, WORST, AttackInfo
from charrobust.report.wording import counted, percent

LEVEL_NAMES = {"unicode": "Unicode", "misspellings": "real misspellings"}  # others are called as they are
_UNITS = {"sentences": "sentences"}  # what a share is of, by level; of words elsewhere


def system_title(name: str) -> str:
    """Return what a system is called in sentences, figures and heads of columns."""
    return f"model {name}"


def level_title(level: str) -> str:
    """Return what a level of noise is called."""
    return LEVEL_NAMES.get(level, level)


def attack_title(attack: AttackInfo, *, budget: bool = False) -> str:
    """Return what a version of the data is called, such as ``attack drop, 25 % of words``.

    Args:
        attack: The version.
        budget: Whether to say how many queries a search could ask.

    Returns:
        The title.
    """
    if attack.name == CLEAN:
        return "clean text"
    if attack.case == GIVEN:
        return f"file {attack.name}"
    parts = [f"attack {attack.recipe or attack.name}", _amount(attack)]
    if is_part(attack):
        parts.append(f"{attack.operator} only")
    if attack.search is not None:
        parts += [f"{attack.search} search", counted(attack.most_edits or 1, "edit")]
    if budget and attack.budget is not None:
        parts.append(f"at most {attack.budget:,} queries")
    if attack.is_worst:
        parts.append(f"worst of {attack.draws} draws")
    return ", ".join(filter(None, parts))


def mark_of(attack: AttackInfo) -> str:
    """Return what is to be said of a version whose edits were not drawn at random; empty for the average case."""
    if attack.search is not None:
        return WORST
    # Attackers of a user's own say what their case is.
    if attack.is_worst or attack.case not in {AVERAGE, CLEAN, GIVEN}:
        return attack.case
    return ""


def is_part(attack: AttackInfo) -> bool:
    """Tell whether a recipe was cut down to one of its operators."""
    return attack.operator is not None and attack.name.endswith(f"/{attack.operator}")


def _amount(attack: AttackInfo) -> str:
    """Return how much is edited; empty where it is all that the recipe may edit."""
    severity = attack.severity
    if severity is None or (severity == 1 and not attack.by_count and "@" not in attack.name):
        return ""
    often = ""
    # How often a word is edited stands in the name alone: "charbert@0.5x2".
    severity_text, _, times = attack.name.partition("@")[2].partition("/")[0].partition("x")
    if severity_text and times:
        often = f", {times} edits each"
    if attack.by_count:
        return f"{counted(round(severity), 'word')} a text{often}"
    return f"{percent(severity)} of {_UNITS.get(attack.level or '', 'words')}{often}"
