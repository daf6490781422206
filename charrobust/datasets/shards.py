"""Shards: a data set in many files of one folder, on any file system that the library ``fsspec`` knows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from charrobust.datasets.formats import SUFFIXES, suffix_of
from charrobust.datasets.formats.beir import is_beir
from charrobust.datasets.options import DataOptions
from charrobust.errors import UserError

_SUFFIXES = tuple(suffix for suffix, name in SUFFIXES.items() if name in ("jsonl", "parquet"))
_SAVED = ("dataset_info.json", "dataset_dict.json", "state.json")  # of the datasets library's save_to_disk
_PATTERN = "*?["
# What tells that a file was written anew, by what file systems call it.
_VERSIONS = ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "modified", "created")


@dataclass(frozen=True)
class Shard:
    """One file of a data set.

    Attributes:
        name: Its path in the folder, with slashes.
        size: Its size in bytes.
        version: What the file system tells of its content: a digest, or when it was written; empty for nothing.
    """

    name: str
    size: int
    version: str


@dataclass(frozen=True)
class Folder:
    """A folder, here or elsewhere.

    Attributes:
        url: Its absolute path, or its URL with the name of the file system before ``://``.
    """

    url: str

    @classmethod
    def of(cls, name: str) -> Folder:
        """Return a folder by its path or URL.

        Args:
            name: A path, also one from the working directory, or a URL.

        Returns:
            The folder.

        Raises:
            UserError: There is no file system of that name, or its package is missing.
        """
        folder = cls(name.rstrip("/") or "/")
        # Workers on other machines have another working directory.
        return cls(folder.root) if folder.is_local else folder

    @property
    def system(self) -> Any:
        """The file system, which keeps its own connections."""
        return _resolved(self.url)[0]

    @property
    def root(self) -> str:
        """The path on the file system."""
        return _resolved(self.url)[1]

    @property
    def is_local(self) -> bool:
        """Whether it lies on this machine's file system."""
        return "file" in _protocols(self.system)

    def __str__(self) -> str:
        return self.url

    def path(self, name: str) -> str:
        """Return the path of a file in the folder."""
        return f"{self.root}/{name}"

    def listed(self) -> dict[str, Shard]:
        """Find all files, those in folders below too.

        Returns:
            The files by name; none where there is no such folder.

        Raises:
            UserError: The folder cannot be read.
        """
        with reachable(self.url):
            self.system.invalidate_cache()
            found = self.system.find(self.root, detail=True)
        shards: dict[str, Shard] = {}
        for path in sorted(found):
            name = path.removeprefix(self.root).lstrip("/")
            shards[name] = _shard(name, found[path])
        return shards

    def read(self, names: list[str]) -> dict[str, bytes]:
        """Return what files hold, by name."""
        with reachable(self.url):
            contents = self.system.cat([self.path(name) for name in names]) if names else {}
        return {name: contents[self.path(name)] for name in names}

    def write(self, name: str, content: bytes) -> None:
        """Write a small file."""
        with reachable(self.url):
            if self.is_local:
                Path(self.path(name)).parent.mkdir(parents=True, exist_ok=True)
            self.system.pipe_file(self.path(name), content)

    def fetch(self, name: str, scratch: Path) -> Path:
        """Return a file as one of this machine: itself, or a copy in a folder."""
        if self.is_local:
            return Path(self.path(name))
        copied = scratch / Path(name).name
        with reachable(self.url):
            self.system.get_file(self.path(name), str(copied))
        return copied

    def publish(self, made: Path, name: str) -> None:
        """Put a file in its place: moved on one file system at once, else sent."""
        with reachable(self.url):
            if self.is_local:
                Path(self.path(name)).parent.mkdir(parents=True, exist_ok=True)
                shutil.move(made, self.path(name))
            else:
                self.system.put_file(str(made), self.path(name))


def is_sharded(name: str, options: DataOptions) -> bool:
    """Tell whether a data set is named by a URL or a pattern, or by a folder of JSON Lines or Parquet files.

    Args:
        name: The name.
        options: What is said of it; a split is one of a saved data set, which is no folder of shards.

    Returns:
        Whether it is read shard by shard.
    """
    if "://" in name:
        return True
    path = Path(name)
    if path.is_dir():
        saved = any((path / file).exists() for file in _SAVED) or is_beir(path)
        return not saved and options.split is None and any(_is_shard(file.name) for file in path.iterdir())
    return _has_signs(name) and not path.exists()


def find_shards(data: str) -> tuple[Folder, list[Shard]]:
    """Find the shards of a data set.

    Args:
        data: A folder, one file of it, or a pattern such as ``s3://bucket/part-*.parquet``; ``**`` is any number of
            folders. Files whose name, or whose folder's, begins with ``_`` or ``.`` are none of the data.

    Returns:
        The folder that holds all of them, and the shards by name.

    Raises:
        UserError: The folder cannot be read, or holds no shards.
    """
    folder = Folder.of(_folder_of(data))
    with reachable(data):
        whole = _resolved(data)[1]
        folder.system.invalidate_cache()
        paths = set(folder.system.glob(whole)) if _is_pattern(data) else {whole}
    shards = []
    for name, shard in folder.listed().items():
        if _is_shard(name) and (folder.path(name) in paths or folder.root in paths):
            shards.append(shard)
    if not shards:
        expected = ", ".join(_SUFFIXES)
        raise UserError(f"{data} holds no shards; expected files that end in {expected} (each also with .gz behind it)")
    return folder, shards


def _folder_of(data: str) -> str:
    """Return the folder of what a name names: the part before a pattern, a folder itself, or that of a file."""
    with reachable(data):
        is_pattern = _is_pattern(data)
    steps = data.rstrip("/").split("/")
    for number, step in enumerate(steps):
        if is_pattern and _has_signs(step):
            return "/".join(steps[:number]) or ("/" if data.startswith("/") else ".")
    with reachable(data):
        system, path = _resolved(data)
        is_file = system.isfile(path)
    return data.rstrip("/").rpartition("/")[0] if is_file else data.rstrip("/")


def _has_signs(name: str) -> bool:
    return any(sign in name for sign in _PATTERN)


def _is_pattern(data: str) -> bool:
    """Tell a pattern from what is there under such a name: a folder may be called ``run[1]``."""
    if not _has_signs(data):
        return False
    system, path = _resolved(data)
    return not system.exists(path)


def _is_shard(name: str) -> bool:
    """Tell whether a file is a shard by its name."""
    hidden = any(step.startswith(("_", ".")) for step in name.split("/"))
    return not hidden and suffix_of(Path(name)) in _SUFFIXES and not name.endswith(".parquet.gz")


def _shard(name: str, told: dict[str, Any]) -> Shard:
    versions = [str(told[key]) for key in _VERSIONS if told.get(key) is not None]
    return Shard(name, int(told["size"] or 0), versions[0] if versions else "")


def _protocols(system: Any) -> tuple[str, ...]:
    return (system.protocol,) if isinstance(system.protocol, str) else tuple(system.protocol)


def _resolved(url: str) -> tuple[Any, str]:
    """Return the file system of a URL, and the path on it.

    Raises:
        UserError: There is no such file system, or its package is missing.
    """
    import fsspec

    try:
        system, path = fsspec.core.url_to_fs(url)
    # ImportError says which package is missing for a scheme, ValueError that there is no such scheme.
    except (ImportError, ValueError) as error:
        raise UserError(f"cannot open {url}: {error}") from error
    return system, path.rstrip("/") or path


@contextmanager
def reachable(url: str) -> Iterator[None]:
    """Turn what a file system says of a folder that cannot be used into an error that names it.

    Args:
        url: The folder.

    Raises:
        UserError: The folder cannot be read or written.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # each file system's library raises errors of its own
        reason = str(error) or type(error).__name__
        raise UserError(f"cannot read or write {url}: {reason}") from error
