"""``charrobust recipes`` and ``charrobust data``: what ships."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from charrobust.cli import completion
from charrobust.cli.result import Result
from charrobust.errors import UserError
from charrobust.plugins import Registry
from charrobust.visible import visible

Rows = Sequence[Mapping[str, str]]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("recipes")(recipes)
    app.command("data")(data)


def recipes(
    name: Annotated[
        str | None, typer.Argument(help="Show this recipe in full.", autocompletion=completion.recipes)
    ] = None,
    try_on: Annotated[
        str | None,
        typer.Option("--try", metavar="SENTENCE", help="Show what the recipe, or each of them, makes of a sentence."),
    ] = None,
    layouts: Annotated[bool, typer.Option("--layouts", help="List the keyboard layouts instead.")] = False,
    languages: Annotated[bool, typer.Option("--languages", help="List the languages instead.")] = False,
) -> Result:
    """List the recipes by level, with an example of each, or show one; `--try "A sentence"` shows what it does."""
    from charrobust import resources
    from charrobust.attackers.attacker import ATTACKERS
    from charrobust.cli.shared import console
    from charrobust.perturb import load_recipe
    from charrobust.perturb.operators import OPERATORS
    from charrobust.perturb.recipe_files import FOLDER, without_choices

    if sum((layouts, languages, name is not None or try_on is not None)) > 1:
        raise UserError("--layouts and --languages are lists of their own; give one of them, without a name and --try")
    if layouts:
        return _listed("layouts", _layouts())
    if languages:
        return _listed("languages", _languages())
    if name is None:
        return _by_level(try_on, OPERATORS, ATTACKERS)
    if try_on is not None:
        return _tried(name, try_on)
    # Loaded for its checks alone: a file that is no recipe is refused, not shown.
    load_recipe(name)
    path = resources.find(without_choices(name), FOLDER, "recipe")
    console(asked_for=True).print(f"# {path}", markup=False, soft_wrap=True)
    return _shown("recipe", path)


def data(
    name: Annotated[
        str | None, typer.Argument(help="Show this card in full.", autocompletion=completion.data_sets)
    ] = None,
) -> Result:
    """List the data set cards, with the tasks and formats of data, or show one."""
    from charrobust import resources
    from charrobust.datasets.cards import FOLDER, load_card
    from charrobust.datasets.formats import FORMATS
    from charrobust.tasks.registry import TASKS

    if name is None:
        return _listed("data_sets", _cards(), TASKS, FORMATS)
    # Loaded for its checks alone, as recipes are.
    load_card(name)
    return _shown("card", resources.find(name, FOLDER, "data set card"))


def _shown(kind: str, path: Path) -> Result:
    """Print a file, and return what it says."""
    from charrobust import resources
    from charrobust.cli.shared import console

    # Lines stay whole, so that what is printed can be copied into a file.
    text = path.read_text(encoding="utf-8").expandtabs()
    console(asked_for=True).print(text, markup=False, end="", soft_wrap=True)
    return Result(figures={"file": path, kind: resources.read_toml(path)})


def _listed(kind: str, rows: Rows, *registries: Registry[Any]) -> Result:
    """Print a table of what ships, and the names of things that ship or that packages add; return both."""
    from charrobust.cli.shared import console, table

    made = table(*(header.replace("_", " ") for header in rows[0]))
    for row in rows:
        made.add_row(*row.values())
    console(asked_for=True).print(made)
    return Result(figures={kind: rows, **_names_of(registries)})


def _by_level(sentence: str | None, *registries: Registry[Any]) -> Result:
    """Print the recipes that ship, a table a level, and the names of what they are made of; return both."""
    from rich.markup import escape

    from charrobust.cli.shared import console, table
    from charrobust.perturb.operators.base import LEVELS

    rows = _recipes(sentence)
    for level in LEVELS:
        made = table("recipe", "severity", "what it does", "example", title=level)
        of_level = [row for row in rows if row["level"] == level]
        for row in of_level:
            shown = [row["recipe"], row["severity"], row["summary"], row["example"]]
            made.add_row(*map(escape, map(visible, shown)))
        if of_level:
            console(asked_for=True).print(made)
    return Result(figures={"recipes": rows, **_names_of(registries)})


def _names_of(registries: Sequence[Registry[Any]]) -> dict[str, list[str]]:
    """Print the names of things that ship or that packages add, and return them."""
    from charrobust.cli.shared import console

    figures = {}
    for registry in registries:
        if names := registry.listed():
            console(asked_for=True).print(f"{registry.kind}s: {names}", markup=False)
        figures[f"{registry.kind}s"] = registry.names()
    return figures


def _recipes(sentence: str | None = None) -> Rows:
    """Return a row for each recipe that ships, with what it makes of a sentence."""
    from charrobust.perturb import Attack, load_recipe, recipe_names
    from charrobust.perturb.recipe_examples import can_run, example_of

    rows = []
    for name in recipe_names():
        recipe = load_recipe(name)
        operators = dict.fromkeys(operator.label for operator in recipe.operators)
        row = {"recipe": name, "level": recipe.level, "severity": recipe.severity}
        row |= {"operators": ", ".join(operators), "summary": recipe.summary, "example": ""}
        if all(map(can_run, recipe.operators)):
            row["example"] = example_of(Attack.load(recipe), sentence)
        rows.append(row)
    return rows


def _tried(name: str, sentence: str) -> Result:
    """Print what a recipe makes of a sentence, with the edits, and return it."""
    from rich.markup import escape

    from charrobust.cli.shared import console, table
    from charrobust.perturb import Attack

    attack = Attack.load(name)
    edited = attack.text(sentence)
    made = table("operator", "before", "after", numbers=())
    edits = []
    for edit in edited.edits:
        edits.append({"operator": edit.operator, "before": edit.old_text, "after": edit.new_text})
        made.add_row(*map(escape, map(visible, edits[-1].values())))
    out = console(asked_for=True)
    out.print(f"[dim]before[/]  {escape(visible(sentence))}")
    out.print(f"[dim]after [/]  {escape(visible(edited.text))}")
    if edits:
        out.print(made)
    else:
        out.print(f"no edit at severity {attack.recipe.severity}: no word is eligible, or none was drawn")
    return Result(figures={"recipe": name, "before": sentence, "after": edited.text, "edits": edits})


def _layouts() -> Rows:
    """Return a row for each keyboard layout that ships."""
    from charrobust import resources
    from charrobust.perturb.recipe_files import FOLDER

    folder = f"{FOLDER}/keyboards"
    rows = []
    for name in resources.names(folder):
        layout: dict[str, Any] = resources.read_toml(resources.find(name, folder, "layout"))
        rows.append({"layout": name, "summary": layout["summary"], "source": layout["source"]})
    return rows


def _languages() -> Rows:
    """Return a row for each language that ships."""
    from charrobust.perturb import language_codes, load_language
    from charrobust.perturb.word_classes import stop_words

    rows = []
    for code in language_codes():
        language = load_language(code)
        row = {"language": code, "name": language.name, "layouts": ", ".join(language.layouts)}
        row |= {"alphabet": f"{len(language.alphabet)}", "stop_words": f"{len(stop_words(language.stop_words))}"}
        rows.append(row | {"direction": language.direction})
    return rows


def _cards() -> Rows:
    """Return a row for each data set card that ships."""
    from charrobust.datasets.cards import card_names, load_card

    rows = []
    for name in card_names():
        card = load_card(name)
        splits = f"{card.default_split}, ... (hub)"
        if card.files:
            splits = ", ".join(card.files)
        row = {"data_set": name, "task": card.task.name, "splits": splits, "licence": card.licence}
        rows.append(row | {"summary": card.summary})
    return rows
