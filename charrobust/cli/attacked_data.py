"""What ``charrobust attack`` writes of its input: a file, a folder of files, or shards."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charrobust.cli.attack_summary import figures_of, show_summary
from charrobust.cli.result import Result
from charrobust.datasets.options import DataOptions
from charrobust.errors import UserError

if TYPE_CHECKING:
    from charrobust.datasets.formats import Format
    from charrobust.datasets.source import Source
    from charrobust.perturb import Attack


def attack_source(
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
    """Attack a data set that has a name: shards, or a file, to a file or to a folder.

    Args:
        source: A file, the name of a card, or shards.
        reading: How it is read.
        attacks: The attacks; one where one file or shards are written.
        output: Where to.
        edits: The edit log to write; None for none.
        seeds: How many times each attack is drawn.
        workers: Processes; None for one, or with Ray all cores.
        engine: What shards are attacked on.

    Returns:
        What was written, and the figures of the attacks.

    Raises:
        UserError: The options do not fit what is read, or what is written.
    """
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
