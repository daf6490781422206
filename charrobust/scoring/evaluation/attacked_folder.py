"""A folder of the versions of a data set: written by ``charrobust attack``, predicted anywhere, scored here.

Beside the clean data and each attacked version lie the edit logs, and a manifest that says how all of it is read. The
files are complete data sets in the format of the input, so that whatever makes predictions reads them as it reads that.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from charrobust.attackers.drawn import Change, Drawn, with_cost
from charrobust.attackers.given import check_aligned
from charrobust.attackers.versions import (
    AVERAGE,
    CLEAN,
    AttackInfo,
    FieldEdit,
    Version,
    clean_version,
    edits_in_example,
    of_draws,
)
from charrobust.datasets.attack_file import Summary, attack_file, reading_options
from charrobust.datasets.dataset import DataSet
from charrobust.datasets.edit_log import EditLog
from charrobust.datasets.formats import Format, Hub, format_of
from charrobust.datasets.load import read_source
from charrobust.datasets.options import DataOptions
from charrobust.datasets.source import Source, with_choices
from charrobust.errors import DataError, UserError
from charrobust.files import beside, claimed, keep_private, made, remove
from charrobust.perturb import Attack
from charrobust.progress import Progress, no_progress
from charrobust.scoring.stored import load, save
from charrobust.tasks.base import Task
from charrobust.tasks.labels import parse_label_map
from charrobust.tasks.records import LoggedEdit
from charrobust.tasks.registry import task_class

MANIFEST = "versions.json"  # not attacked.json: so is the attacked file of a JSON data set called
ATTACKED = "attacked"  # the file of the only attack
SCHEMA = 1
_LOG = ".edits.parquet"
LabelMap = Mapping[str, str] | Sequence[str | tuple[str, str]]  # what parse_label_map takes


@dataclass(frozen=True)
class AttackedFile:
    """One draw of the edits of an attack.

    Attributes:
        seed: Seed of the edits.
        file: Name of the attacked file.
        edits: Name of its edit log.
        words: Number of words in the attacked fields.
    """

    seed: int
    file: str
    edits: str
    words: int


@dataclass(frozen=True)
class AttackedVersion:
    """What a recipe made of the data; the fields are those of :class:`.AttackInfo`.

    Attributes:
        name: Name of the version.
        recipe: Name of the recipe.
        severity: Share of the eligible words that are edited, or edits a text.
        operator: The only operator of the recipe; None where there are several.
        draws: The files, one a seed.
        level: What the recipe acts on; None in folders that were written before it was kept.
    """

    name: str
    recipe: str
    severity: float
    operator: str | None
    draws: tuple[AttackedFile, ...]
    level: str | None = None


@dataclass(frozen=True)
class Part:
    """What one file of predictions is for: one draw of a version.

    Attributes:
        version: Name of the version.
        stem: Name of its file in the folder, without the suffix.
    """

    version: str
    stem: str


@dataclass(frozen=True)
class Manifest:
    """What a folder holds, and how it is read.

    Attributes:
        data: Name of the data set.
        task: Name of its task.
        columns: The fields of the task.
        format: Options of the format.
        clean: Name of the file of the clean data.
        attacks: The attacked versions.
        schema: Version of this shape.
    """

    data: str
    task: str
    columns: dict[str, Any]
    format: dict[str, Any]
    clean: str
    attacks: tuple[AttackedVersion, ...]
    schema: int = SCHEMA

    def __post_init__(self) -> None:
        """Check that all files lie in the folder, where writing it anew removes them.

        Raises:
            UserError: A name leads out of it.
        """
        for name in self.files:
            if name != Path(name).name or name in ("", "..") or "\0" in name:
                raise UserError(f"expected the name of a file in the folder, got {name!r:.60}")

    @property
    def files(self) -> list[str]:
        """The names of all files in the folder, but for the manifest."""
        names = [self.clean]
        for draw in chain.from_iterable(attack.draws for attack in self.attacks):
            names += [draw.file, draw.edits]
        return names

    @property
    def parts(self) -> list[Part]:
        """What there are to be predictions for, in order."""
        parts = [Part(CLEAN, CLEAN)]
        for attack in self.attacks:
            # Of the log, since a folder of records has no suffix, and what follows a dot in its name is none.
            parts += [Part(attack.name, draw.edits.removesuffix(_LOG)) for draw in attack.draws]
        return parts


@dataclass(frozen=True)
class Written:
    """An attacked file that was written.

    Attributes:
        attack: The attack.
        file: The file.
        edits: Its edit log.
        summary: What was done.
    """

    attack: Attack
    file: Path
    edits: Path
    summary: Summary


def write_attacked(
    source: Source, attackers: Sequence[Drawn], folder: Path, *, workers: int = 1, progress: Progress = no_progress
) -> list[Written]:
    """Write a data set and what attacks make of it to a folder, which :func:`read_attacked` reads.

    Args:
        source: The data set.
        attackers: The recipes, with their draws; see :func:`.plan_attackers`.
        folder: The folder, new or old; in an old one, files of an earlier call are replaced.
        workers: Number of processes that attack.
        progress: See :data:`charrobust.progress.Progress`; the stage is the name of a file.

    Returns:
        The attacked files, in order.

    Raises:
        UserError: The folder holds other files of these names, or cannot be written.
        DataError: A record is not what the task asks for. Nothing is left behind then.
    """
    with _replacing_folder(folder, source.format) as temporary:
        files = _Files(source, temporary, workers, progress)
        # Through the same parts as the attacks, with no word edited: bad records are left out here as there.
        some = attackers[0].attack_of
        files.write(replace(some, recipe=replace(some.recipe, share=0.0, edited_words=None)), CLEAN)
        written: list[Written] = []
        versions: list[AttackedVersion] = []
        for attacker in attackers:
            draws: list[AttackedFile] = []
            for attack in attacker.attacks():
                stem = _stem_of(attacker, attack, alone=len(attackers) == 1)
                summary = files.write(attack, stem, with_log=True)
                draw = AttackedFile(attack.seed, files.name(stem), files.log_name(stem), summary.tally.words)
                draws.append(draw)
                written.append(Written(attack, folder / draw.file, folder / draw.edits, summary))
            versions.append(_of_draws(attacker, draws))
        save(files.manifest(versions), temporary / MANIFEST)
    return written


def _of_draws(attacker: Drawn, draws: Sequence[AttackedFile]) -> AttackedVersion:
    """Return what an attacker made, as the manifest holds it."""
    recipe = attacker.attack_of.recipe
    return AttackedVersion(
        attacker.name, recipe.name, attacker.severity, attacker.operator, tuple(draws), level=recipe.level
    )


class _Files:
    """Writes the files of a folder."""

    def __init__(self, source: Source, folder: Path, workers: int, progress: Progress) -> None:
        self._source, self._folder, self._workers, self._progress = source, folder, workers, progress
        self._sink = source.format
        self._suffix = "" if source.format.is_folder else _suffix(source.format.path)
        if isinstance(source.format, Hub):  # which is no file whose suffix could be kept
            self._suffix = ".parquet"
            self._sink = format_of(Path(self.name(CLEAN)))

    def name(self, stem: str) -> str:
        """Return the name of a file of records."""
        return f"{stem}{self._suffix}"

    def log_name(self, stem: str) -> str:
        """Return the name of a file's edit log."""
        return f"{stem}{_LOG}"

    def write(self, attack: Attack, stem: str, *, with_log: bool = False) -> Summary:
        """Write what an attack makes of the data set.

        Args:
            attack: The attack.
            stem: Name of the file, without its suffix.
            with_log: Whether the edit log is written, too.

        Returns:
            What was done.

        Raises:
            UserError: There is a file of that name.
        """
        if self.name(stem) == MANIFEST or (self._folder / self.name(stem)).exists():
            raise UserError(f"two files of the folder would be called {self.name(stem)!r}; rename a recipe")
        return attack_file(
            self._source.format,
            self._source.task,
            attack,
            output=self._folder / self.name(stem),
            sink=self._sink,
            edits=self._folder / self.log_name(stem) if with_log else None,
            workers=self._workers,
            bad_records=self._source.bad_records,
            progress=lambda _, done, total, metrics: self._progress(stem, done, total, metrics),
        )

    def manifest(self, versions: Sequence[AttackedVersion]) -> Manifest:
        """Return what the folder holds."""
        task = self._source.task
        return Manifest(
            self._source.name,
            task.name,
            columns=asdict(task),
            format=reading_options(self._source.format, self._sink),
            clean=self.name(CLEAN),
            attacks=tuple(versions),
        )


def _stem_of(attacker: Drawn, attack: Attack, *, alone: bool) -> str:
    """Return the name of a file, without its suffix."""
    stem = ATTACKED if alone else attacker.name
    for separator in "/\\:":  # of a recipe of a user's own, whose name is no file's
        stem = stem.replace(separator, "-")
    return stem if attacker.draws == 1 else f"{stem}.seed-{attack.seed}"


def _suffix(path: Path) -> str:
    """Return the suffix of a file, that of a compressed one with ``.gz``."""
    return Path(path.name.removesuffix(".gz")).suffix + (".gz" if path.suffix == ".gz" else "")


@contextmanager
def _replacing_folder(folder: Path, given: Format) -> Iterator[Path]:
    """Give a temporary folder beside ``folder`` whose files take their places in it on success.

    Raises:
        UserError: The folder cannot be written, holds the input, or other files of these names.
    """
    if given.path.resolve().is_relative_to(folder.resolve()) and given.path.exists():
        raise UserError(f"cannot write {folder}: it holds the input {given.path}; give another folder")
    is_new = not folder.exists()
    with made(folder), claimed(folder), beside(folder) as temporary:
        if is_new and given.path.exists():
            keep_private(folder, given.path)
        known = set(_known_files(folder))
        temporary.mkdir()
        yield temporary
        _take_places(temporary, folder, known)


def _known_files(folder: Path) -> list[str]:
    """Return the names of the files of an earlier call."""
    if not (folder / MANIFEST).exists():
        return []
    return [*load(Manifest, folder / MANIFEST).files, MANIFEST]


def _take_places(temporary: Path, folder: Path, known: set[str]) -> None:
    """Move files to a folder, in place of those of an earlier call.

    Raises:
        UserError: There are others of these names.
    """
    new = {path.name for path in temporary.iterdir()}
    for name in sorted(new - known):
        if (folder / name).exists():
            raise UserError(f"cannot write {folder / name}: there is one that no attack wrote; give another folder")
    # The manifest goes first and comes last: without it the folder is none that can be scored.
    for name in sorted(known, key=lambda name: name != MANIFEST):
        remove(folder / name)
    for name in sorted(new, key=lambda name: name == MANIFEST):
        (temporary / name).rename(folder / name)


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


def read_manifest(folder: Path) -> Manifest:
    """Read what a folder holds.

    Args:
        folder: The folder.

    Returns:
        Its manifest.

    Raises:
        UserError: There is no such folder, or none that ``charrobust attack`` wrote.
        DataError: The manifest is damaged or of another version.
    """
    if not (folder / MANIFEST).is_file():
        missing = f"holds no {MANIFEST}" if folder.is_dir() else "is no existing folder"
        raise UserError(f"{folder} {missing}; write it with: charrobust attack DATA --recipe RECIPE --output {folder}/")
    manifest = load(Manifest, folder / MANIFEST)
    names = [attack.name for attack in manifest.attacks]
    if len({CLEAN, *names}) <= len(names):
        raise DataError(
            f"{folder / MANIFEST}: two versions have one name; write the folder anew with charrobust attack"
        )
    return manifest


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
    info = AttackInfo(
        attack.name,
        AVERAGE,
        recipe=attack.recipe,
        severity=attack.severity,
        operator=attack.operator,
        seed=draw.seed,
        level=attack.level,
    )
    pairs = zip(data.examples, attacked.examples, strict=True)
    examples = tuple(replace(changed, id=clean.id) for clean, changed in pairs)
    logged = chain.from_iterable(edits for _, edits in log.by_row())
    return Version(with_cost(info, data, map(_change_of, logged), draw.words), examples, _edits_in(log, data))


def _change_of(logged: LoggedEdit) -> Change:
    edit = logged.edit
    return Change(logged.row, logged.example, logged.field, edit.word, edit.old_text, edit.new_text)


def _edits_in(log: EditLog, data: DataSet) -> Callable[[int], tuple[FieldEdit, ...]]:
    """Return what tells the edits of an example by its number."""

    @functools.cache
    def by_row() -> dict[int, list[LoggedEdit]]:
        # Only when an example is shown: without a report no log stays in memory.
        return dict(log.by_row())

    def edits(number: int) -> tuple[FieldEdit, ...]:
        logged = by_row().get(data.record_of(number).first, ())
        return edits_in_example(data.task, data.examples[number], logged)

    return edits
