"""What is made on first use: names of a package, so that importing it costs nothing; and what objects then keep."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from charrobust.packages import needed_for


def lazy_names(
    package: str, homes: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return what serves a package as ``__getattr__`` and ``__dir__`` (PEP 562).

    Args:
        package: Name of the package.
        homes: For each module, with its full name, the names that it gives to the package.

    Returns:
        The function that loads a name; anything else raises ``AttributeError``, and one whose packages are not
        installed :class:`~charrobust.errors.UserError`. And the function that lists them all, for those who complete
        names.
    """
    home_of = {name: home for home, names in homes.items() for name in names}

    def load(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with needed_for(f"{package}.{name}"):
            return getattr(importlib.import_module(home_of[name]), name)

    def listed() -> list[str]:
        return sorted({*home_of, *vars(sys.modules[package])})

    return load, listed


def without_cached(owner: object) -> dict[str, Any]:
    """Return the state of an object without what its cached properties hold, for its ``__getstate__``.

    Such an object is pickled to the same bytes before and after use, so that what is told by a hash of them (such as
    the fingerprints of the ``datasets`` library) stays the same.
    """

    def is_cached(name: str) -> bool:
        return isinstance(getattr(type(owner), name, None), functools.cached_property)

    return {name: value for name, value in vars(owner).items() if not is_cached(name)}
