"""What a field declares beside its name and type, and dataclasses that check their values by it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any

from charrobust.errors import UserError, hint
from charrobust.settings.reading import annotations_of, converted


def setting(
    default: Any = MISSING,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    choices: Sequence[str] = (),
    options: Sequence[str] = (),
    may_change: bool = False,
) -> Any:
    """Declare a field with more than its type and default; a string below it is its documentation, and its help.

    Args:
        default: Its value where none is given.
        low: The smallest number that it may be.
        high: The largest number that it may be.
        choices: All words that it may be.
        options: Its names on the command line, such as ``("--recipe", "-r")``, or ``("--freeze/--train",)`` of a yes or
            no. Without any it is changed by ``--set`` alone.
        may_change: Whether a run may go on with another value of it.

    Returns:
        The declaration, as :func:`dataclasses.field` makes it.
    """
    declared = {"low": low, "high": high, "choices": choices, "options": options, "may_change": may_change}
    return dataclasses.field(default=default, metadata=declared)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Checks types, bounds and choices of all its fields when it is made, from a file or in Python."""

    def __post_init__(self) -> None:
        """Check all values; whole numbers become floats, and lists tuples, where these are declared.

        Raises:
            UserError: A value is of a wrong type, out of bounds or not known.
        """
        kind: Any = type(self)
        annotations = annotations_of(kind)
        for field in fields(self):
            value = converted(annotations[field.name], getattr(self, field.name), field.name)
            object.__setattr__(self, field.name, value)  # the way to set a field of a frozen dataclass
            _check_bounds(field, value)


def _check_bounds(field: Field[Any], value: Any) -> None:
    """Refuse a value that the declaration of its field excludes."""
    choices = field.metadata.get("choices", ())
    if choices and value is not None and value not in choices:
        raise UserError(f"unknown {field.name} {value!r}; {hint(value, choices)}")
    if "low" not in field.metadata or not isinstance(value, int | float):
        return
    low, high = field.metadata["low"], field.metadata["high"]
    if not low <= value <= high:  # not the reverse comparisons, which would let NaN through
        expected = f"between {low:g} and {high:g}" if math.isfinite(high) else f"at least {low:g}"
        raise UserError(f"{field.name} must be {expected}, got {value}")
