"""Who attacks: the protocol of attackers, and those that programs and other packages register."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from charrobust.attackers.versions import Version
from charrobust.datasets.dataset import DataSet
from charrobust.plugins import Registry
from charrobust.progress import Progress, no_progress
from charrobust.search.answers import Answers
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
        search_budget: Queries that a search may ask about an example, at most; None for the search's own limits.
        store: Folder in which searches keep what they found, so that a run that was stopped goes on; None keeps none.
        progress: Is told how far searches are; the stage is the name of the version and of the system.
        answers: What systems were asked, which searches share.
    """

    seed: int | None = None
    protect_patterns: tuple[str, ...] = ()
    language: str | Path | None = None
    search_budget: int | None = None
    store: Path | None = None
    progress: Progress = no_progress
    answers: Answers = field(default_factory=Answers)


Factory = Callable[[str, AttackerOptions], Attacker | Sequence[Attacker]]
ATTACKERS: Registry[Factory] = Registry("attacker", {"worst": "charrobust.attackers.searched:named_searches"})


def named_attackers(text: str, options: AttackerOptions) -> list[Attacker]:
    """Make an attacker by its name.

    Args:
        text: The name, and what may follow it behind an ``@`` or a colon.
        options: What the user says of all attacks.

    Returns:
        The attacker, or several that one name stands for; none where none of that name is registered.
    """
    factory = ATTACKERS.find(re.split("[@:]", text, maxsplit=1)[0])
    if factory is None:
        return []
    made = factory(text, options)
    return [made] if isinstance(made, Attacker) else list(made)
