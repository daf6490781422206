"""Who attacks: the protocol of attackers, and those that programs and other packages register."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import ClassVar

from charrobust.attackers.versions import Version
from charrobust.datasets.dataset import DataSet
from charrobust.errors import UserError
from charrobust.systems.system import System

GROUP = "charrobust.attackers"


class Attacker(ABC):
    """Makes a version of a data set.

    Attributes:
        name: Name of the version.
        asks: Whether it asks a system which edits harm most: it then makes a version of its own for each system.
    """

    name: str
    asks: ClassVar[bool] = False

    @abstractmethod
    def attack(self, system: System | None, data: DataSet) -> Version:
        """Attack a data set.

        Args:
            system: The system that is attacked; None for attackers that do not ask.
            data: The data set.

        Returns:
            The version: the examples in the order of the clean ones, with what was edited.

        Raises:
            UserError: The system does not tell what the attacker needs, such as scores.
            DataError: A file of attacked data does not line up with the clean ones.
        """


@dataclass(frozen=True)
class AttackerOptions:
    """What a user says of all attacks.

    Attributes:
        seed: Seed; None for the attacker's own.
        protect_patterns: Words that match one of these regular expressions stay.
    """

    seed: int | None = None
    protect_patterns: tuple[str, ...] = ()


Factory = Callable[[str, AttackerOptions], Attacker]
_registered: dict[str, Factory] = {}


def register_attacker(name: str, factory: Factory) -> None:
    """Make an attacker known by its name, as ``--attack`` takes it; packages use the entry points of ``GROUP``.

    Args:
        name: The name; what follows an ``@`` is the factory's to read.
        factory: Makes the attacker of what was given (name included) and the options of all attacks.

    Raises:
        UserError: Another attacker has that name.
    """
    if _registered.get(name, factory) is not factory:
        raise UserError(f"an attacker {name!r} is registered already; give another name")
    _registered[name] = factory


def unregister_attacker(name: str) -> None:
    """Forget an attacker that a program registered."""
    _registered.pop(name, None)


def attacker_names() -> list[str]:
    """Return the names of the attackers that are registered."""
    return list(dict.fromkeys([*_plugins(), *_registered]))


def named_attacker(text: str, options: AttackerOptions) -> Attacker | None:
    """Make an attacker by its name.

    Args:
        text: The name, and what may follow it behind an ``@``.
        options: What the user says of all attacks.

    Returns:
        The attacker; None where none of that name is registered.
    """
    name = text.partition("@")[0]
    plugins = _plugins()
    factory: Factory | None = _registered.get(name)
    if factory is None and name in plugins:
        factory = plugins[name].load()
    return None if factory is None else factory(text, options)


def _plugins() -> dict[str, EntryPoint]:
    """Return the attackers of installed packages by name."""
    return {point.name: point for point in entry_points(group=GROUP)}
