"""What is made once and kept for later runs, in a folder of the user's: it can be deleted, and is then made again."""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from charrobust.errors import UserError
from charrobust.files import beside, made

_VARIABLE = "CHARROBUST_CACHE"
_MANIFEST = "manifest.json"  # the sha256 of each file, by its path
_ATTEMPTS = 5


def cache_directory() -> Path:
    """Return the folder: ``$CHARROBUST_CACHE``, or ``charrobust`` in the cache of the user (``~/.cache``)."""
    if named := os.environ.get(_VARIABLE):
        return Path(named).expanduser()
    users = os.environ.get("XDG_CACHE_HOME", "")
    # The standard has relative paths ignored.
    return (Path(users) if Path(users).is_absolute() else Path.home() / ".cache") / "charrobust"


@functools.cache  # its files are read through once a process
def kept(folder: Path, make: Callable[[Path], None]) -> Path:
    """Return a folder of the cache, made anew where it is missing or damaged.

    Several processes may ask at once: each that finds none makes its own, and the first to end gives it the name.

    Args:
        folder: The folder.
        make: Writes what it holds into an empty folder.

    Returns:
        The folder.

    Raises:
        UserError: It cannot be written.
    """
    if not is_whole(folder):
        keep(folder, make)
    return folder


def keep(folder: Path, make: Callable[[Path], None]) -> None:
    """Write a folder of the cache, unless another process is first; a damaged one makes way.

    Args:
        folder: The folder.
        make: Writes what it holds into an empty folder.

    Raises:
        UserError: It cannot be written.
    """
    with made(folder.parent), beside(folder) as temporary:
        temporary.mkdir()
        make(temporary)
        digests = json.dumps(_digests(temporary), indent=2, sort_keys=True)
        (temporary / _MANIFEST).write_text(digests + "\n", encoding="utf-8")
        _give_name(temporary, folder)


def is_whole(folder: Path) -> bool:
    """Tell whether a folder of the cache holds what was written into it, and nothing else.

    Args:
        folder: The folder; need not exist.

    Returns:
        Whether it does.
    """
    try:
        return bool(json.loads((folder / _MANIFEST).read_bytes()) == _digests(folder))
    except (OSError, ValueError, RecursionError):
        return False


def _digests(folder: Path) -> dict[str, str]:
    """Return the sha256 of each file but the manifest, by its path in the folder."""
    digests = {}
    for path in folder.rglob("*"):
        if path.is_file() and path != folder / _MANIFEST:
            with path.open("rb") as handle:
                digests[path.relative_to(folder).as_posix()] = hashlib.file_digest(handle, "sha256").hexdigest()
    return digests


def _give_name(temporary: Path, folder: Path) -> None:
    """Give a new folder its name, unless another process was first; one that is not whole makes way.

    Raises:
        UserError: Neither can be done.
    """
    for attempt in range(_ATTEMPTS):
        with suppress(OSError):  # a folder that holds something has that name
            temporary.rename(folder)
            return
        if is_whole(folder):
            return
        with suppress(OSError):  # another process moved it first
            folder.rename(temporary.with_name(f"damaged-{attempt}"))  # goes with the temporary files
    raise UserError(f"cannot write {folder}: what has that name cannot be moved; remove it, or set {_VARIABLE}")
