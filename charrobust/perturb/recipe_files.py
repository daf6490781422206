"""Recipes from files: found by name, read from TOML, and checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from charrobust import resources
from charrobust.errors import RecipeError, UserError, hint
from charrobust.logs import logger
from charrobust.perturb.changed_fields import FILES
from charrobust.perturb.operators import OPERATORS
from charrobust.perturb.operators.base import Operator
from charrobust.perturb.recipe import Part, Recipe
from charrobust.settings import check_known, read_values

_logger = logger(__name__)

FOLDER = "attacks"
_NEEDED = ("summary", "source", "seed")  # keys that every recipe has
_RULES = (
    "share",
    "edited_words",
    "edits_per_word",
    "redraw",
    "min_length",
    "skip",
    "only",
    "stop_words",
    "errors",
    "dictionary",
    "protect",
)  # of [words]


def recipe_names() -> list[str]:
    """Return the names of the shipped recipes."""
    return resources.names(FOLDER)


def load_recipe(name: str | Path) -> Recipe:
    """Load a shipped recipe by name, or a user's own by the path of its TOML file.

    Args:
        name: Such as ``charbert``, ``charbert@0.5`` (at a severity), ``charbert:de`` (in a language),
            ``charbert:de@0.5``, or ``mine.toml``.

    Returns:
        The recipe.

    Raises:
        RecipeError: Unknown recipe or language, unknown keys or operators (with the closest known name), or bad values.
    """
    named, severity = split_severity(str(name))
    wanted, language = split_language(named)
    path = resources.find(wanted, FOLDER, "recipe")
    _logger.debug("recipe %s: %s", name, path)
    try:
        recipe = parse_recipe(path.name.removesuffix(".toml"), _beside(path, resources.read_toml(path)))
    except RecipeError as error:
        raise RecipeError(f"{path}: {error}") from error
    if language is not None:
        recipe = recipe.in_language(language)
    return recipe.at(severity) if severity else recipe


def without_choices(name: str) -> str:
    """Return the recipe that a name names, without the severity and the language that may follow it."""
    return split_language(split_severity(name)[0])[0]


def split_language(name: str) -> tuple[str, str | None]:
    """Take ``charbert:de`` apart into the recipe and the language; None where none is given."""
    recipe, _, language = name.rpartition(":")
    # A folder or a file may have a colon in its name; what follows it is then no language.
    is_recipe = recipe.endswith(".toml") or recipe in recipe_names()
    return (recipe, language) if is_recipe else (name, None)


def split_severity(name: str) -> tuple[str, str]:
    """Take ``charbert@0.5`` apart into the recipe and the severity, which is empty where none is given."""
    recipe, at, severity = name.rpartition("@")
    # A folder or a file may have an @ in its name; what follows it is then no severity.
    is_path = "/" in severity or severity.endswith(".toml")
    if not at or is_path:
        return name, ""
    return recipe, severity


def _beside(path: Path, content: dict[str, Any]) -> dict[str, Any]:
    """Let files that a recipe names by relative paths be looked for beside it."""
    tables = [content.get("words")]
    for key in ("operators", "mixture"):
        entries = content.get(key)
        tables += entries if isinstance(entries, list) else []  # what is none is refused later, with the rest
    for table in tables:
        if not isinstance(table, dict):
            continue
        for key in FILES:
            value = table.get(key)
            if not isinstance(value, str):
                continue
            beside = path.parent / value
            if beside.is_file():
                table[key] = str(beside)
            elif "/" in value and beside.is_dir():
                table[key] = f"{beside}/"  # the slash tells a directory from a shipped name
    return content


def parse_recipe(name: str, content: Mapping[str, Any]) -> Recipe:
    """Build a recipe from the content of a TOML file.

    Args:
        name: Its name.
        content: The tables and values of the file.

    Returns:
        The recipe.

    Raises:
        RecipeError: As :func:`load_recipe`.
    """
    try:
        return _parse(name, content)
    except RecipeError:
        raise
    except UserError as error:  # of the settings, which know nothing of recipes
        raise RecipeError(str(error)) from error


def _parse(name: str, content: Mapping[str, Any]) -> Recipe:
    check_known(content, (*_NEEDED, "operators", "mixture", "mix", "words"))
    for key in (*_NEEDED, "operators"):
        if key not in content and not (key == "operators" and "mixture" in content):
            raise RecipeError(f"key {key!r} is missing")
    if "operators" in content and "mixture" in content:
        raise RecipeError("operators and mixture exclude each other; the recipes of a mixture have the operators")
    words, operators = content.get("words", {}), content.get("operators", [])
    if not isinstance(words, dict):
        raise RecipeError(f"words must be written as a [words] table, got {words!r}")
    check_known(words, _RULES, "[words]: ", noun="option")
    if "share" in words and "edited_words" in words:
        raise RecipeError("[words]: share and edited_words exclude each other; give one of them")
    if not isinstance(operators, list) or not all(isinstance(entry, dict) for entry in operators):
        raise RecipeError("operators must be written as [[operators]] tables, each with a name")
    values = {**content, **words, "operators": tuple(map(_parse_operator, operators))}
    if "mixture" in content:
        values["mixture"] = _parse_mixture(content["mixture"])
    values.pop("words", None)
    return Recipe(name=name, **values)


def _parse_mixture(entries: Any) -> tuple[Part, ...]:
    """Load the recipes of a mixture."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise RecipeError("mixture must be written as [[mixture]] tables, each with a recipe")
    parts = []
    for entry in entries:
        check_known(entry, ("recipe", "weight"), "[[mixture]]: ")
        name, weight = entry.get("recipe"), entry.get("weight", 1.0)
        if not isinstance(name, str):
            raise RecipeError(f"[[mixture]]: recipe must be a name or the path of a .toml file, got {name!r}")
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < math.inf:
            raise RecipeError(f"[[mixture]]: weight of {name!r} must be a number above 0, got {weight!r}")
        _refuse_mixture(name)
        parts.append(Part(load_recipe(name), float(weight)))
    return tuple(parts)


def _refuse_mixture(name: str) -> None:
    """Refuse a part of a mixture that is one itself, before it is loaded: it may name the first in turn, without end.

    Raises:
        RecipeError: It is one.
    """
    content = resources.read_toml(resources.find(without_choices(name), FOLDER, "recipe"))
    if "mixture" in content:
        raise RecipeError(f"[[mixture]]: {name!r} is a mixture itself; name the recipes that it mixes")


def _parse_operator(entry: Mapping[str, Any]) -> Operator:
    name = entry.get("name")
    operator = OPERATORS.find(name) if isinstance(name, str) else None
    if operator is None:
        raise RecipeError(f"unknown operator {name!r}; {hint(str(name), OPERATORS.names())}")
    where = f"operator {name!r}: "
    options = {key: value for key, value in entry.items() if key != "name"}
    check_known(options, operator.option_names(), where, noun="option")
    try:
        values = read_values(operator, options)
    except UserError as error:
        raise RecipeError(f"{where}{error}") from error
    return operator(**values)
