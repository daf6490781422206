"""What is done to one shard of a data set, and the marker behind it: what it was made of, and its counts."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import charrobust
from charrobust.datasets import edit_log
from charrobust.datasets.attack_file import Summary, TextPair, attack_file, describe
from charrobust.datasets.formats import format_of
from charrobust.datasets.options import DataOptions
from charrobust.datasets.shards import Folder, Shard
from charrobust.errors import NoRecordsError, UserError
from charrobust.json_text import parse_json
from charrobust.perturb import Attack, Tally
from charrobust.tasks.base import Task

# Readers of folders of shards (Spark, Ray, the datasets library) pass over names that begin so.
MARKERS = "_charrobust"
SHARDS, PARTS = f"{MARKERS}/shards", f"{MARKERS}/parts"
LOG = ".edits.parquet"
_BY_REASON = ("left", "drawn_again")  # counts of a tally by operator and reason


@dataclass(frozen=True)
class ShardWork:
    """What is done to every shard, in whatever process.

    Attributes:
        data: Where the shards lie.
        task: The task, with its columns.
        options: What was said of the data.
        attack: The attack.
        output: Where the attacked shards go.
        edits: Where their edit logs go; None for none.
    """

    data: Folder
    task: Task
    options: DataOptions
    attack: Attack
    output: Folder
    edits: Folder | None

    def __call__(self, shard: Shard) -> dict[str, Any]:
        """Attack one shard, and return its marker, which is written last."""
        with tempfile.TemporaryDirectory(dir=self._parts()) as folder:
            scratch, name = Path(folder), Path(shard.name).name
            attacked, log = scratch / "attacked" / name, scratch / "log" / f"{name}{LOG}"
            for path in (attacked, log, scratch / "read" / "shard"):
                path.parent.mkdir()
            with naming(self.data, shard, scratch / "read") as path:
                summary = self._attacked(path, attacked, log if self.edits is not None else None)
            if self.edits is not None:
                self.edits.publish(log, f"{shard.name}{LOG}")
            written = attacked.stat().st_size
            self.output.publish(attacked, shard.name)
        marker = {**asdict(shard), "written": written, **summary_to_json(summary)}
        self.output.write(marker_name(shard.name), json_bytes(marker))
        return marker

    def _parts(self) -> str | None:
        """Return where unfinished files lie: on the file system of the output, so that one move puts them in place."""
        if not self.output.is_local:
            return None
        parts = Path(self.output.path(PARTS))
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
def naming(folder: Folder, shard: Shard, scratch: Path) -> Iterator[Path]:
    """Give a shard as a file of this machine; errors of its records name the shard, and not a copy of it.

    Args:
        folder: Where the shards lie.
        shard: The shard.
        scratch: Where a copy may lie.

    Yields:
        The file.

    Raises:
        UserError: What was raised, under that name.
    """
    path = folder.fetch(shard.name, scratch)
    try:
        yield path
    except UserError as error:
        raise type(error)(str(error).replace(str(path), f"{folder.url}/{shard.name}")) from error


def settings_of(work: ShardWork) -> dict[str, Any]:
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


def marker_name(shard: str) -> str:
    """Return the name of the marker of a shard."""
    return f"{SHARDS}/{shard}.json"


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """Return what a file of a run says, as it is written."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def parsed(content: bytes) -> dict[str, Any]:
    """Return what a file of a run says; nothing where the run was killed while it wrote it."""
    try:
        return dict(parse_json(content))
    except (ValueError, TypeError):
        return {}


def summary_to_json(summary: Summary) -> dict[str, Any]:
    """Return a summary as JSON holds it, whose names are texts."""
    tally = vars(summary.tally)
    for name in _BY_REASON:
        tally = {**tally, name: [[*key, count] for key, count in tally[name].items()]}
    examples = list(map(asdict, summary.examples))
    return {**vars(summary), "examples": examples, "tally": tally}


def summary_of_json(marker: Mapping[str, Any]) -> Summary:
    """Return the summary of a marker."""
    counts = dict(marker["tally"])
    for name in _BY_REASON:
        counts[name] = Counter({(operator, reason): count for operator, reason, count in counts[name]})
    for name in ("excluded", "drawn", "edited"):
        counts[name] = Counter(counts[name])
    examples = [TextPair(**example) for example in marker["examples"]]
    return Summary(marker["records"], Tally(**counts), examples, list(marker["skipped"]))
