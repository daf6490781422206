"""``charrobust recipes`` and ``charrobust data``: what ships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from charrobust.plugins import Registry


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("recipes")(recipes)
    app.command("data")(data)


def recipes(
    name: Annotated[str | None, typer.Argument(help="Show this recipe in full.")] = None,
    layouts: Annotated[bool, typer.Option("--layouts", help="List the keyboard layouts instead.")] = False,
) -> None:
    """List the recipes, with what they are made of, or show one."""
    from charrobust import resources
    from charrobust.attackers.attacker import ATTACKERS
    from charrobust.cli.shared import console
    from charrobust.perturb import load_recipe
    from charrobust.perturb.operators import OPERATORS
    from charrobust.perturb.recipe import FOLDER, split_severity

    if name is not None:
        # Loaded for its checks alone: a file that is no recipe is refused, not shown.
        load_recipe(name)
        path = resources.find(split_severity(name)[0], FOLDER, "recipe")
        console().print(f"# {path}", markup=False)
        console().print(path.read_text(encoding="utf-8"), markup=False, end="")
    elif layouts:
        console().print(_layout_table())
    else:
        console().print(_recipe_table())
        _print_names(OPERATORS, ATTACKERS)


def data(name: Annotated[str | None, typer.Argument(help="Show this card in full.")] = None) -> None:
    """List the data set cards, with the tasks and formats of data, or show one."""
    from charrobust import resources
    from charrobust.cli.shared import console
    from charrobust.datasets.cards import FOLDER, load_card
    from charrobust.datasets.formats import FORMATS
    from charrobust.tasks.registry import TASKS

    if name is not None:
        # Loaded for its checks alone, as recipes are.
        load_card(name)
        text = resources.find(name, FOLDER, "data set card").read_text(encoding="utf-8")
        console().print(text, markup=False, end="")
    else:
        console().print(_card_table())
        _print_names(TASKS, FORMATS)


def _print_names(*registries: Registry[Any]) -> None:
    """Print the names of things that ship, and of those that packages add."""
    from charrobust.cli.shared import console

    for registry in registries:
        if names := registry.listed():
            console().print(f"{registry.kind}s: {names}", markup=False)


def _recipe_table() -> Any:
    """Return a row for each recipe that ships."""
    from charrobust.cli.shared import table
    from charrobust.perturb import load_recipe, recipe_names

    headers = ("recipe", "severity", "operators", "summary")
    rows = table(*headers)
    for name in recipe_names():
        recipe = load_recipe(name)
        operators = dict.fromkeys(operator.label for operator in recipe.operators)
        cells = (name, recipe.severity, ", ".join(operators), recipe.summary)
        rows.add_row(*cells)
    return rows


def _layout_table() -> Any:
    """Return a row for each keyboard layout that ships."""
    from charrobust import resources
    from charrobust.cli.shared import table
    from charrobust.perturb.recipe import FOLDER

    folder = f"{FOLDER}/keyboards"
    rows = table("layout", "summary", "source")
    for name in resources.names(folder):
        layout = resources.read_toml(resources.find(name, folder, "layout"))
        rows.add_row(name, layout["summary"], layout["source"])
    return rows


def _card_table() -> Any:
    """Return a row for each data set card that ships."""
    from charrobust.cli.shared import table
    from charrobust.datasets.cards import card_names, load_card

    headers = ("data set", "task", "splits", "licence", "summary")
    rows = table(*headers)
    for name in card_names():
        card = load_card(name)
        splits = f"{card.default_split}, ... (hub)"
        if card.files:
            splits = ", ".join(card.files)
        cells = (name, card.task.name, splits, card.licence, card.summary)
        rows.add_row(*cells)
    return rows
