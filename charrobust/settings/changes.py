"""Other values for some fields, by KEY=VALUE; and what differs between settings that must be the same."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, asdict, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from charrobust.errors import UserError, hint
from charrobust.resources import read_toml
from charrobust.settings.fields import Checked
from charrobust.settings.reading import annotations_of, read

T = TypeVar("T")


def read_changed(kind: type[T], content: Mapping[str, Any], changes: Mapping[str, Any]) -> T:
    """Make a dataclass as :func:`read`, with other values for some fields.

    Args:
        kind: The dataclass.
        content: Tables and values.
        changes: Other values by dotted name, such as ``{"training.steps": 100}``; None leaves a value as it is.

    Returns:
        The settings.

    Raises:
        UserError: As :func:`read`, for changes too.
    """
    tables: dict[str, Any] = {}
    for name, value in content.items():
        tables[name] = dict(value) if isinstance(value, Mapping) else value  # a copy, for it is changed
    for path, value in changes.items():
        if value is not None:
            _change(kind, tables, path=path, value=value)
    return read(kind, tables)


def read_file(kind: type[T], path: Path, changes: Mapping[str, Any]) -> T:
    """Make a dataclass as :func:`read_changed`, from a TOML file.

    Args:
        kind: The dataclass.
        path: The file.
        changes: As for :func:`read_changed`.

    Returns:
        The settings.

    Raises:
        UserError: As :func:`read_changed`, or the file is no valid TOML; with the path.
    """
    try:
        return read_changed(kind, read_toml(path), changes)
    except UserError as error:
        # What is wrong with the file as a whole is told with its path already.
        raise UserError(f"{path}: {str(error).removeprefix(f'{path} ')}") from error


def _change(kind: type, tables: dict[str, Any], *, path: str, value: Any) -> None:
    name, _, key = path.rpartition(".")
    changed = tables.setdefault(name, {}) if name else tables
    if not isinstance(changed, dict):
        names = [field.name for field in fields(kind) if field.default_factory is not MISSING]
        raise UserError(f"unknown key {path!r}: {name} is no table; {hint(name, names)}")
    changed[key] = value


def parse_change(text: str) -> tuple[str, Any]:
    """Read a change such as ``training.learning_rate=1e-4``; a value that is no TOML is a string.

    Args:
        text: The change.

    Returns:
        The dotted name and the value.

    Raises:
        UserError: There is no ``=``.
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise UserError(f"{text!r} is no change; expected KEY=VALUE, such as training.learning_rate=1e-4")
    try:
        # Read by TOML's rules, as in a file: 100 is a number, true a truth value; a bare word is neither.
        return name.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name.strip(), value.strip()


def differences(old: Checked, new: Checked) -> list[str]:
    """Return what differs of settings and may not change, a line each, such as ``training.seed: 1, now 2``.

    Args:
        old: The settings of a run that was begun.
        new: Those that it is to go on with.

    Returns:
        The lines; none where the run may go on.
    """
    free = {path for path, field in _leaves(type(old)) if field.metadata.get("may_change")}
    before, after = _flat(asdict(old)), _flat(asdict(new))
    lines = []
    # A dict of both, as a set would lose the order of the fields.
    for path in {**before, **after}:
        one, other = before.get(path), after.get(path)
        if path not in free and one != other:
            lines.append(f"{path}: {one!r}, now {other!r}")
    return lines


def _flat(content: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested tables as one, with dotted names."""
    flat: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def _leaves(kind: type, prefix: str = "") -> Iterator[tuple[str, Field[Any]]]:
    """Go through the fields of a dataclass and of its tables, with their dotted names."""
    annotations = annotations_of(kind)
    for field in fields(kind):
        declared = annotations[field.name]
        if is_dataclass(declared):
            yield from _leaves(declared, f"{prefix}{field.name}.")  # type: ignore[arg-type]
        else:
            yield prefix + field.name, field
