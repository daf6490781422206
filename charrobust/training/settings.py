"""Settings of a run as dataclasses: declared with their bounds, read from TOML and changed by ``KEY=VALUE``."""

from __future__ import annotations

import math
import tomllib
import typing
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, TypeVar

from charrobust.errors import UserError, hint

S = TypeVar("S", bound="Section")


def number(default: float | None, low: float, high: float = math.inf) -> Any:
    """Declare a number with its bounds, which are allowed."""
    return field(default=default, metadata={"low": low, "high": high})


def choice(default: str, *known: str) -> Any:
    """Declare a word with all that it may be."""
    return field(default=default, metadata={"known": known})


@dataclass(frozen=True, kw_only=True)
class Section:
    """Checks types and bounds of all its fields."""

    def __post_init__(self) -> None:
        """Check all values.

        Raises:
            UserError: One is of a wrong type, out of bounds or not known.
        """
        hints = typing.get_type_hints(type(self))
        for declared in fields(self):
            value = _as_type(hints[declared.name], getattr(self, declared.name), declared.name)
            object.__setattr__(self, declared.name, value)
            _check_bounds(declared.name, value, declared.metadata)


def _as_type(wanted: Any, value: Any, name: str) -> Any:
    """Return a value that is of the wanted type; whole numbers become floats where these are wanted."""
    choices = typing.get_args(wanted) if typing.get_origin(wanted) not in (None, dict) else (wanted,)
    for choice in choices:
        if typing.get_origin(choice) is Literal and value in typing.get_args(choice):
            return value
        kind = typing.get_origin(choice) or choice
        if kind is float and type(value) is int:
            return float(value)
        if isinstance(kind, type) and type(value) is kind:
            return value
    expected = " or ".join(str(getattr(choice, "__name__", choice)) for choice in choices)
    raise UserError(f"{name} must be of type {expected.replace('typing.', '')}, got {value!r}")


def _check_bounds(name: str, value: Any, metadata: Mapping[str, Any]) -> None:
    if "known" in metadata and value not in metadata["known"]:
        raise UserError(f"unknown {name} {value!r}; {hint(value, metadata['known'])}")
    if "low" in metadata and isinstance(value, int | float) and not metadata["low"] <= value <= metadata["high"]:
        most = f" and at most {metadata['high']:g}" if math.isfinite(metadata["high"]) else ""
        raise UserError(f"{name} must be at least {metadata['low']:g}{most}, got {value}")


def parse_settings(
    kind: type[S], sections: Mapping[str, type[Section]], content: Mapping[str, Any], changes: Mapping[str, Any]
) -> S:
    """Build settings from tables and values.

    Args:
        kind: The settings as a whole.
        sections: Their tables, by name.
        content: Tables and values, as TOML has them, or as ``asdict`` made them.
        changes: Other values by dotted name; None leaves a value as it is.

    Raises:
        UserError: Unknown keys (with the closest known one) or bad values.
    """
    tables: dict[str, Any] = {
        key: dict(value) if isinstance(value, Mapping) else value for key, value in content.items()
    }
    for name, value in changes.items():
        if value is not None:
            section, _, key = name.rpartition(".")
            table = tables.setdefault(section, {}) if section else tables
            if not isinstance(table, dict):
                raise UserError(f"unknown key {name!r}: {section} is no table; {hint(section, sections)}")
            table[key] = value
    _check_known(tables, kind, "")
    for name, part in sections.items():
        if name in tables:
            tables[name] = _parse_section(part, tables[name], name)
    return kind(**tables)


def _parse_section(kind: type[Section], table: Any, name: str) -> Section:
    if not isinstance(table, dict):
        raise UserError(f"{name} must be written as a [{name}] table, got {table!r}")
    _check_known(table, kind, f"[{name}] ")
    try:
        return kind(**table)
    except UserError as error:
        raise UserError(f"[{name}] {error}") from error


def _check_known(table: Mapping[str, Any], kind: type[Section], where: str) -> None:
    known = [declared.name for declared in fields(kind)]
    for key in table:
        if key not in known:
            raise UserError(f"{where}unknown key {key!r}; {hint(key, known)}")


def parse_change(text: str) -> tuple[str, Any]:
    """Read a change such as ``training.learning_rate=1e-4``; a value that is no TOML is a string.

    Raises:
        UserError: There is no ``=``.
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise UserError(f"{text!r} is no change; expected KEY=VALUE, such as training.learning_rate=1e-4")
    try:
        return name.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name.strip(), value.strip()


def changed_settings(old: Section, new: Section, free: Collection[str]) -> list[str]:
    """Return what differs between settings, one line a value, such as ``training.seed: 1, now 2``.

    Args:
        old: The settings of a run that was begun.
        new: Those that it is to go on with.
        free: Dotted names of what may differ.
    """
    before, after = _flat(asdict(old)), _flat(asdict(new))
    names = [name for name in {**before, **after} if name not in free and before.get(name) != after.get(name)]
    return [f"{name}: {before.get(name)!r}, now {after.get(name)!r}" for name in names]


def _flat(content: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested tables as one, with dotted names."""
    flat: dict[str, Any] = {}
    for key, value in content.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat
