"""``charrobust attack``: write an adversarial test set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charrobust.cli import completion, panels
from charrobust.cli.asking import MODEL_NAME
from charrobust.cli.attacked_data import attack_source
from charrobust.cli.data_options import takes_data
from charrobust.cli.language_option import Language
from charrobust.cli.look import check_only_looks
from charrobust.cli.look import look as write_page
from charrobust.cli.model_options import Device
from charrobust.cli.result import Result
from charrobust.cli.search_options import Screen, SearchBudget
from charrobust.cli.shared import check_new
from charrobust.datasets.options import DataOptions
from charrobust.errors import UserError

if TYPE_CHECKING:
    from charrobust.perturb import Attack

_RECIPE = "everyday"  # where none is named


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("attack")(takes_data(attack))


def attack(
    source: Annotated[
        str,
        typer.Argument(
            metavar="INPUT",
            help="A file, - for standard input, the name of a data set card (reviews, sst2:train), or hub:NAME:SPLIT; "
            "or a folder, a URL (s3://bucket/data) or a pattern (data/part-*.parquet) of JSON Lines or Parquet "
            "shards.",
            autocompletion=completion.data_sets,
        ),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            help="File to write; or a folder (attacked/), for the clean data, a file for each recipe, and their edit "
            "logs, of which `score` takes predictions. Of shards, a folder or URL. On a terminal, none is --look.",
        ),
    ] = None,
    recipe: Annotated[
        list[str] | None,
        typer.Option(
            "--recipe",
            "-r",
            help="Recipe, such as charbert, keyboard@0.3 or charbert:de, or a TOML file; may be repeated. Without one, "
            "everyday.",
            autocompletion=completion.recipes,
        ),
    ] = None,
    look: Annotated[
        bool,
        typer.Option(
            "--look",
            help="Write a page in place of data, of the first 2,000 examples: before and after, what was edited how "
            "often, what each recipe does. No model is asked. INPUT.look.html where no --output names it.",
        ),
    ] = False,
    tokenizer: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]PATH",
            help="With --look: a tokenizer whose sub-tokens are looked at, too (minilm, a directory); repeatable.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an output that exists already.")] = False,
    severity: Annotated[
        str | None,
        typer.Option(help="Share of the eligible words, 0 to 1; 0.3x2 edits each twice. For recipes by count: 2."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed; the recipe's own where none is given.")] = None,
    language: Language = None,
    seeds: Annotated[
        int,
        typer.Option(
            min=1,
            help="Draw the edits of each recipe so many times, with one seed after the other.",
            rich_help_panel=panels.EDITS,
        ),
    ] = 1,
    edits: Annotated[
        str | None,
        typer.Option(
            metavar="LOG|NUMBER",
            help="Write the edit log here: .parquet or .jsonl; a folder holds the logs anyway. Of shards, a folder or "
            "URL. With --against, the most edits of a text: 2.",
        ),
    ] = None,
    edit_log: Annotated[
        str | None,
        typer.Option(
            metavar="LOG", help="Write the edit log here, with and without --against.", rich_help_panel=panels.SEARCHES
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar=MODEL_NAME,
            help="Search for the edits that harm this model most: worst case. One recipe, one file.",
            rich_help_panel=panels.SEARCHES,
        ),
    ] = None,
    search: Annotated[
        str | None,
        typer.Option(help="With --against: greedy (the default), exhaustive, ...", rich_help_panel=panels.SEARCHES),
    ] = None,
    search_budget: SearchBudget = None,
    screen: Screen = False,
    store: Annotated[
        Path | None,
        typer.Option(
            help="With --against: folder that keeps what was found, so that the same command goes on.",
            rich_help_panel=panels.SEARCHES,
        ),
    ] = None,
    device: Device = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Processes; the result is the same for any number. One, or with ray all cores.",
            rich_help_panel=panels.RUNNING,
        ),
    ] = None,
    engine: Annotated[
        str,
        typer.Option(
            help="What shards are attacked on: local, ray, or ray://HOST:PORT of a cluster.",
            rich_help_panel=panels.RUNNING,
        ),
    ] = "local",
    protect_pattern: Annotated[
        list[str] | None,
        typer.Option(
            help="Words that overlap a match of this regular expression stay; repeatable.", rich_help_panel=panels.EDITS
        ),
    ] = None,
    *,
    reading: DataOptions,
) -> Result:
    """Attack a data set with a recipe; labels, tags and answer spans stay right.

    The output has the shape of the input. Equal input, recipe and seed give equal output. Shards are attacked one by
    one; the same command goes on with a run that was stopped. With --look, a page of what changes.
    """
    from charrobust.cli.against import Target, attack_against, check_no_search, check_one, log_of, number_of
    from charrobust.cli.standard_input import as_file

    if against is None:
        check_no_search(search=search, search_budget=search_budget, store=store, device=device, screen=screen or None)
        edits = log_of(edits, edit_log)
    # All recipes before any file: a wrong one is told before anything is written.
    attacks = _load(recipe, severity=severity, seed=seed, language=language, protect_patterns=protect_pattern or ())
    running = {"workers": workers, "engine": engine != "local", "seeds": seeds - 1}
    writing = {"edits": edits, "edit_log": edit_log, "against": against} | running
    names_data = output is not None or any(writing.values())
    if look or (not names_data and sys.stdout.isatty()):
        check_only_looks(**writing)
        return _look(source, reading, attacks, output, tokenizer or [], force=force)
    output = _target(output, tokenizer)
    check_new(output, edits if against is None else edit_log, given=source, force=force)
    with as_file(source, reading) as given:
        if against is not None:
            check_one(attacks, severity=severity, seeds=seeds, workers=workers, engine=engine)
            target = Target(against, search or "greedy", number_of(edits), search_budget, store, device, screen)
            return attack_against(given, reading, attacks[0], target, Path(output), edit_log)
        return attack_source(given, reading, attacks, output, edits=edits, seeds=seeds, workers=workers, engine=engine)


def _load(recipes: list[str] | None, **options: Any) -> list[Attack]:
    """Load the recipes that are named; where none is, it is said which one is taken."""
    from charrobust.cli.shared import tell
    from charrobust.perturb import Attack

    if not recipes:
        tell([f"no --recipe: {_RECIPE}"])
    return [Attack.load(name, **options) for name in recipes or [_RECIPE]]


def _target(output: str | None, tokenizers: list[str] | None) -> str:
    """Return where the attacked data are to be written.

    Raises:
        UserError: Nothing says so, or a tokenizer is named.
    """
    if tokenizers:
        raise UserError("`tokenizer` is looked at on a page: add `look`")
    if output is None:
        raise UserError("nothing says where to write: name a file with `output`, or ask for a page with `look`")
    return output


def _look(
    source: str,
    reading: DataOptions,
    attacks: list[Attack],
    output: str | None,
    tokenizers: list[str],
    *,
    force: bool,
) -> Result:
    """Write a page of what the attacks do."""
    from charrobust.cli.logs import hush_transformers
    from charrobust.cli.noising import by_name
    from charrobust.cli.standard_input import as_file

    if tokenizers:
        hush_transformers()
    check_new(output, given=source, force=force)
    page = None if output is None else Path(output)
    with as_file(source, reading) as given:
        return write_page(given, reading, attacks, page, by_name(tokenizers))
