"""Reading a folder of attacked files as the versions of a data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from charrobust.attackers.drawn import Change, with_cost
from charrobust.attackers.given import check_aligned
from charrobust.attackers.logged import edits_in
from charrobust.attackers.versions import Version, clean_version, of_draws
from charrobust.datasets.dataset import DataSet
from charrobust.datasets.edit_log import EditLog
from charrobust.datasets.formats import format_of
from charrobust.datasets.load import read_source
from charrobust.datasets.options import DataOptions
from charrobust.datasets.source import Source, with_choices
from charrobust.errors import DataError
from charrobust.scoring.attacked_folder.manifest import (
    MANIFEST,
    AttackedFile,
    AttackedVersion,
    Manifest,
    read_manifest,
)
from charrobust.tasks.base import Task
from charrobust.tasks.labels import parse_label_map
from charrobust.tasks.records import LoggedEdit
from charrobust.tasks.registry import task_class

LabelMap = Mapping[str, str] | Sequence[str | tuple[str, str]]  # what parse_label_map takes


def read_attacked(folder: str | Path, *, label_map: LabelMap = ()) -> tuple[DataSet, list[Version]]:
    """Read a folder that ``charrobust attack`` wrote.

    Args:
        folder: The folder.
        label_map: Other names for labels, as ``label_map`` of :func:`.load_data`, beside those that were named for the
            attack.

    Returns:
        The clean data set, and its versions, the clean one first.

    Raises:
        UserError: There is no such folder, or the task has no labels to be renamed.
        DataError: It was not written by ``charrobust attack``, or a file was changed and does not line up any more.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    task = _task_of(manifest, label_map)
    data = _read(folder, manifest, task, manifest.clean, manifest.data)
    attacked = [_version(folder, manifest, data, attack) for attack in manifest.attacks]
    return data, [clean_version(data.examples), *attacked]


def _task_of(manifest: Manifest, label_map: LabelMap) -> Task:
    """Return the task, with further names for its labels."""
    task = task_class(manifest.task).of_columns(manifest.columns)
    if not label_map:
        return task
    before = dict(getattr(task, "label_map", ()))
    return with_choices(task, DataOptions(label_map=tuple((before | dict(parse_label_map(label_map))).items())))


def _read(folder: Path, manifest: Manifest, task: Task, file: str, name: str) -> DataSet:
    """Read a file of a folder.

    Raises:
        DataError: It is not there.
    """
    path = folder / file
    if not path.exists():
        raise DataError(f"{path} is missing, which {MANIFEST} names; write the folder anew with charrobust attack")
    return read_source(Source(name, format_of(path, **manifest.format), task))


def _version(folder: Path, manifest: Manifest, data: DataSet, attack: AttackedVersion) -> Version:
    """Return an attacked version with all its draws."""
    return of_draws([_draw(folder, manifest, data, attack=attack, draw=draw) for draw in attack.draws])


def _draw(folder: Path, manifest: Manifest, data: DataSet, *, attack: AttackedVersion, draw: AttackedFile) -> Version:
    """Return one draw of a version."""
    attacked = _read(folder, manifest, data.task, draw.file, draw.file)
    check_aligned(data, attacked)
    log = EditLog(folder / draw.edits)
    pairs = zip(data.examples, attacked.examples, strict=True)
    examples = tuple(replace(changed, id=clean.id) for clean, changed in pairs)
    logged = chain.from_iterable(edits for _, edits in log.by_row())
    info = with_cost(attack.info(draw.seed), data, map(_change_of, logged), draw.words)
    return Version(info, examples, edits_in(log, data))


def _change_of(logged: LoggedEdit) -> Change:
    edit = logged.edit
    return Change(logged.row, logged.example, logged.field, edit.word, edit.old_text, edit.new_text)
