"""Errors that a user can mend: one clear message, no traceback on the command line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from os import PathLike


class UserError(Exception):
    """Something the user gave is wrong.

    The message says what was expected, what came, where, and what to do about it. The command line prints
    it alone and exits with status 2.
    """


class RecipeError(UserError):
    """A recipe, an operator's options or a keyboard layout is not valid."""


class DataError(UserError):
    """A data set's file or one of its records is not what its task and format ask for."""


class NoRecordsError(DataError):
    """A data set holds no records at all."""


def check_lists(**values: object) -> None:
    """Refuse one text or path where a list of them belongs: it would be taken for a list of its letters.

    Args:
        values: What should be lists, by what it is called.

    Raises:
        UserError: With its name.
    """
    for name, value in values.items():
        if isinstance(value, str | bytes | PathLike):
            raise UserError(f"`{name}` must be a list, got {value!r}; for one alone write [{value!r}]")


def hint(name: str, known: Iterable[str]) -> str:
    """Say which known names are close to a mistyped one, and list all of them.

    Args:
        name: What the user wrote.
        known: The names that would have been understood.

    Returns:
        A clause to end an error message with, such as ``did you mean 'swap'? Known: add, drop, swap``.
    """
    names = sorted(known)
    close = difflib.get_close_matches(str(name), names, n=1)
    suggestion = f"did you mean {close[0]!r}? " if close else ""
    return f"{suggestion}Known: {', '.join(names) if names else '(none)'}"
