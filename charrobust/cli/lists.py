"""``charrobust recipes`` and ``charrobust data``: what ships."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("recipes")(recipes)
    app.command("data")(data)


def recipes(
    name: Annotated[str | None, typer.Argument(help="Show this recipe in full.")] = None,
    layouts: Annotated[bool, typer.Option("--layouts", help="List the keyboard layouts instead.")] = False,
) -> None:
    """List the recipes, or show one."""
    from charrobust import resources
    from charrobust.cli.shared import console, table
    from charrobust.perturb import load_recipe, recipe_names
    from charrobust.perturb.recipe import FOLDER, split_severity

    out = console()
    if name is not None:
        load_recipe(name)
        path = resources.find(split_severity(name)[0], FOLDER, "recipe")
        out.print(f"# {path}", markup=False)
        out.print(path.read_text(encoding="utf-8"), markup=False, end="")
        return
    if layouts:
        folder = f"{FOLDER}/keyboards"
        rows = table("layout", "summary", "source")
        for layout in resources.names(folder):
            content = resources.read_toml(resources.find(layout, folder, "layout"))
            rows.add_row(layout, content["summary"], content["source"])
    else:
        rows = table("recipe", "severity", "operators", "summary")
        for known in recipe_names():
            recipe = load_recipe(known)
            operators = dict.fromkeys(operator.label for operator in recipe.operators)
            rows.add_row(known, recipe.severity, ", ".join(operators), recipe.summary)
    out.print(rows)


def data(name: Annotated[str | None, typer.Argument(help="Show this card in full.")] = None) -> None:
    """List the data set cards, or show one."""
    from charrobust import resources
    from charrobust.cli.shared import console, table
    from charrobust.datasets.cards import FOLDER, card_names, load_card

    out = console()
    if name is not None:
        load_card(name)
        out.print(resources.find(name, FOLDER, "data set card").read_text(encoding="utf-8"), markup=False, end="")
        return
    rows = table("data set", "task", "splits", "licence", "summary")
    for known in card_names():
        card = load_card(known)
        splits = ", ".join(card.files) if card.files else f"{card.default_split}, ... (hub)"
        rows.add_row(known, card.task.name, splits, card.licence, card.summary)
    out.print(rows)
