"""What systems were asked already, remembered from one search to the next.

Recipes of a ladder allow each all that the stricter one does, and searches of one recipe begin with the same edits:
what one of them asked need not be asked again. Nothing that a search finds or counts hangs on it.
"""

from __future__ import annotations

import hashlib
from weakref import finalize

from charrobust.search.states import Value
from charrobust.systems.system import System

_MOST = 1_000_000  # values that are remembered of a system: some 300 MB


class Remembered:
    """Values of the states of records that one system was asked about."""

    def __init__(self, most: int = _MOST) -> None:
        """Begin without any.

        Args:
            most: How many are remembered: those that come first.
        """
        self._most = most
        self._values: dict[bytes, Value] = {}

    def value(self, record: str, form: bytes) -> Value | None:
        """Return the value of a state.

        Args:
            record: The key of the record.
            form: The key of the state.

        Returns:
            Its value; None where it was not asked, or is not remembered.
        """
        return self._values.get(_key(record, form))

    def add(self, record: str, form: bytes, value: Value) -> None:
        """Remember a value, while there is room.

        Args:
            record: The key of the record.
            form: The key of the state.
            value: Its value.
        """
        if len(self._values) < self._most:
            self._values[_key(record, form)] = value


class Answers:
    """Values by system, for as long as each system lives; it must answer alike all the while."""

    def __init__(self) -> None:
        """Begin without any."""
        # By identity: a system of others need not have a hash.
        self._by_system: dict[int, Remembered] = {}

    def of(self, system: System) -> Remembered:
        """Return what a system was asked.

        Args:
            system: The system.

        Returns:
            Its values, to be read and added to.
        """
        key = id(system)
        if key not in self._by_system:
            self._by_system[key] = Remembered()
            # Another system may have the same identity later.
            finalize(system, self._by_system.pop, key, None)
        return self._by_system[key]


def _key(record: str, form: bytes) -> bytes:
    return hashlib.blake2b(record.encode() + form, digest_size=16).digest()
