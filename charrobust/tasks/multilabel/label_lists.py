"""Lists of labels as data sets write them: a list, text that holds one, labels with a separator between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from charrobust.errors import UserError
from charrobust.tasks.labels import MULTI_HOT, NAMES, NUMBERS
from charrobust.tasks.offsets import is_whole
from charrobust.tasks.records import literal

_HOLDS = frozenset({"1", "1.0", "true"})
_HOLDS_NOT = frozenset({"0", "0.0", "false"})


def items_of(value: Any, separator: str | None = None) -> list[Any]:
    """Return the items of what a label column holds.

    Args:
        value: A list, tuple, set or array; a text that holds a list, as JSON or Python writes it; or, with a
            separator, labels with it between them.
        separator: What stands between labels; None where a text must hold a list.

    Returns:
        The items, as they are written.

    Raises:
        UserError: It is none of these.
    """
    if hasattr(value, "tolist"):  # NumPy arrays, as data frames of Parquet files hold them
        value = value.tolist()
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    items = None
    if isinstance(value, str) and separator is not None:
        # Splitting an empty text would give one empty label, where the record has none.
        items = list(map(str.strip, value.split(separator))) if value.strip() else []
    elif isinstance(value, str):
        items = list_in(value)
    if items is None:
        raise UserError(
            f"expected a list of labels, got {value!r}; labels with a sign between them need `label_separator`, "
            "and one label a text is for another `task`"
        )
    return items


def list_in(text: str) -> list[Any] | None:
    """Return the list that a text holds, as JSON or Python writes it; None where it holds none."""
    if not text.strip().startswith("["):
        return None
    items = literal(text.strip())
    return items if isinstance(items, list) else None


def form_of(items: Sequence[Any]) -> str | None:
    """Return what the items of a list must be; None where that cannot be told, as for ``[0, 1]``.

    ``[0, 1]`` is the labels number 0 and 1, or the second of two labels. A list of one number is the number of a
    label, since data of one label alone are none of several; with a number twice it can only be multi-hot.
    """
    if not items:
        return None
    if all(isinstance(item, str) for item in items):
        return NAMES
    # Nobody numbers labels with false and true, or with 0.0 and 1.0: these say of each label whether it holds.
    if all(isinstance(item, bool | float) and item in (0, 1) for item in items):
        return MULTI_HOT
    if not all(map(is_whole, items)) or min(items) < 0:
        return None
    if max(items) > 1 or len(items) == 1:
        return NUMBERS
    # Only 0 and 1 are left. A set of labels holds none twice.
    if len(set(items)) < len(items):
        return MULTI_HOT
    return None


def check_items(items: Sequence[Any], form: str) -> None:
    """Check that all items of a list are names, or all are numbers, each once.

    Args:
        items: The items of one record.
        form: ``names`` or ``numbers``; anything else is not checked for its type.

    Raises:
        UserError: They are not.
    """
    for item in items:
        if form == NAMES and not isinstance(item, str):
            raise UserError(f"expected the names of labels, as text, got {item!r} in {list(items)!r}")
        if form == NUMBERS and not is_whole(item) and not (isinstance(item, str) and item.isdecimal()):
            raise UserError(f"expected the numbers of labels, got {item!r} in {list(items)!r}")
    for number, item in enumerate(items):
        if item in items[:number]:
            raise UserError(
                f"label {item!r} stands twice in {list(items)!r}; expected each label once, or, if 1 stands for a "
                f"label that holds and 0 for one that does not, `label_form` = {MULTI_HOT}"
            )


def is_held(value: Any) -> bool:
    """Tell whether a label holds, from 0, 1, false or true, as a number or as text.

    Args:
        value: The value as it is written.

    Returns:
        Whether it holds.

    Raises:
        UserError: It is something else.
    """
    written = str(value).strip().lower()
    if written in _HOLDS:
        return True
    if written in _HOLDS_NOT:
        return False
    raise UserError(f"expected 0 or 1 for each label, got {value!r}")
