"""What a folder of attacked files holds, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from charrobust.attackers.versions import CLEAN, RecipeUse
from charrobust.errors import DataError, UserError
from charrobust.scoring.stored import load

MANIFEST = "versions.json"  # not attacked.json: so is the attacked file of a JSON data set called
LOG = ".edits.parquet"  # what the name of an edit log ends in
SCHEMA = 1


def refuse_attacked(data: str) -> None:
    """Refuse a folder of attacked files where one data set belongs.

    Args:
        data: What is to be the data set.

    Raises:
        UserError: It is such a folder.
    """
    if (Path(data) / MANIFEST).is_file():
        raise UserError(
            f"{data} holds versions of a data set: give its clean file as `data` and attacked ones as `attack`; or "
            "score predictions for all of them: charrobust score"
        )


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


@dataclass(frozen=True, kw_only=True)
class AttackedVersion(RecipeUse):
    """What a recipe made of the data.

    Attributes:
        draws: The files, one a seed.
    """

    draws: tuple[AttackedFile, ...]


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
            parts += [Part(attack.name, draw.edits.removesuffix(LOG)) for draw in attack.draws]
        return parts


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
