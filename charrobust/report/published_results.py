"""Results as others read them: systems, data and attacks without the folders of the machine that they lay on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from operator import attrgetter
from typing import Any

from charrobust.attackers.versions import AttackInfo
from charrobust.report.publishable import published_model, published_names, without_folders
from charrobust.report.selection import system_names
from charrobust.scoring.evaluation.results import Results
from charrobust.systems.system import SystemInfo

_NAMES = frozenset({"name", "system", "attack", "against", "first", "second"})  # fields that name a system or an attack


def published_results(results: Results) -> Results:
    """Return results that name models, data and attacks as cards do; texts of the data stay as they are.

    Args:
        results: What an evaluation found.

    Returns:
        The results; equal to those given where these do already.
    """
    names = published_names([*system_names(results), *map(attrgetter("name"), results.attacks)])
    renamed: Results = _renamed(results, names) if names else results
    return replace(
        renamed,
        data=without_folders(results.data),
        systems=tuple(map(_published_system, renamed.systems)),
        attacks=tuple(map(_published_attack, renamed.attacks)),
        notes=tuple(map(without_folders, results.notes)),
    )


def _published_system(system: SystemInfo) -> SystemInfo:
    defences = tuple(map(without_folders, system.defences))
    return replace(system, model=published_model(system.model), defences=defences)


def _published_attack(attack: AttackInfo) -> AttackInfo:
    return attack if attack.recipe is None else replace(attack, recipe=without_folders(attack.recipe))


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Return a part of results in which systems and attacks have other names."""
    if isinstance(value, tuple):
        return tuple(_renamed(part, names) for part in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changed: dict[str, Any] = {}
    for field in fields(value):
        held = getattr(value, field.name)
        changed[field.name] = names.get(held, held) if field.name in _NAMES else _renamed(held, names)
    return replace(value, **changed)
