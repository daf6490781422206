"""Which versions of a data set there are to be, who makes them, and their making."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from charrobust.attackers.attacker import ATTACKERS, Attacker, AttackerOptions, named_attackers
from charrobust.attackers.drawn import Drawn
from charrobust.attackers.given import Given
from charrobust.attackers.searched import Searched
from charrobust.attackers.versions import CLEAN, WORST, Version, clean_version
from charrobust.datasets.dataset import DataSet
from charrobust.errors import RecipeError, UserError, check_lists, hint
from charrobust.perturb import Attack, recipe_names
from charrobust.perturb.recipe_files import load_recipe, without_choices
from charrobust.progress import Progress, no_progress
from charrobust.systems.system import System


def plan_attackers(
    attacks: Sequence[str | Path | Attack | Attacker],
    *,
    severities: Sequence[str | float] = (),
    per_operator: bool = False,
    seed: int | None = None,
    draws: int = 1,
    language: str | Path | None = None,
    protect_patterns: Sequence[str] = (),
    search_budget: int | None = None,
    store: Path | None = None,
    progress: Progress = no_progress,
) -> list[Attacker]:
    """Say who makes the versions beside the clean one.

    Args:
        attacks: Recipes (``charbert``, ``drop@0.5``, ``charbert:de``, ``mine.toml``), attacks, files that are
            attacked already, searches (``worst:charbert:greedy:2``, ``worst:standard``), attackers and names of
            registered ones.
        severities: Severities at which each recipe is used besides its own.
        per_operator: Whether each recipe of several operators is used with each of them alone, too: ``charbert/swap``.
        seed: Seed of the recipes that are named; None for their own. Attacks that are ready, and files, stay as they
            are.
        draws: How often the edits of a recipe are drawn, each time with the next seed.
        language: Code of the language that these are put into, or the path of its file; None for their own.
        protect_patterns: Words that match one of these regular expressions stay, in what they and searches edit.
        search_budget: Queries that a search may ask about an example, at most; None for the search's own limits.
        store: Folder in which searches keep what they found; None keeps none.
        progress: Is told how far searches are.

    Returns:
        The attackers, in the order of the attacks; none twice.

    Raises:
        UserError: A text where a list belongs, neither recipe nor file, a severity that does not fit a recipe, fewer
            than one draw, two attacks of one name, or something that is said of no attack.
    """
    check_lists(attacks=attacks, severities=severities)
    if draws < 1:
        raise UserError(f"the number of `draws` must be at least 1, got {draws}")
    options = AttackerOptions(seed, tuple(protect_patterns), language, search_budget, store, progress)
    attackers: list[Attacker] = []
    for attack in attacks:
        planned = _planned(attack, attackers, options)
        if isinstance(planned, Attack):
            attackers += _drawn(planned, severities, per_operator=per_operator, draws=draws)
        else:
            attackers += planned
    _check_taken(attacks, options)
    of_recipes = severities or per_operator or draws > 1
    if of_recipes and not any(isinstance(attacker, Drawn) for attacker in attackers):
        raise UserError(
            "severities, single operators and several draws are those of a recipe; name one to attack with, as charbert"
        )
    if search_budget is not None and not any(isinstance(attacker, Searched) for attacker in attackers):
        raise UserError(
            "`search_budget` is that of searches, and no attack is one; leave it out, or name one, as "
            "worst:charbert:greedy:2"
        )
    # Compared one by one: a recipe whose operator holds a mapping (nlpaug's options) has no hash for a set.
    distinct = [attacker for number, attacker in enumerate(attackers) if attacker not in attackers[:number]]
    for name, count in Counter(attacker.name for attacker in distinct).items():
        if count > 1 or name in (CLEAN, WORST):
            raise UserError(f"two versions of the data would be called {name!r}; rename a recipe or a file")
    return distinct


def _check_taken(attacks: Sequence[str | Path | Attack | Attacker], options: AttackerOptions) -> None:
    """Refuse what is said of recipes and searches where none is named.

    Raises:
        UserError: With what is to be left out.
    """
    given = {
        "seed": options.seed is not None,
        "language": options.language is not None,
        "protect_patterns": bool(options.protect_patterns),
    }
    untaken = [f"`{name}`" for name, is_given in given.items() if is_given]
    if untaken and not any(map(_is_named, attacks)):
        raise UserError(
            "what is attacked already, and an attack that is ready, stay as they are, and no recipe or search is named "
            f"that would take {', '.join(untaken)}; leave that out, or name one, as charbert"
        )


def _is_named(attack: str | Path | Attack | Attacker) -> bool:
    """Tell the name of a recipe, of a search or of another attacker from what is ready."""
    return not isinstance(attack, Attack | Attacker) and not _is_data(str(attack))


def _planned(
    attack: str | Path | Attack | Attacker, before: Sequence[Attacker], options: AttackerOptions
) -> Attack | list[Attacker]:
    """Return what one of the attacks names."""
    if isinstance(attack, Attack):
        return attack
    if isinstance(attack, Attacker):
        return [attack]
    text = str(attack)
    if _is_data(text):
        return [Given(Path(text), _file_name(Path(text), before))]
    named = [] if _is_recipe(text) else named_attackers(text, options)
    return named or _load(text, options)


def _load(name: str, options: AttackerOptions) -> Attack:
    """Load an attack.

    Raises:
        RecipeError: Neither recipe nor file.
    """
    if not _is_recipe(name):
        known = [*recipe_names(), *ATTACKERS.names()]
        raise RecipeError(f"attack {name!r} is no recipe and no existing file; {hint(without_choices(name), known)}")
    return Attack.load(name, seed=options.seed, language=options.language, protect_patterns=options.protect_patterns)


def _is_recipe(name: str) -> bool:
    """Tell whether a name is that of a recipe, with or without a severity."""
    wanted = without_choices(name)
    return wanted.endswith(".toml") or wanted in recipe_names()


def _is_data(name: str) -> bool:
    """Tell a file of attacked data from a recipe."""
    # A shipped recipe's name means the recipe, also where a file happens to be called so.
    return Path(name).exists() and not without_choices(name).endswith(".toml") and name not in recipe_names()


def _file_name(path: Path, before: Sequence[Attacker]) -> str:
    """Return the name of a file, or its whole path where another file has that name."""
    for attacker in before:
        if attacker.name == path.name and not (isinstance(attacker, Given) and attacker.path == path):
            return str(path)
    return path.name


def _drawn(attack: Attack, severities: Sequence[str | float], *, per_operator: bool, draws: int) -> list[Attacker]:
    """Return the attackers of one recipe: as it is, at other severities, with one operator alone."""
    recipe = attack.recipe
    # Each label once, in order: operators of one label, such as two keyboard layouts, are shown as one.
    labels = list(dict.fromkeys(operator.label for operator in recipe.operators))
    only = labels[0] if len(labels) == 1 else None
    stronger = [replace(attack, recipe=recipe.at(severity)) for severity in severities]
    attackers: list[Attacker] = [Drawn(made, _name_of(made), only, draws) for made in (attack, *stronger)]
    for label in labels if per_operator and only is None else ():
        operators = tuple(operator for operator in recipe.operators if operator.label == label)
        reduced = replace(attack, recipe=replace(recipe, operators=operators))
        attackers.append(Drawn(reduced, f"{_name_of(attack)}/{label}", label, draws))
    return attackers


def _name_of(attack: Attack) -> str:
    """Return the name of a recipe, with its severity where that is not the usual one."""
    recipe = attack.recipe
    shipped = without_choices(recipe.name)
    usual = load_recipe(shipped).severity if shipped in recipe_names() else "1"
    return recipe.name if recipe.severity == usual else f"{recipe.name}@{recipe.severity}"


def make_versions(data: DataSet, attackers: Sequence[Attacker], systems: Sequence[System] = ()) -> list[Version]:
    """Make versions of a data set, the clean one first.

    Args:
        data: The data set.
        attackers: Who makes the other versions.
        systems: The systems that are attacked: those attackers that ask make a version for each.

    Returns:
        The versions, the clean one first.

    Raises:
        DataError: A file does not line up with the clean data; with the first record that differs.
        UserError: A system does not tell what an attacker needs.
    """
    versions = [clean_version(data.examples)]
    for attacker in attackers:
        if not attacker.asks:
            versions.append(attacker.attack(None, data))
            continue
        for system in systems:
            version = attacker.attack(system, data)
            versions.append(replace(version, info=replace(version.info, system=system.name)))
    return versions
