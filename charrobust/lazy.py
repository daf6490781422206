"""Names of a package that load on first use, so that importing the package costs nothing."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from charrobust.packages import needed_for


def lazy_names(package: str, homes: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """Return what serves a package as ``__getattr__`` (PEP 562).

    Args:
        package: Name of the package.
        homes: For each module, with its full name, the names that it gives to the package.

    Returns:
        The function that loads a name; anything else raises ``AttributeError``, and one whose packages are not
        installed :class:`~charrobust.errors.UserError`.
    """
    home_of = {name: home for home, names in homes.items() for name in names}

    def load(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with needed_for(f"{package}.{name}"):
            return getattr(importlib.import_module(home_of[name]), name)

    return load
