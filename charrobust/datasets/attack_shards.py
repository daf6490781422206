"""A data set in shards through an attack: each shard to one of its name, on any engine, resumed where it was stopped.

The output of a shard is the file that an attack on that file alone writes. Behind each, once it is whole, a marker is
written that says what it was made of; a run does what has no marker yet, and adds up the counts of all of them.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

import charrobust
from charrobust.datasets import edit_log, engines
from charrobust.datasets.attack_file import Summary, TextPair, attack_file, describe
from charrobust.datasets.formats import format_of
from charrobust.datasets.options import DataOptions
from charrobust.datasets.shards import Folder, Shard, find_shards
from charrobust.datasets.source import open_source
from charrobust.errors import NoRecordsError, UserError
from charrobust.files import claimed, made
from charrobust.json_text import parse_json
from charrobust.perturb import Attack, Tally
from charrobust.progress import Progress, no_progress
from charrobust.tasks.base import Task

# Readers of folders of shards (Spark, Ray, the datasets library) pass over names that begin so.
MARKERS = "_charrobust"
_SETTINGS, _SUMMARY = f"{MARKERS}/settings.json", f"{MARKERS}/summary.json"
_SHARDS, _PARTS = f"{MARKERS}/shards", f"{MARKERS}/parts"
_LOG = ".edits.parquet"
_BY_REASON = ("left", "drawn_again")  # counts of a tally by operator and reason


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
            with suppress(NoRecordsError), _naming(folder, shard, Path(scratch)) as path:
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
    work = _Work(source.folder, source.task, source.options, attack, Folder.of(output), logs)
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
            summaries[marker["name"]] = _summary_of_json(marker)
            done += marker["size"]
            progress(attack.recipe.name, done, total, {})
        # In the order of the shards, as the examples are those of the first of them.
        summary = _merged(summaries[shard.name] for shard in source.shards)
        about = {"shards": len(source.shards), **_settings(work)}
        work.output.write(_SUMMARY, _json(about | _summary_to_json(summary)))
    return ShardsSummary(len(source.shards), len(finished), summary)


@dataclass(frozen=True)
class _Work:
    """What is done to every shard, in whatever process."""

    data: Folder
    task: Task
    options: DataOptions
    attack: Attack
    output: Folder
    edits: Folder | None

    def __call__(self, shard: Shard) -> dict[str, Any]:
        """Attack one shard, and return its marker, which is written last."""
        with tempfile.TemporaryDirectory(dir=self._parts()) as folder:
            scratch = Path(folder)
            attacked, log = (
                scratch / "attacked" / Path(shard.name).name,
                scratch / "log" / f"{Path(shard.name).name}{_LOG}",
            )
            for path in (attacked, log, scratch / "read" / "shard"):
                path.parent.mkdir()
            with _naming(self.data, shard, scratch / "read") as path:
                summary = self._attacked(path, attacked, log if self.edits is not None else None)
            if self.edits is not None:
                self.edits.publish(log, f"{shard.name}{_LOG}")
            written = attacked.stat().st_size
            self.output.publish(attacked, shard.name)
        marker = {**asdict(shard), "written": written, **_summary_to_json(summary)}
        self.output.write(_marker_name(shard.name), _json(marker))
        return marker

    def _parts(self) -> str | None:
        """Return where unfinished files lie: on the file system of the output, so that one move puts them in place."""
        if not self.output.is_local:
            return None
        parts = Path(self.output.path(_PARTS))
        parts.mkdir(parents=True, exist_ok=True)
        return str(parts)

    def _attacked(self, path: Path, output: Path, log: Path | None) -> Summary:
        """Attack a file."""
        given = format_of(path, self.options.format, **self.options.format_options)
        bad_records = self.options.bad_records
        try:
            return attack_file(given, self.task, self.attack, output=output, edits=log, bad_records=bad_records)
        except NoRecordsError:
            # Engines leave such shards behind, which stay as they are.
            shutil.copyfile(path, output)
            if log is not None:
                with edit_log.LogWriter(log, describe(given, given, self.task, self.attack)) as writer:
                    writer.write(edit_log.renumbered(edit_log.to_arrow([]), 0))
            return Summary()


@contextmanager
def _naming(folder: Folder, shard: Shard, scratch: Path) -> Iterator[Path]:
    """Give a shard as a file of this machine; errors of its records name the shard, and not a copy of it.

    Raises:
        UserError: What was raised, under that name.
    """
    path = folder.fetch(shard.name, scratch)
    try:
        yield path
    except UserError as error:
        raise type(error)(str(error).replace(str(path), f"{folder.url}/{shard.name}")) from error


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
def _claimed(work: _Work) -> Iterator[dict[str, Shard]]:
    """Take possession of an output, and give the files that lie there.

    Raises:
        UserError: It holds something else, is of other settings, or another run writes to it.
    """
    files = work.output.listed()
    settings = json.loads(_json(_settings(work)))
    if files and _SETTINGS not in files:
        raise UserError(f"the output {work.output} holds other files; give a new folder")
    # Before its first marker, a run has left nothing that would have to fit.
    if any(name.startswith(_SHARDS) for name in files):
        _refuse_differences(work.output, settings, _parsed(work.output.read([_SETTINGS])[_SETTINGS]))
    with ExitStack() as stack:
        if work.output.is_local:
            folder = Path(work.output.path(MARKERS))
            stack.enter_context(made(folder))
            stack.enter_context(claimed(folder))
            # Behind the lock: what lies there now is of a run that was killed.
            stack.callback(_clear, work.output)
            _clear(work.output)
        work.output.write(_SETTINGS, _json(settings))
        yield files


def _clear(output: Folder) -> None:
    """Remove what is unfinished; of a run that has finished nothing, all of it."""
    shutil.rmtree(output.path(_PARTS), ignore_errors=True)
    # Where a shard is in its place, but not its marker yet, the settings tell that the output is one of shards.
    if not Path(output.path(_SHARDS)).exists() and output.listed().keys() <= {_SETTINGS}:
        Path(output.path(_SETTINGS)).unlink(missing_ok=True)


def _finished(work: _Work, shards: Sequence[Shard], files: Mapping[str, Shard]) -> dict[str, Summary]:
    """Return what was done to the shards that are whole, and made of what lies there now."""
    logs = {} if work.edits is None else work.edits.listed()
    names = map(_marker_name, (shard.name for shard in shards))
    markers = work.output.read([name for name in names if name in files])
    finished = {}
    for shard in shards:
        marker = _parsed(markers.get(_marker_name(shard.name), b""))
        is_there = shard.name in files and files[shard.name].size == marker.get("written")
        is_logged = work.edits is None or f"{shard.name}{_LOG}" in logs
        if is_there and is_logged and asdict(shard).items() <= marker.items():
            # A marker that lacks some counts is none.
            with suppress(LookupError, TypeError, ValueError):
                finished[shard.name] = _summary_of_json(marker)
    return finished


def _settings(work: _Work) -> dict[str, Any]:
    """Return all that the bytes of the output depend on beside the data."""
    recipe, options = work.attack.recipe, work.options
    return {
        "charrobust": charrobust.__version__,
        "recipe": recipe.name,
        "severity": recipe.severity,
        "language": recipe.language or None,
        "seed": work.attack.seed,
        "rules": recipe.digest,
        "words": [recipe.share, recipe.edited_words],
        "protect_patterns": work.attack.protect_patterns,
        "task": work.task.name,
        "columns": asdict(work.task),
        "format": options.format_options,
        "bad_records": options.bad_records,
        "edits": work.edits is not None,
    }


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


def _marker_name(shard: str) -> str:
    return f"{_SHARDS}/{shard}.json"


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _parsed(content: bytes) -> dict[str, Any]:
    """Return what a file of a run says; nothing where the run was killed while it wrote it."""
    try:
        return dict(parse_json(content))
    except (ValueError, TypeError):
        return {}


def _summary_to_json(summary: Summary) -> dict[str, Any]:
    """Return a summary as JSON holds it, whose names are texts."""
    tally = vars(summary.tally)
    for name in _BY_REASON:
        tally = {**tally, name: [[*key, count] for key, count in tally[name].items()]}
    examples = list(map(asdict, summary.examples))
    return {**vars(summary), "examples": examples, "tally": tally}


def _summary_of_json(marker: Mapping[str, Any]) -> Summary:
    """Return the summary of a marker."""
    counts = dict(marker["tally"])
    for name in _BY_REASON:
        counts[name] = Counter({(operator, reason): count for operator, reason, count in counts[name]})
    for name in ("excluded", "drawn", "edited"):
        counts[name] = Counter(counts[name])
    examples = [TextPair(**example) for example in marker["examples"]]
    return Summary(marker["records"], Tally(**counts), examples, list(marker["skipped"]))
