"""What a command has to say to a program: with ``--json`` the last line of standard output."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from os import PathLike, fspath
from typing import Any


@dataclass(frozen=True)
class Result:
    """The result of a command.

    Attributes:
        outputs: What was written: paths by what they are.
        figures: Numbers and names; dataclasses stand for dictionaries.
    """

    outputs: Mapping[str, str | PathLike[str] | Sequence[str | PathLike[str]]] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)


def result_line(command: str, result: Result, notes: Sequence[str]) -> str:
    """Return the line that tells a result.

    Args:
        command: Name of the command.
        result: Its result.
        notes: What was said of data and results.

    Returns:
        One line of JSON. Numbers that are not finite are null, which JSON has no word for.
    """
    told = {"command": command, "status": 0, "outputs": result.outputs, "figures": result.figures, "notes": notes}
    return _line(told)


def error_line(command: str, status: int, error: BaseException, message: str) -> str:
    """Return the line that tells an error.

    Args:
        command: Name of the command; empty where none was understood.
        status: The exit status.
        error: The error.
        message: What is to be said of it.

    Returns:
        One line of JSON.
    """
    told = {"type": type(error).__name__.lstrip("_"), "message": message}
    return _line({"command": command, "status": status, "error": told})


def _line(told: Mapping[str, Any]) -> str:
    import json  # not before it is needed: the start of every command waits for it

    # Escapes in place of other letters: the line is the same whatever the terminal's encoding.
    return json.dumps(_plain(told), allow_nan=False)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, PathLike):
        return fspath(value)
    return value
