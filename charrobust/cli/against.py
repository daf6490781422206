"""``charrobust attack --against``: the worst case for one model, written as a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from charrobust.cli.result import Result
from charrobust.errors import UserError

if TYPE_CHECKING:
    from charrobust.attackers.versions import Version
    from charrobust.datasets.dataset import DataSet
    from charrobust.datasets.options import DataOptions
    from charrobust.perturb import Attack

_EXAMPLES = 3


@dataclass(frozen=True)
class Target:
    """What is searched against, and how.

    Attributes:
        model: The model.
        search: Name of the search.
        most_edits: Edits of a text, at most.
        budget: Queries about an example, at most; None for the search's own limits.
        store: Folder that keeps what was found; None for none.
        device: Where the model runs; None for a GPU where there is one.
        screen: Whether it is asked in half precision first.
    """

    model: str
    search: str
    most_edits: int
    budget: int | None
    store: Path | None
    device: str | None
    screen: bool


def check_no_search(**options: object) -> None:
    """Refuse options of a search where there is none.

    Args:
        options: What was given, None where nothing was.

    Raises:
        UserError: With the first that was.
    """
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise UserError(f"`{given[0]}` is that of a search; name the model to search against with `against`")


def log_of(edits: str | None, edit_log: str | None) -> str | None:
    """Return the path of the edit log where edits are drawn.

    Args:
        edits: What was given as ``--edits``.
        edit_log: What was given as ``--edit-log``.

    Returns:
        The path; None for no log.

    Raises:
        UserError: There are two, or one that is a number.
    """
    if edits is not None and edit_log is not None:
        raise UserError("`edits` and `edit_log` both name the edit log; give one of them")
    if edits is not None and edits.isdecimal():
        raise UserError(
            f"`edits` {edits} is a number of edits, which a search makes: name the model to search against with "
            "`against`; or give the path of the edit log"
        )
    return edits or edit_log


def number_of(edits: str | None) -> int:
    """Return the most edits of a text that a search makes; one where nothing is said.

    Args:
        edits: What was given as ``--edits``.

    Returns:
        The number.

    Raises:
        UserError: It is none.
    """
    if edits is None:
        return 1
    if not edits.isdecimal():
        raise UserError(
            f"with `against`, `edits` is the most edits of a text, a whole number, got {edits!r}; name the edit log "
            "with `edit_log`"
        )
    return int(edits)


def check_one(attacks: Sequence[Attack], *, severity: str | None, seeds: int, workers: int | None, engine: str) -> None:
    """Refuse what a search against one model has no use for.

    Args:
        attacks: The recipes.
        severity: Their severity.
        seeds: How often they are drawn.
        workers: Number of processes.
        engine: What shards are attacked on.

    Raises:
        UserError: With what is to be left out.
    """
    given = {
        "severity": severity is not None,
        "seeds": seeds > 1,
        "workers": workers is not None,
        "engine": engine != "local",
    }
    others = [f"`{name}`" for name, is_given in given.items() if is_given]
    if others:
        raise UserError(
            f"with `against`, {others[0]} says nothing: a search chooses how many words it edits, in one process; "
            "leave it out"
        )
    if len(attacks) > 1:
        raise UserError(f"with `against`, give one `recipe`, got {len(attacks)}; search with one after the other")


def attack_against(
    source: str, reading: DataOptions, attack: Attack, target: Target, output: Path, edit_log: str | None
) -> Result:
    """Search a data set for the worst case, and write it.

    Args:
        source: Name of the data set.
        reading: How it is read.
        attack: The recipe.
        target: What is searched against, and how.
        output: The file to write.
        edit_log: The edit log to write; None for none.

    Returns:
        What was written, and the figures of the search.

    Raises:
        UserError: The model, the search, the recipe or the files do not fit.
    """
    from charrobust.attackers.search_file import SearchFiles, search_file
    from charrobust.attackers.searched import Searched
    from charrobust.cli.attacked_data import sink_of
    from charrobust.cli.logs import hush_transformers
    from charrobust.cli.progress import stages
    from charrobust.cli.shared import say, tell
    from charrobust.cli.shown_searches import lost_so_far, show_searches
    from charrobust.datasets.load import read_source
    from charrobust.datasets.shards import is_sharded
    from charrobust.datasets.source import open_source
    from charrobust.scoring.evaluation.evaluate import ANSWERS
    from charrobust.scoring.evaluation.searches import check_search_costs, search_scores
    from charrobust.systems.naming import SystemOptions, as_system

    hush_transformers()
    if is_sharded(source, reading):
        raise UserError(f"a search attacks one file, and {source} is a folder of shards; give one of them")
    opened = open_source(source, reading)
    files = SearchFiles(output, sink_of(opened.format, output), None if edit_log is None else Path(edit_log))
    files.check(opened)
    data = read_source(opened)
    tell(data.notes())
    name = f"worst:{attack.recipe.name}:{target.search}:{target.most_edits}"
    with stages(lost_so_far) as progress:
        searched = Searched(attack, name, target.search, target.most_edits, target.budget, target.store, progress)
        options = SystemOptions.for_data(data, device=target.device, screen=target.screen)
        system = as_system(target.model, options=options)
        check_search_costs([searched], [system])
        if target.store is not None:
            system.keep_in(target.store / ANSWERS)
        version = search_file(opened, data, system, searched, files)
    scores = search_scores([version], confidence=0.95)
    show_searches(scores)
    _show_examples(data, version)
    outputs = {"data": output} | ({} if edit_log is None else {"edits": Path(edit_log)})
    say("wrote " + " and ".join(map(str, outputs.values())))
    return Result(outputs, {"searches": scores})


def _show_examples(data: DataSet, version: Version) -> None:
    """Print a few texts before and after."""
    from rich.markup import escape

    from charrobust.cli.attack_summary import shortened
    from charrobust.cli.shared import console

    pairs = zip(data.examples, version.examples, strict=True)
    changed = [(before, after) for before, after in pairs if before.texts != after.texts]
    for before, after in changed[:_EXAMPLES]:
        console().print(f"  [dim]before[/]  {escape(shortened(' '.join(before.texts)))}")
        console().print(f"  [dim]after [/]  {escape(shortened(' '.join(after.texts)))}")
