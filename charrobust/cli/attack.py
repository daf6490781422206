"""``charrobust attack``: write an adversarial test set."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charrobust.cli import completion, panels
from charrobust.cli.asking import MODEL_NAME
from charrobust.cli.attack_summary import figures_of, show_summary
from charrobust.cli.data_options import takes_data
from charrobust.cli.language_option import Language
from charrobust.cli.look import check_only_looks
from charrobust.cli.look import look as write_page
from charrobust.cli.model_options import Device
from charrobust.cli.result import Result
from charrobust.cli.search_options import SearchBudget
from charrobust.cli.shared import check_new
from charrobust.datasets.options import DataOptions
from charrobust.errors import UserError

if TYPE_CHECKING:
    from charrobust.datasets.formats import Format
    from charrobust.datasets.source import Source
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
        check_no_search(search=search, search_budget=search_budget, store=store, device=device)
        edits = log_of(edits, edit_log)
    # All recipes before any file: a wrong one is told before anything is written.
    attacks = _load(recipe, severity=severity, seed=seed, language=language, protect_patterns=protect_pattern or ())
    names_data = output or edits or edit_log or against
    if look or (not names_data and sys.stdout.isatty()):
        check_only_looks(edits=edits, edit_log=edit_log, against=against, workers=workers, seeds=seeds - 1)
        return _look(source, reading, attacks, output, tokenizer or [], force=force)
    output = _target(output, tokenizer)
    check_new(output, edits if against is None else edit_log, given=source, force=force)
    with as_file(source, reading) as given:
        if against is not None:
            check_one(attacks, severity=severity, seeds=seeds, workers=workers, engine=engine)
            target = Target(against, search or "greedy", number_of(edits), search_budget, store, device)
            return attack_against(given, reading, attacks[0], target, Path(output), edit_log)
        return _attack(given, reading, attacks, output, edits=edits, seeds=seeds, workers=workers, engine=engine)


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


def _attack(
    source: str,
    reading: DataOptions,
    attacks: list[Attack],
    output: str,
    *,
    edits: str | None,
    seeds: int,
    workers: int | None,
    engine: str,
) -> Result:
    """Attack a data set that has a name: shards, or a file, to a file or to a folder."""
    from charrobust.cli.shared import tell
    from charrobust.datasets.shards import is_sharded
    from charrobust.datasets.source import open_source

    if is_sharded(source, reading):
        _check_alone(len(attacks) * seeds)
        made = _attack_shards(source, reading, attacks[0], output, edits=edits, engine=engine, workers=workers)
        outputs = {"data": output} | ({} if edits is None else {"edits": edits})
        return Result(outputs, {"attacks": [made]})
    _check_local(engine, source)
    opened = open_source(source, reading)
    tell(opened.notes)
    if _is_folder(output, opened.format, several=len(attacks) * seeds > 1):
        _check_no_log(edits, output)
        written = _attack_to_folder(opened, attacks, Path(output), seeds=seeds, workers=workers or 1)
        return Result({"folder": output}, {"attacks": written})
    log = None if edits is None else Path(edits)
    alone = _attack_to_file(opened, attacks[0], Path(output), edits=log, workers=workers or 1)
    outputs = {"data": output} | ({} if edits is None else {"edits": edits})
    return Result(outputs, {"attacks": [alone]})


def _check_alone(count: int) -> None:
    """Refuse several attacks on shards.

    Raises:
        UserError: There are several.
    """
    if count > 1:
        raise UserError("shards are attacked with one recipe and one seed at a time; give one, and leave out `seeds`")


def _check_local(engine: str, source: str) -> None:
    """Refuse an engine for what is no folder of shards.

    Raises:
        UserError: There is no such engine, or it is another than that of this machine.
    """
    from charrobust.datasets.engines import LOCAL, check_engine

    check_engine(engine)
    if engine != LOCAL:
        raise UserError(f"`engine` {engine} attacks shards; give a folder of them, a URL or a pattern, got {source}")


def _check_no_log(edits: str | None, output: str) -> None:
    """Refuse a file for the edit log of what is written to a folder.

    Raises:
        UserError: One is named.
    """
    if edits is not None:
        raise UserError(f"leave out `edits`: the folder {output} will hold the edit logs")


def _is_folder(output: str, given: Format, *, several: bool) -> bool:
    """Tell whether several files are to be written to a folder.

    Raises:
        UserError: They have to, and the output is named as a file.
    """
    path = Path(output)
    if path.is_dir() or output.endswith(("/", os.sep)):
        return True
    if several and path.suffix:
        raise UserError(f"with several recipes or `seeds` --output must be a folder, got {output}; write {output}/")
    # One attack on a folder, such as a collection or a saved data set, makes a folder of the same kind.
    return several or (not path.suffix and given.path.is_file() and bool(given.path.suffix))


def _attack_to_file(
    opened: Source, attack: Attack, output: Path, *, edits: Path | None, workers: int
) -> dict[str, Any]:
    """Write one attacked file."""
    from charrobust.cli.shared import progress_bar
    from charrobust.datasets.attack_file import attack_file

    with progress_bar(attack.recipe.name, opened.format.total()) as progress:
        summary = attack_file(
            opened.format,
            opened.task,
            attack,
            output=output,
            sink=sink_of(opened.format, output),
            edits=edits,
            workers=workers,
            bad_records=opened.bad_records,
            progress=progress,
        )
    show_summary(attack, summary, output, edits)
    return figures_of(attack, summary, output, edits)


def _attack_to_folder(
    opened: Source, attacks: list[Attack], output: Path, *, seeds: int, workers: int
) -> list[dict[str, Any]]:
    """Write clean and attacked files to a folder.

    Raises:
        UserError: Two of the recipes are the same.
    """
    from charrobust.attackers.drawn import Drawn
    from charrobust.attackers.plan import plan_attackers
    from charrobust.cli.progress import stages
    from charrobust.cli.shared import say
    from charrobust.scoring.attacked_folder.write import write_attacked

    attackers = [attacker for attacker in plan_attackers(attacks, draws=seeds) if isinstance(attacker, Drawn)]
    if len(attackers) < len(attacks):
        raise UserError("two of the recipes are the same at the same severity")
    with stages(lambda _: "") as progress:
        written = write_attacked(opened, attackers, output, workers=workers, progress=progress)
    for each in written:
        show_summary(each.attack, each.summary, each.file, each.edits)
    say(
        f"{output} holds the clean data, too; score predictions for its files with: charrobust score {output} "
        "--predictions FILE ..."
    )
    return [figures_of(each.attack, each.summary, each.file, each.edits) for each in written]


def _attack_shards(
    source: str,
    reading: DataOptions,
    attack: Attack,
    output: str,
    *,
    edits: str | None,
    engine: str,
    workers: int | None,
) -> dict[str, Any]:
    """Write an attacked file for each shard."""
    from charrobust.cli.shared import progress_bar, say, tell
    from charrobust.datasets.attack_shards import attack_shards, open_shards

    opened = open_shards(source, reading)
    tell(opened.notes)
    total = sum(shard.size for shard in opened.shards)
    with progress_bar(attack.recipe.name, total) as progress:
        made = attack_shards(opened, attack, output, edits=edits, engine=engine, workers=workers, progress=progress)
    before = f", {made.resumed:,} of them by an earlier run" if made.resumed else ""
    say(f"{made.shards:,} shards{before}")
    show_summary(attack, made.whole, output, edits)
    return figures_of(attack, made.whole, output, edits) | {"shards": made.shards, "resumed": made.resumed}


def sink_of(given: Format, target: Path) -> Format:
    """Return the format to write in: the input's, or for hub data sets any of plain rows.

    Args:
        given: The format of the input.
        target: The output.

    Returns:
        Its format.

    Raises:
        UserError: The output's name asks for another format than the input's.
    """
    from charrobust.datasets.formats import Hub, format_of, suffix_of

    if isinstance(given, Hub):
        return format_of(target) if suffix_of(target) in (".jsonl", ".csv", ".tsv", ".parquet") else given
    if not given.is_folder and suffix_of(target) != suffix_of(given.path):
        raise UserError(
            f"the output {target} must be of the input's format: end its name with {suffix_of(given.path)} (or "
            f"{suffix_of(given.path)}.gz)"
        )
    return given
