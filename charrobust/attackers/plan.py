"""Which versions of a data set there are to be, and their making."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from charrobust.attackers.drawn import attacked_version
from charrobust.attackers.given import given_version
from charrobust.attackers.versions import CLEAN, WORST, AttackInfo, Version
from charrobust.datasets.dataset import DataSet
from charrobust.datasets.formats import format_of, suffix_of
from charrobust.datasets.load import read_source
from charrobust.datasets.options import REFUSE
from charrobust.datasets.source import Source
from charrobust.errors import RecipeError, UserError, check_lists, hint
from charrobust.perturb import Attack, recipe_names
from charrobust.perturb.recipe import load_recipe, split_severity


@dataclass(frozen=True)
class Plan:
    """A version that is to be made.

    Attributes:
        name: Its name.
        source: The attack that makes it, or the file that holds it.
        operator: The only operator of the attack; None where there are several, and for a file.
    """

    name: str
    source: Attack | Path
    operator: str | None = None


def plan_versions(
    attacks: Sequence[str | Path | Attack],
    *,
    severities: Sequence[str | float] = (),
    per_operator: bool = False,
    seed: int | None = None,
    protect_patterns: Sequence[str] = (),
) -> list[Plan]:
    """Say which versions there are to be beside the clean one.

    Args:
        attacks: Recipes (``charbert``, ``drop@0.5``, ``mine.toml``), attacks, and files that are attacked already.
        severities: Severities at which each recipe is used besides its own.
        per_operator: Whether each recipe of several operators is used with each of them alone, too: ``charbert/swap``.
        seed: Seed of the recipes; None for their own.
        protect_patterns: Words that match one of these regular expressions stay.

    Returns:
        The versions that are to be made, in the order of the attacks; none twice.

    Raises:
        UserError: A text where a list belongs, neither recipe nor file, a severity that does not fit a recipe, or two
            attacks of one name.
    """
    check_lists(attacks=attacks, severities=severities)
    plans: list[Plan] = []
    for attack in attacks:
        if not isinstance(attack, Attack) and _is_data(str(attack)):
            plans.append(Plan(_file_name(Path(attack), plans), Path(attack)))
            continue
        loaded = attack if isinstance(attack, Attack) else _load(str(attack), seed, protect_patterns)
        plans += _plans_of(loaded, severities, per_operator=per_operator)
    if (severities or per_operator) and not any(isinstance(plan.source, Attack) for plan in plans):
        raise UserError("severities and single operators are those of a recipe; name one to attack with, as charbert")
    distinct = [plan for number, plan in enumerate(plans) if plan not in plans[:number]]
    for name, count in Counter(plan.name for plan in distinct).items():
        if count > 1 or name in (CLEAN, WORST):
            raise UserError(f"two versions of the data would be called {name!r}; rename a recipe or a file")
    return distinct


def _load(name: str, seed: int | None, protect_patterns: Sequence[str]) -> Attack:
    """Load an attack.

    Raises:
        RecipeError: Neither recipe nor file.
    """
    wanted = split_severity(name)[0]
    if not wanted.endswith(".toml") and wanted not in recipe_names():
        raise RecipeError(f"attack {name!r} is no recipe and no existing file; {hint(wanted, recipe_names())}")
    return Attack.load(name, seed=seed, protect_patterns=tuple(protect_patterns))


def _is_data(name: str) -> bool:
    """Tell a file of attacked data from a recipe."""
    return Path(name).exists() and not split_severity(name)[0].endswith(".toml") and name not in recipe_names()


def _file_name(path: Path, plans: Sequence[Plan]) -> str:
    return str(path) if any(plan.name == path.name and plan.source != path for plan in plans) else path.name


def _plans_of(attack: Attack, severities: Sequence[str | float], *, per_operator: bool) -> list[Plan]:
    """Return the versions of one recipe: as it is, at other severities, with one operator alone."""
    recipe = attack.recipe
    labels = list(dict.fromkeys(operator.label for operator in recipe.operators))
    only = labels[0] if len(labels) == 1 else None
    stronger = [replace(attack, recipe=recipe.at(severity)) for severity in severities]
    plans = [Plan(_name_of(made), made, only) for made in (attack, *stronger)]
    for label in labels if per_operator and only is None else ():
        operators = tuple(operator for operator in recipe.operators if operator.label == label)
        reduced = replace(attack, recipe=replace(recipe, operators=operators))
        plans.append(Plan(f"{_name_of(attack)}/{label}", reduced, label))
    return plans


def _name_of(attack: Attack) -> str:
    """Return the name of a recipe, with its severity where that is not the usual one."""
    recipe = attack.recipe
    usual = load_recipe(recipe.name).severity if recipe.name in recipe_names() else "1"
    return recipe.name if recipe.severity == usual else f"{recipe.name}@{recipe.severity}"


def make_versions(data: DataSet, plans: Sequence[Plan]) -> list[Version]:
    """Make versions of a data set, the clean one first.

    Args:
        data: The data set; ready-made files of the same suffix are read alike.
        plans: The other versions.

    Returns:
        The versions, the clean one first.

    Raises:
        DataError: A file does not line up with the clean data; with the first record that differs.
    """
    clean = Version(AttackInfo(CLEAN, CLEAN), data.examples, lambda _: ())
    return [clean, *(_make(data, plan) for plan in plans)]


def _make(data: DataSet, plan: Plan) -> Version:
    if isinstance(plan.source, Attack):
        return attacked_version(data, plan.source, plan.name, operator=plan.operator)
    path, alike = plan.source, data.source
    both_folders = alike is not None and alike.is_folder and path.is_dir()
    if alike is None or not (both_folders or _is_file_like(path, alike.path)):
        alike = format_of(path)
    opened = replace(alike, path=path)
    attacked = read_source(Source(path.name, opened, data.task, REFUSE), limit=data.limit)
    return given_version(data, attacked, plan.name)


def _is_file_like(path: Path, other: Path) -> bool:
    """Tell whether a path is that of a file with the suffix of another."""
    return not path.is_dir() and suffix_of(path) == suffix_of(other)
