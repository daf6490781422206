"""How output comes to be under its name: whole or not at all, whatever else runs, and readable by whom its input is."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from charrobust.errors import UserError

_PREFIX = ".charrobust-part-"
_LOCKED_WITHIN = 1.0  # seconds
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# What libraries that are not written in Python leave of these numbers: their texts, in errors of their own.
_NO_ROOM_TEXT = re.compile(
    r"no space left on device|disk quota exceeded|file too large|disk is full|no usable temporary", re.IGNORECASE
)


@contextmanager
def replacing(path: Path, *, like: Path | None = None) -> Iterator[Path]:
    """Give a temporary path that takes the place of ``path`` on success and is removed on failure.

    Of several runs that write one path at once, each writes a file of its own, and the last to end wins.

    Args:
        path: The path that is to be written. Of a link, the file that it points to is replaced.
        like: What the output is made of: who may not read this may not read a new output either. An old one keeps its
            permissions.

    Yields:
        The temporary path, of the same name and on the same file system. There is nothing at it yet.

    Raises:
        UserError: The folder does not exist or cannot be written, the disk is full, or ``path`` is no regular file.
    """
    try:
        target = _target(path)
    except OSError as error:  # such as a name that is too long to be looked up
        raise UserError(f"cannot write {path}: {error.strerror}; give another name") from error
    with beside(target) as temporary:
        yield temporary
        if target.exists():
            shutil.copymode(target, temporary)
        elif like is not None and like.exists():  # what lies on a hub is no file
            keep_private(temporary, like)
        temporary.replace(target)


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Give a temporary path on the file system of ``path`` that is removed at the end, if anything is at it then.

    It lies in a new folder beside ``path`` that this user alone may enter, and whose name cannot be guessed: nobody
    can put a link, or a file of their own, where it will be written. Such folders that killed runs left there go.

    Args:
        path: What is to be written.

    Yields:
        The temporary path, of the same name.

    Raises:
        UserError: The folder does not exist or cannot be written, or the disk is full.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=path.parent))
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}; give a path in an existing folder") from error
    temporary = folder / path.name
    try:
        with claimed(folder):  # so that others can tell it from what a killed run left
            _check_name(temporary, path)
            _sweep(path.parent)
            yield temporary
    except Exception as error:
        if is_no_room(error):
            raise UserError(f"cannot write {path}: {no_room_advice(error)}") from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def final_path(temporary: Path) -> Path:
    """Return the path that what is written at a temporary one will have; of any other path, itself."""
    folder = temporary.parent
    return folder.parent / temporary.name if folder.name.startswith(_PREFIX) else temporary


def keep_private(path: Path, like: Path) -> None:
    """Take the permissions of a file or folder from those who may not read another one.

    Args:
        path: What loses permissions.
        like: The other one.
    """
    readable, mode = like.stat().st_mode, path.stat().st_mode
    for others in (0o070, 0o007):
        if not readable & others & 0o444:
            mode &= ~others
    path.chmod(mode)


@contextmanager
def made(folder: Path) -> Iterator[None]:
    """Make a folder, with those above it; those that are empty when an error ends the work on it go again.

    Args:
        folder: The folder; may exist.

    Raises:
        UserError: It cannot be made.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write {folder}: {error.strerror}; give a folder that can be written") from error
    try:
        yield
    # Ctrl-C is no Exception.
    except BaseException:
        with suppress(OSError):  # which says that a folder is not empty
            for path in missing:
                path.rmdir()
        raise


def remove(path: Path) -> None:
    """Remove a file or a folder, if there is one."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Keep other runs of this package from writing to a folder.

    The claim is a lock of the operating system on the folder itself: nothing is left of it, however the run ends. Where
    there are no such locks (Windows, some network file systems), nothing is kept from anybody.

    Args:
        folder: An existing folder.

    Raises:
        UserError: Another run claims it.
    """
    with ExitStack() as held:
        try:
            held.enter_context(_lock(folder))
        except BlockingIOError as error:
            message = f"the folder {folder} is in use by another run; wait for its end, or give another folder"
            raise UserError(message) from error
        yield


@contextmanager
def _lock(folder: Path) -> Iterator[bool]:
    """Lock a folder; yields whether there are such locks.

    Raises:
        BlockingIOError: Another process holds it.
    """
    if os.name != "posix":
        yield False
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        yield _locks(lambda: fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB))
    finally:
        os.close(handle)


def _locks(lock: Callable[[], object]) -> bool:
    """Take a lock; return whether there are such locks.

    Raises:
        BlockingIOError: Another process holds it.
    """
    try:
        lock()
    except BlockingIOError:
        raise
    except OSError:  # of file systems that know no locks
        return False
    return True


def _sweep(folder: Path) -> None:
    """Remove temporary folders that killed runs left in a folder."""
    for left in folder.glob(f"{_PREFIX}*"):
        # The folder of a run that goes on is locked, this run's own among them: from its first moment on, or nearly.
        with suppress(OSError), _lock(left) as locked:
            is_new = time.time() - left.stat().st_mtime < _LOCKED_WITHIN
            if locked and not is_new:
                shutil.rmtree(left)


def is_no_room(error: BaseException) -> bool:
    """Tell whether an error says that a disk is full, or a limit of size is reached.

    Args:
        error: Of Python or any library.

    Returns:
        Whether it, or an error that it was raised from, says so.
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in _NO_ROOM:
            return True
        if not isinstance(seen, UserError) and _NO_ROOM_TEXT.search(str(seen)):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def no_room_advice(error: BaseException) -> str:
    """Say what an error for which :func:`is_no_room` holds means, and what to do.

    Args:
        error: The error.

    Returns:
        The end of a message.
    """
    said = getattr(error, "strerror", None) or "no space left on device"
    return f"{said[0].lower()}{said[1:]}; free some, or write to another disk"


def _target(path: Path) -> Path:
    """Return the path that is replaced.

    Raises:
        UserError: It is no regular file, or a link to nothing.
    """
    if path.is_symlink():
        if not path.exists():
            raise UserError(f"cannot write {path}: it is a link to nothing; remove it or give another name")
        path = path.resolve()
    if path.is_dir():
        raise UserError(f"cannot write {path}: it is an existing folder; give another name or remove it first")
    if path.exists() and not path.is_file():
        raise UserError(f"cannot write {path}: it is no regular file; give another name")
    return path


def _check_name(temporary: Path, path: Path) -> None:
    """Refuse a name that cannot be written before the work, and not after it.

    Raises:
        UserError: It is too long, or holds letters that the file system does not take.
    """
    try:
        temporary.touch()
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}; give another name") from error
    with suppress(OSError):
        temporary.unlink()
