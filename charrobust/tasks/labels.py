"""Labels as data sets write them: missing ones, numbers that stand for names, names that are to be other ones."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from charrobust.errors import UserError

# What the items of a list of labels are; multi-hot ones are 0 or 1 for each label there is.
NAMES, NUMBERS, MULTI_HOT = LABEL_FORMS = ("names", "numbers", "multi-hot")

# What data sets write where a label is missing: SNLI "-" and -1, the datasets library -1, token classification -100.
# In lower case, as labels are compared; so r"\n" is the \N that databases write for NULL.
_NO_LABEL = frozenset({"", "-", "-1", "-100", "-1.0", "-100.0", "nan", "<na>", "none", "null", r"\n"})


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
        name = self._named(_written(label))
        return dict(self.label_map).get(name, name)

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
    return int(digits) if digits.isdecimal() else None


def _written(label: object) -> str:
    """Return a label as text; whole numbers that became floats (a column with gaps) are whole numbers again."""
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)


def sorted_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """Return distinct labels: numbers in the order of their values, then words."""

    def rank(label: str) -> tuple[int, int, str]:
        return (0, int(label), "") if label.isdecimal() else (1, 0, label)

    return tuple(sorted(set(labels), key=rank))


def parse_label_map(pairs: Iterable[str] | Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Read pairs such as ``pos=positive``.

    Args:
        pairs: The pairs, or a mapping.

    Returns:
        The pairs.

    Raises:
        UserError: One of them is no pair, or two begin alike.
    """
    if isinstance(pairs, Mapping):
        return tuple((str(old), str(new)) for old, new in pairs.items())
    renamed: dict[str, str] = {}
    for pair in pairs:
        old, equals, new = pair.partition("=")
        if not equals or not old or not new:
            raise UserError(f"label map {pair!r}: expected LABEL=NAME, such as pos=positive")
        if old in renamed:
            raise UserError(f"label map: {old!r} is renamed twice, to {renamed[old]!r} and {new!r}; give one name")
        renamed[old] = new
    return tuple(renamed.items())
