"""From tables and values, as TOML and JSON have them, to dataclasses: keys, types, and where a mistake stands."""

from __future__ import annotations

import functools
import math
import sys
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, TypeVar

from charrobust.errors import UserError, hint

T = TypeVar("T")
_MAPPINGS = (dict, Mapping)


def read(kind: type[T], content: Any, place: str = "") -> T:
    """Make a dataclass of tables and values, as TOML or JSON have them, or as ``asdict`` made them.

    Args:
        kind: The dataclass; fields that are dataclasses themselves are tables.
        content: Its values by name.
        place: Where in a file these stand, such as ``training`` or ``scores[0]``, for error messages.

    Returns:
        The dataclass, checked.

    Raises:
        UserError: Unknown keys (with the closest known one), missing ones or bad values, with their place.
    """
    if not isinstance(content, Mapping):
        raise UserError(f"{_prefix(place)}expected keys with values, got {content!r:.60}")
    check_known(content, field_names(kind), _prefix(place))
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name not in content and field.default is MISSING and field.default_factory is MISSING:
            raise UserError(f"{_prefix(place)}key {field.name!r} is missing")
    values = read_values(kind, content, place)
    try:
        return kind(**values)
    except UserError as error:
        raise UserError(f"{_prefix(place)}{error}") from error


def read_values(kind: type, content: Mapping[str, Any], place: str = "") -> dict[str, Any]:
    """Return values of some fields of a dataclass as the types that these declare; as :func:`read`, which makes it."""
    annotations = annotations_of(kind)
    return {name: converted(annotations[name], value, name, place=place) for name, value in content.items()}


def field_names(kind: type) -> list[str]:
    """Return the names of a dataclass' fields."""
    return [field.name for field in fields(kind)]


def check_known(keys: Iterable[str], known: Iterable[str], where: str = "", *, noun: str = "key") -> None:
    """Refuse keys that are not known.

    Args:
        keys: The keys.
        known: All that there are.
        where: Where they stand, to begin the message with.
        noun: What they are called.

    Raises:
        UserError: One is not known; with the closest one that is.
    """
    # `known` may be an iterator, and is gone through for every key.
    names = list(known)
    for key in keys:
        if key not in names:
            raise UserError(f"{where}unknown {noun} {key!r}; {hint(key, names)}")


def _prefix(place: str) -> str:
    """Return how a message begins that is about a place; the top of a file needs no words."""
    return f"[{place}] " if place else ""


def converted(annotation: Any, value: Any, name: str, *, place: str = "") -> Any:
    """Return a value as the type that is declared.

    Args:
        annotation: The type.
        value: The value, as TOML, JSON or Python has it.
        name: Name of its field.
        place: Where the field stands.

    Returns:
        The value, as the declared type.

    Raises:
        UserError: It is of another type.
    """
    alternatives = alternatives_of(annotation)
    for alternative in alternatives:
        if _fits(alternative, value):
            return _as(alternative, value, name, place=place)
    path = _joined(place, name)
    if any(map(is_dataclass, alternatives)):
        raise UserError(f"{path} must be written as a [{path}] table, got {value!r:.60}")
    expected = " or ".join(_described(each) for each in alternatives if each is not types.NoneType)
    if float in alternatives and isinstance(value, float):
        expected = "a finite number"
    elif not expected.startswith("a list"):
        expected = f"of type {expected}"
    raise UserError(f"{_prefix(place)}{name} must be {expected}, got {value!r:.60}")


def _joined(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def alternatives_of(annotation: Any) -> tuple[Any, ...]:
    """Return the types that a union consists of."""
    is_union = typing.get_origin(annotation) in (types.UnionType, typing.Union)
    return typing.get_args(annotation) if is_union else (annotation,)


def _fits(declared: Any, value: Any) -> bool:
    """Tell whether a value can be read as a type; of tables and lists of them, only that they are such."""
    origin, parts = typing.get_origin(declared), typing.get_args(declared)
    if declared is Any:
        return True
    if origin is Literal:
        return value in parts
    if origin is tuple:
        return isinstance(value, list | tuple) and _is_list_of(parts, value)
    # A table comes as a mapping from files, and as the finished dataclass from Python.
    if origin in _MAPPINGS or is_dataclass(declared):
        return isinstance(value, (Mapping, origin or declared))
    if declared is float and type(value) is int:
        return abs(value) <= sys.float_info.max  # larger ones become no float
    if declared is float and type(value) is float:
        return math.isfinite(value)
    if declared in (bool, int, float, str):
        return type(value) is declared  # not isinstance, by which True is a number
    return isinstance(value, declared)


def _is_list_of(parts: tuple[Any, ...], values: Sequence[Any]) -> bool:
    """Tell whether a list has as many items as its type, and strings alone where it is a list of strings."""
    if parts[-1] is not ...:
        return len(parts) == len(values)
    return parts[0] is not str or all(isinstance(value, str) for value in values)


def _items(parts: tuple[Any, ...], values: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Pair the items of a list with their types: ``tuple[str, ...]`` has any number, ``tuple[int, int]`` two."""
    if parts[-1] is ...:
        parts = (parts[0],) * len(values)
    return zip(parts, values, strict=True)


def _as(declared: Any, value: Any, name: str, *, place: str) -> Any:
    """Return a value that fits a type as that type."""
    origin, parts = typing.get_origin(declared), typing.get_args(declared)
    if origin is tuple:
        pairs = enumerate(_items(parts, value))
        return tuple(converted(part, item, f"{name}[{number}]", place=place) for number, (part, item) in pairs)
    if origin in _MAPPINGS:
        return {key: converted(parts[1], item, f"{name}.{key}", place=place) for key, item in value.items()}
    if is_dataclass(declared) and not isinstance(value, declared):  # type: ignore[arg-type]
        return read(declared, value, _joined(place, name))  # type: ignore[arg-type]
    if declared is float:
        return float(value)
    return value


def _described(declared: Any) -> str:
    """Return a type in words, for messages."""
    parts = typing.get_args(declared)
    if typing.get_origin(declared) is Literal:
        return " or ".join(map(repr, parts))
    if typing.get_origin(declared) is tuple:
        return "a list of strings" if parts[0] is str else "a list"
    return str(declared.__name__)


@functools.cache
def annotations_of(kind: type) -> dict[str, Any]:
    """Return the types of a dataclass' fields; to read them from strings takes time, so that they are kept."""
    return typing.get_type_hints(kind)
