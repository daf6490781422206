"""Who attacks: the protocol of attackers, and those that programs and other packages register."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from charrobust.attackers.versions import Version
from charrobust.datasets.dataset import DataSet
from charrobust.plugins import Registry
from charrobust.systems.system import System


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
        language: Code of the language of the texts, or the path of its file; None for the attacker's own.
    """

    seed: int | None = None
    protect_patterns: tuple[str, ...] = ()
    language: str | Path | None = None


Factory = Callable[[str, AttackerOptions], Attacker]
ATTACKERS: Registry[Factory] = Registry("attacker", {})


def named_attacker(text: str, options: AttackerOptions) -> Attacker | None:
    """Make an attacker by its name.

    Args:
        text: The name, and what may follow it behind an ``@``.
        options: What the user says of all attacks.

    Returns:
        The attacker; None where none of that name is registered.
    """
    factory = ATTACKERS.find(text.partition("@")[0])
    return None if factory is None else factory(text, options)
