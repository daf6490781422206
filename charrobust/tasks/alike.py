"""Which records of a batch are enough to look at, where many are alike."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from charrobust.tasks.records import Record

_FEW = 8  # distinct keys


def first_of_each(keys: Iterable[Hashable]) -> list[int]:
    """Return the number of the first of each of some keys that are equal, ascending."""
    listed = list(keys)
    distinct = set(listed)
    # A search for each ends at its first, which mostly is near.
    if len(distinct) <= _FEW:
        return sorted(map(listed.index, distinct))
    # Of equal keys the one that is put in last stays: backwards, that is the first.
    backwards = zip(reversed(listed), range(len(listed) - 1, -1, -1), strict=True)
    return sorted(dict(backwards).values())


def first_of_each_label(records: Sequence[Record], columns: Sequence[str]) -> list[int] | None:
    """Return the numbers of the first records with each label.

    Args:
        records: The records.
        columns: The columns of labels; one that a record lacks is None.

    Returns:
        The numbers, ascending; None where labels are lists and the like, which are not told apart.
    """
    keys: list[Iterable[Hashable]] = []
    for column in columns:
        values = [record.get(column) for record in records]
        types = list(map(type, values))
        # 1, 1.0 and True are equal, and not the same labels.
        if len(set(types)) > 1:
            keys.append(types)
        keys.append(values)
    try:
        return first_of_each(keys[0] if len(keys) == 1 else zip(*keys, strict=True))
    except TypeError:
        return None
