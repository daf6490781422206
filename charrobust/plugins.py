"""What has a name: what ships, what installed packages add by entry points, and what a program registers.

A package adds to the group ``charrobust.operators``, ``charrobust.tasks``, and so on: a name, and where the thing lies.
The metadata of packages are read only when a name does not ship, or all are to be listed.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from charrobust.errors import UserError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

KINDS = ("operator", "task", "format", "system", "metric", "attacker", "search")
T = TypeVar("T")


class Registry(Generic[T]):
    """The things of one kind, by name.

    Attributes:
        kind: What they are, in a word: ``operator``.
    """

    def __init__(self, kind: str, shipped: Mapping[str, T | str]) -> None:
        """Make a registry.

        Args:
            kind: One of :data:`KINDS`.
            shipped: What ships, by name; or where it lies, as ``module:name``: to name one must not load all of them.
        """
        self.kind = kind
        self._shipped = shipped
        self._registered: dict[str, T] = {}

    def names(self) -> list[str]:
        """Return all names, those that ship first.

        Returns:
            The names.

        Raises:
            UserError: A package adds a name that is taken.
        """
        return list(dict.fromkeys([*self._shipped, *self._added(), *self._registered]))

    def find(self, name: str) -> T | None:
        """Return what has a name.

        Args:
            name: The name.

        Returns:
            The thing, loaded; None where nothing has that name.

        Raises:
            UserError: It is that of a package, and cannot be loaded, or a package adds a name that is taken.
        """
        if name in self._shipped:
            shipped = self._shipped[name]
            return load_object(shipped) if isinstance(shipped, str) else shipped
        if name in self._registered:
            return self._registered[name]
        added = self._added()
        return self._loaded(added[name]) if name in added else None

    def register(self, name: str, thing: T) -> None:
        """Make a thing known by a name, in this process.

        Args:
            name: The name.
            thing: The thing.

        Raises:
            UserError: Another one has that name.
        """
        if name in self._shipped or self._registered.get(name, thing) is not thing:
            raise UserError(f"{_a(self.kind)} {name!r} is registered already; give the new one another name")
        self._registered[name] = thing

    def unregister(self, name: str) -> None:
        """Forget what a program registered."""
        self._registered.pop(name, None)

    def listed(self) -> str:
        """Return all names as a list shows them, each of a package with the package."""
        added = self._added()
        return ", ".join(f"{name} ({_package(added[name])})" if name in added else name for name in self.names())

    def _added(self) -> dict[str, EntryPoint]:
        """Return what installed packages add, by name.

        Raises:
            UserError: One of the names is taken.
        """
        added: dict[str, EntryPoint] = {}
        for point in _points(self.kind):
            what = f"{_a(self.kind)} {point.name!r}"
            if point.name in self._shipped:
                raise UserError(
                    f"the package {_package(point)} adds {what}, which charrobust has itself; uninstall the package"
                )
            if point.name in added:
                packages = f"{_package(added[point.name])} and {_package(point)}"
                raise UserError(f"the packages {packages} both add {what}; uninstall one of them")
            added[point.name] = point
        return added

    def _loaded(self, point: EntryPoint) -> T:
        """Load what a package adds.

        Raises:
            UserError: It cannot be loaded.
        """
        try:
            return point.load()  # type: ignore[no-any-return]
        except UserError:
            raise
        except Exception as error:  # somebody's code, run as it is imported
            raise UserError(
                f"the {self.kind} {point.name!r} of the package {_package(point)} cannot be loaded from {point.value}: "
                f"{type(error).__name__}: {error}; mend or uninstall the package"
            ) from error


def load_object(place: str) -> Any:
    """Import what ``module:name`` names."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def added_by_packages() -> dict[str, list[str]]:
    """Return what each installed package adds, such as ``operator 'shout'``; nothing of it is loaded."""
    added: dict[str, list[str]] = {}
    for kind in KINDS:
        for point in _points(kind):
            added.setdefault(_package(point), []).append(f"{kind} {point.name!r}")
    return added


def _points(kind: str) -> tuple[EntryPoint, ...]:
    """Return the entry points of a kind, in the order in which packages stand on the path."""
    from importlib.metadata import entry_points

    return _read(entry_points, _group(kind), tuple(sys.path))


@lru_cache(maxsize=64)
def _read(read: Callable[..., Iterable[EntryPoint]], group: str, _path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """Return the entry points of a group: to read them goes through all installed packages, which takes milliseconds.

    Args:
        read: What reads them.
        group: The group.
        _path: Where packages are looked for, a part of the key alone: where it changed, they are read anew.
    """
    return tuple(read(group=group))


def _group(kind: str) -> str:
    """Return the group of entry points of a kind, which is its plural."""
    return f"charrobust.{kind}es" if kind.endswith("ch") else f"charrobust.{kind}s"


def _package(point: EntryPoint) -> str:
    """Return the name and version of the package that an entry point stands in."""
    return "(unknown)" if point.dist is None else f"{point.dist.name} {point.dist.version}"


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
