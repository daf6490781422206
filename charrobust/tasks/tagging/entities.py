"""Tokens of entities, as their tags tell them: what stays where entities are protected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from charrobust.tasks.records import Place
from charrobust.tasks.tagging.schemes import OUTSIDE, reading_of

_REMEDY = (
    f"and nothing says which of them is {OUTSIDE!r}; protecting entities needs to know: name the tags with "
    f"`class_names`, in the order of their numbers, or rename one with `label_map`, such as OTHER={OUTSIDE}"
)


def are_entities(tags: Iterable[str | None]) -> list[bool]:
    """Tell which tags are of entities."""
    return [tag not in (OUTSIDE, None) for tag in tags]


def check_names_tell(class_names: Sequence[str], names: Sequence[str], place: Place) -> None:
    """Check that one of the tags of a data set is ``O``.

    Args:
        class_names: All tags, as the data set names them.
        names: The same, as a label map renames them.
        place: The first record, for the message.

    Raises:
        DataError: None is.
    """
    if OUTSIDE not in names:
        raise place.error(f"the tags are {', '.join(class_names)}, {_REMEDY}")


def check_tags_tell(column: str | None, tags: Iterable[tuple[object, str | None, Place]]) -> None:
    """Check that tags of which no list of all is known tell which of them is ``O``.

    Args:
        column: Where they stand.
        tags: Each as it is written, with its name and its place.

    Raises:
        DataError: They are numbers without names, or words of which none is ``O``.
    """
    unclear: tuple[Place, str] | None = None
    for tag, name, place in tags:
        # One "O" shows what tags are like; without it, B-PER and its like do so as well.
        if name == OUTSIDE:
            return
        if name is not None and reading_of([name]) is None:
            unclear = unclear or (place, f"words ({name})" if isinstance(tag, str) else f"numbers ({name})")
    if unclear is not None:
        place, found = unclear
        raise place.error(f"tags in column {column!r} are {found}, {_REMEDY}")
