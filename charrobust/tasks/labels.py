"""Labels as data sets write them: missing ones, numbers that stand for names, names that are to be other ones."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from charrobust.errors import UserError

# What the items of a list of labels are; multi-hot ones are 0 or 1 for each label there is.
NAMES, NUMBERS, MULTI_HOT = LABEL_FORMS = ("names", "numbers", "multi-hot")

# What data sets write where a label is missing: SNLI "-" and -1, the datasets library -1, token classification -100.
# In lower case, as labels are compared; so r"\n" is the \N that databases write for NULL.
_NO_LABEL = frozenset({"", "-", "-1", "-100", "-1.0", "-100.0", "nan", "<na>", "none", "null", r"\n"})


def number_of(label: object) -> float | None:
    """Return the finite number that a label is, or is written as; None where it is none."""
    if isinstance(label, bool) or not isinstance(label, str | int | float):
        return None
    try:
        number = float(label)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


@dataclass(frozen=True, kw_only=True)
class LabelReading:
    """How the labels of a data set are read.

    Attributes:
        class_names: Names of the classes or tags by number, where the data hold numbers.
        label_map: Pairs of a label as the data have it (or its name) and the name that it is to have.
        missing_labels: What stands for a missing label, besides nothing at all and NaN; None for the usual signs
            (nothing, ``-``, ``-1``, ``-100``, ``nan``, ``none``, ``null``).
    """

    class_names: tuple[str, ...] = ()
    label_map: tuple[tuple[str, str], ...] = ()
    missing_labels: tuple[str, ...] | None = None

    def is_missing(self, label: object) -> bool:
        """Tell whether a value stands for a label that is not there."""
        if label is None or (isinstance(label, float) and math.isnan(label)):
            return True
        # False is a class, and lists are judged item by item by the tasks that read them.
        if isinstance(label, bool | list | tuple | dict):
            return False
        written = _written(label).strip()
        if written in self.class_names or any(written == old for old, _ in self.label_map):
            return False  # "none" is a class where somebody says so
        if self.missing_labels is not None:
            return written in self.missing_labels
        return written.lower() in _NO_LABEL

    def name_of(self, label: object) -> str | None:
        """Return the name of a label; None where it is missing.

        Args:
            label: The label as it is written.

        Returns:
            The name, or None.

        Raises:
            UserError: Its number is not among those that have names.
        """
        if self.is_missing(label):
            return None
        written, renamed = _written(label), dict(self.label_map)
        # As the data write it, before the name that a number has: so a map may also name what has no number.
        if written in renamed:
            return renamed[written]
        name = self._named(written)
        return renamed.get(name, name)

    def renamed_in_order(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the classes or tags by number as the label map has them."""
        renamed = dict(self.label_map)
        return tuple(renamed.get(str(number), renamed.get(name, name)) for number, name in enumerate(names))

    def _named(self, label: str) -> str:
        """Return the name that stands for a number; other labels are names already.

        Raises:
            UserError: Numbers have names, and this is none of both.
        """
        if not self.class_names or label in self.class_names:
            return label
        number = _whole(label)
        known = ", ".join(self.class_names)
        if number is None:
            raise UserError(f"label {label!r} is neither a number nor one of the `class_names`: {known}")
        if number >= len(self.class_names):
            raise UserError(f"label {number} has no name: there are {len(self.class_names)} class names, 0 to {known}")
        return self.class_names[number]


def _whole(label: str) -> int | None:
    """Return the number that a label is, also as a column with gaps writes it (``1.0``); None for others."""
    digits = label.removesuffix(".0")
    try:
        return int(digits) if digits.isdecimal() else None
    except ValueError:  # of thousands of digits
        return None


def _written(label: object) -> str:
    """Return a label as text; whole numbers that became floats (a column with gaps) are whole numbers again."""
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)


def sorted_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """Return distinct labels: numbers in the order of their values, then words."""

    def rank(label: str) -> tuple[int, int, str]:
        number = _whole(label) if label.isdecimal() else None
        return (1, 0, label) if number is None else (0, number, "")

    return tuple(sorted(set(labels), key=rank))


def parse_label_map(pairs: Any) -> tuple[tuple[str, str], ...]:
    """Read a label map, in any of the forms that it has in options, cards and programs.

    Args:
        pairs: A mapping from labels to names; or texts such as ``pos=positive``, or pairs of both.

    Returns:
        The pairs.

    Raises:
        UserError: One of them is no pair, or two begin alike.
    """
    if isinstance(pairs, Mapping):
        pairs = pairs.items()
    if isinstance(pairs, str) or not isinstance(pairs, Iterable):
        pairs = [pairs]
    renamed: dict[str, str] = {}
    for pair in pairs:
        old, new = _label_and_name(pair)
        if old in renamed:
            raise UserError(f"label map: {old!r} is renamed twice, to {renamed[old]!r} and {new!r}; give one name")
        renamed[old] = new
    return tuple(renamed.items())


def _label_and_name(pair: Any) -> tuple[str, str]:
    """Return a label and the name that it is to have.

    Raises:
        UserError: It is no pair of them.
    """
    parts = pair.partition("=")[::2] if isinstance(pair, str) else pair
    is_pair = isinstance(parts, tuple | list) and len(parts) == 2
    # Numbers and truth values stand for classes in data frames and programs.
    if not is_pair or not all(isinstance(part, str | int | float) and str(part) for part in parts):
        raise UserError(f"label map {pair!r}: expected LABEL=NAME, such as pos=positive")
    return str(parts[0]), str(parts[1])
