"""A data set in shards through an attack: each shard to one of its name, on any engine, resumed where it was stopped.

The output of a shard is the file that an attack on that file alone writes. Behind each, once it is whole, a marker is
written (:mod:`charrobust.datasets.shard_work`); a run does what has no marker yet, and adds up the counts of all.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

from charrobust.datasets import engines
from charrobust.datasets.attack_file import Summary
from charrobust.datasets.options import DataOptions
from charrobust.datasets.shard_work import (
    LOG,
    MARKERS,
    PARTS,
    SHARDS,
    ShardWork,
    json_bytes,
    marker_name,
    naming,
    parsed,
    settings_of,
    summary_of_json,
    summary_to_json,
)
from charrobust.datasets.shards import Folder, Shard, find_shards
from charrobust.datasets.source import open_source
from charrobust.errors import NoRecordsError, UserError
from charrobust.files import claimed, made
from charrobust.perturb import Attack
from charrobust.progress import Progress, no_progress
from charrobust.tasks.base import Task

_SETTINGS, _SUMMARY = f"{MARKERS}/settings.json", f"{MARKERS}/summary.json"


@dataclass(frozen=True)
class ShardedSource:
    """A data set in shards that can be read.

    Attributes:
        folder: Where the shards lie.
        shards: The shards, by name.
        task: The task, with its columns.
        options: What was said of it.
        notes: What a user should know of how it is understood.
    """

    folder: Folder
    shards: list[Shard]
    task: Task
    options: DataOptions
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShardsSummary:
    """What an attack did to a data set in shards.

    Attributes:
        shards: Number of shards.
        resumed: How many of them an earlier run had finished.
        whole: Counts and examples of all.
    """

    shards: int
    resumed: int
    whole: Summary


def open_shards(data: str, options: DataOptions | None = None) -> ShardedSource:
    """Find the shards of a data set, and its task by the first of them that holds records.

    Args:
        data: See :func:`.find_shards`.
        options: What is said of it.

    Returns:
        The data set.

    Raises:
        UserError: There are no shards, or no task to be told.
        NoRecordsError: No shard holds any.
    """
    options = options or DataOptions()
    folder, shards = find_shards(data)
    with tempfile.TemporaryDirectory() as scratch:
        for shard in shards:
            with suppress(NoRecordsError), naming(folder, shard, Path(scratch)) as path:
                opened = open_source(path, options)
                return ShardedSource(folder, shards, opened.task, options, opened.notes)
    raise NoRecordsError(f"{data} holds no records; expected at least one")


def attack_shards(
    source: ShardedSource,
    attack: Attack,
    output: str,
    *,
    edits: str | None = None,
    engine: str = engines.LOCAL,
    workers: int | None = None,
    progress: Progress = no_progress,
) -> ShardsSummary:
    """Attack a data set shard by shard; a run that was stopped goes on where it was.

    Args:
        source: The data set.
        attack: The attack.
        output: Folder to write, as a path or URL; it gets a file for each shard, of the same name.
        edits: Folder for the edit logs, of which each shard has one (``NAME.edits.parquet``); None for none.
        engine: See :func:`.engines.run`.
        workers: See :func:`.engines.run`.
        progress: See :data:`charrobust.progress.Progress`; the stage is the name of the recipe, the unit bytes.

    Returns:
        Counts of all shards.

    Raises:
        UserError: The output is of other settings, in use, or cannot be written; or the engine cannot be used.
        DataError: A record is not what the task asks for. Shards that are finished are kept.
    """
    engines.check_engine(engine)
    logs = None if edits is None else _log_folder(edits)
    work = ShardWork(source.folder, source.task, source.options, attack, Folder.of(output), logs)
    _check_apart(source.folder, work.output, work.edits)
    with _claimed(work) as present:
        finished = _finished(work, source.shards, present)
        rest = [shard for shard in source.shards if shard.name not in finished]
        total = sum(shard.size for shard in source.shards)
        done = total - sum(shard.size for shard in rest)
        summaries = dict(finished)
        # The largest first: at the end, no worker is left alone with a large one.
        rest.sort(key=lambda shard: -shard.size)
        for marker in engines.run(work, rest, engine=engine, workers=workers):
            summaries[marker["name"]] = summary_of_json(marker)
            done += marker["size"]
            progress(attack.recipe.name, done, total, {})
        # In the order of the shards, as the examples are those of the first of them.
        summary = _merged(summaries[shard.name] for shard in source.shards)
        about = {"shards": len(source.shards), **settings_of(work)}
        work.output.write(_SUMMARY, json_bytes(about | summary_to_json(summary)))
    return ShardsSummary(len(source.shards), len(finished), summary)


def _log_folder(edits: str) -> Folder:
    """Return the folder of the edit logs.

    Raises:
        UserError: It is named as a file.
    """
    if edits.endswith((".parquet", ".jsonl", ".gz")):
        raise UserError(f"each shard has an edit log of its own: `edits` must be a folder, got {edits}")
    return Folder.of(edits)


def _check_apart(data: Folder, output: Folder, edits: Folder | None) -> None:
    """Refuse folders that hold each other: files of one would be taken for shards of the other.

    Raises:
        UserError: With both.
    """
    folders = [data, output] if edits is None else [data, output, edits]
    for one, other in permutations(folders, 2):
        if type(one.system) is type(other.system) and f"{one.root}/".startswith(f"{other.root}/"):
            raise UserError(f"{one} lies in {other}; give folders apart from each other for data, output and edit logs")


@contextmanager
def _claimed(work: ShardWork) -> Iterator[dict[str, Shard]]:
    """Take possession of an output, and give the files that lie there.

    Raises:
        UserError: It holds something else, is of other settings, or another run writes to it.
    """
    files = work.output.listed()
    settings = json.loads(json_bytes(settings_of(work)))
    if files and _SETTINGS not in files:
        raise UserError(f"the output {work.output} holds other files; give a new folder")
    # Before its first marker, a run has left nothing that would have to fit.
    if any(name.startswith(SHARDS) for name in files):
        _refuse_differences(work.output, settings, parsed(work.output.read([_SETTINGS])[_SETTINGS]))
    with ExitStack() as stack:
        if work.output.is_local:
            folder = Path(work.output.path(MARKERS))
            stack.enter_context(made(folder))
            stack.enter_context(claimed(folder))
            # Behind the lock: what lies there now is of a run that was killed.
            stack.callback(_clear, work.output)
            _clear(work.output)
        work.output.write(_SETTINGS, json_bytes(settings))
        yield files


def _clear(output: Folder) -> None:
    """Remove what is unfinished; of a run that has finished nothing, all of it."""
    shutil.rmtree(output.path(PARTS), ignore_errors=True)
    # Where a shard is in its place, but not its marker yet, the settings tell that the output is one of shards.
    if not Path(output.path(SHARDS)).exists() and output.listed().keys() <= {_SETTINGS}:
        Path(output.path(_SETTINGS)).unlink(missing_ok=True)


def _finished(work: ShardWork, shards: Sequence[Shard], files: Mapping[str, Shard]) -> dict[str, Summary]:
    """Return what was done to the shards that are whole, and made of what lies there now."""
    logs = {} if work.edits is None else work.edits.listed()
    names = map(marker_name, (shard.name for shard in shards))
    markers = work.output.read([name for name in names if name in files])
    finished = {}
    for shard in shards:
        marker = parsed(markers.get(marker_name(shard.name), b""))
        is_there = shard.name in files and files[shard.name].size == marker.get("written")
        is_logged = work.edits is None or f"{shard.name}{LOG}" in logs
        if is_there and is_logged and asdict(shard).items() <= marker.items():
            # A marker that lacks some counts is none.
            with suppress(LookupError, TypeError, ValueError):
                finished[shard.name] = summary_of_json(marker)
    return finished


def _refuse_differences(output: Folder, settings: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Refuse to go on with an output of other settings.

    Raises:
        UserError: With the first that differs.
    """
    for name, value in settings.items():
        if before.get(name) != value:
            raise UserError(
                f"the output {output} was begun with {name} {before.get(name)!r}, and this run has {value!r}; give "
                "another folder, or the same settings"
            )


def _merged(summaries: Iterable[Summary]) -> Summary:
    """Add up what was done to all shards."""
    whole = Summary()
    for summary in summaries:
        whole.add(summary)
    return whole
