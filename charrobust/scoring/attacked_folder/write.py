"""Writing a data set and what attacks make of it to a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from charrobust.attackers.drawn import Drawn
from charrobust.attackers.versions import CLEAN
from charrobust.datasets.attack_file import Summary, attack_file, reading_options
from charrobust.datasets.formats import Format, Hub, format_of
from charrobust.datasets.source import Source
from charrobust.errors import UserError
from charrobust.files import beside, claimed, keep_private, made, remove
from charrobust.perturb import Attack
from charrobust.progress import Progress, no_progress
from charrobust.scoring.attacked_folder.manifest import LOG, MANIFEST, AttackedFile, AttackedVersion, Manifest
from charrobust.scoring.stored import load, save

ATTACKED = "attacked"  # the file of the only attack


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
    source: Source,
    attackers: Sequence[Drawn],
    folder: str | Path,
    *,
    workers: int = 1,
    progress: Progress = no_progress,
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
    folder = Path(folder)
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
    return AttackedVersion(**asdict(attacker.use), draws=tuple(draws))


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
        return f"{stem}{LOG}"

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
