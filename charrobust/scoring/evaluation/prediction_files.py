"""Files of predictions that were made elsewhere: whose they are, and which is for which version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from charrobust.attackers.versions import Version
from charrobust.datasets.dataset import DataSet
from charrobust.datasets.formats import SUFFIXES, suffix_of
from charrobust.errors import UserError
from charrobust.scoring.attacked_folder.manifest import Part
from charrobust.scoring.evaluation.prediction_rows import TEXT, predictions_in
from charrobust.tasks.examples import Prediction

DEFAULT_NAME = "predictions"


@dataclass(frozen=True)
class GivenSystem:
    """The files of a system.

    Attributes:
        name: Its name.
        files: What each is for, and the file; in the order of the versions.
    """

    name: str
    files: tuple[tuple[Part, Path], ...]


def find_systems(parts: Sequence[Part], given: Sequence[str | Path], name: str | None = None) -> list[GivenSystem]:
    """Say which file holds whose predictions for which version.

    Args:
        parts: What there are to be predictions for.
        given: ``FILE``, ``VERSION=FILE`` or ``[NAME=]FOLDER``.
        name: Name of the system whose files are given one by one; None for ``predictions``.

    Returns:
        The systems, each with a file for each part.

    Raises:
        UserError: Nothing of that name, a file that is for no part, a part without a file or with two, or two systems
            of one name.
    """
    named = [_named(text) for text in given]
    files = [pair for pair in named if not pair[1].is_dir()]
    systems: list[GivenSystem] = []
    if files:
        systems.append(_of_files(parts, files, name or DEFAULT_NAME))
    elif name is not None:
        raise UserError("`name` is that of a system whose files are given one by one; of a folder write NAME=FOLDER")
    for own_name, folder in named:
        if folder.is_dir():
            systems.append(_of_folder(parts, folder, own_name or folder.resolve().name))
    if not systems:
        raise UserError("there are no `predictions` to score; give a file for each version, or a folder of them")
    names = [system.name for system in systems]
    for twice in names:
        if names.count(twice) > 1:
            raise UserError(f"two systems are called {twice!r}; tell them apart with NAME=FOLDER or `name`")
    return systems


def _named(given: str | Path) -> tuple[str | None, Path]:
    """Take ``[NAME=]PATH`` apart.

    Raises:
        UserError: There is no such path.
    """
    text = str(given)
    if Path(text).exists():
        return None, Path(text)
    name, equals, path = text.partition("=")
    if name and equals and Path(path).exists():
        return name, Path(path)
    raise UserError(
        f"predictions {text!r}: there is no such file or folder; expected FILE, VERSION=FILE or [NAME=]FOLDER"
    )


def _of_files(parts: Sequence[Part], files: Sequence[tuple[str | None, Path]], name: str) -> GivenSystem:
    """Return the system of files that are given one by one.

    Raises:
        UserError: A file is of no version, or two are of one.
    """
    found: dict[Part, Path] = {}
    for version, path in files:
        part = _part_called(parts, version or _stem(path))
        if part is None:
            told = f"there is no version {version!r}" if version else "its name is that of no version"
            raise UserError(f"{path}: {told}; expected one of {_listed(parts)}; or name it with VERSION=FILE")
        if part in found:
            raise UserError(f"there are two files of predictions for {part.stem!r}: {found[part]} and {path}")
        found[part] = path
    return _whole(parts, found, name, given=", ".join(str(path) for _, path in files))


def _of_folder(parts: Sequence[Part], folder: Path, name: str) -> GivenSystem:
    """Return the system of a folder; files in it that are for no version are passed over.

    Raises:
        UserError: Two files are for one version.
    """
    found: dict[Part, Path] = {}
    paths = [path for path in sorted(folder.iterdir()) if suffix_of(path) in (*SUFFIXES, TEXT)]
    for path in paths:
        part = _part_called(parts, _stem(path))
        if part in found:
            raise UserError(f"{folder}: two files hold predictions for {part.stem!r}: {found[part].name}, {path.name}")
        if part is not None:
            found[part] = path
    return _whole(parts, found, name, given=", ".join(path.name for path in paths) or f"nothing in {folder}")


def _whole(parts: Sequence[Part], found: Mapping[Part, Path], name: str, *, given: str) -> GivenSystem:
    """Return a system, if it has a file for each part.

    Raises:
        UserError: With the part that has none.
    """
    missing = [part for part in parts if part not in found]
    if missing:
        raise UserError(
            f"system {name!r} has no predictions for {_listed(missing)}; expected a file for each of {_listed(parts)}, "
            f"such as {parts[0].stem}.csv; got {given}"
        )
    return GivenSystem(name, tuple((part, found[part]) for part in parts))


def _part_called(parts: Sequence[Part], name: str) -> Part | None:
    """Return the part of a file's name, or of a version's name where that has one draw alone."""
    for part in parts:
        if part.stem == name:
            return part
    of_version = [part for part in parts if part.version == name]
    return of_version[0] if len(of_version) == 1 else None


def _listed(parts: Sequence[Part]) -> str:
    return ", ".join(repr(part.stem) for part in parts)


def _stem(path: Path) -> str:
    """Return the name of a file without its suffix and ``.gz``."""
    return Path(path.name.removesuffix(".gz")).stem


def read_answers(system: GivenSystem, data: DataSet, versions: Sequence[Version]) -> dict[str, list[list[Prediction]]]:
    """Read the predictions of a system.

    Args:
        system: Its files.
        data: The clean data set.
        versions: Its versions.

    Returns:
        By version, the predictions of each draw, in the order of the examples.

    Raises:
        UserError: A file is of no known format.
        DataError: A prediction is missing, given twice, or none of the task; with its place.
    """
    said: dict[str, list[list[Prediction]]] = {version.name: [] for version in versions}
    draws = {version.name: iter(version.draws) for version in versions}
    for part, path in system.files:
        said[part.version].append(predictions_in(path, data, next(draws[part.version])))
    return said
