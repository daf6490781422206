"""Offsets into a text that is edited: what must stay so that they keep their meaning, and how they move."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from types import NoneType
from typing import Any

from charrobust.errors import DataError
from charrobust.perturb import Edit, EditedText
from charrobust.perturb.words import word_spans
from charrobust.tasks.records import Place, Record, literal

Span = tuple[int, int]

# Names of a start and an end. Exports write: start, end (spaCy, Label Studio, Prodigy); start_offset, end_offset
# (doccano); from, to (SemEval's aspect terms); begin, end (brat, UIMA).
PAIRS = (
    ("start", "end"),
    ("start_offset", "end_offset"),
    ("startOffset", "endOffset"),
    ("from", "to"),
    ("begin", "end"),
    ("start_char", "end_char"),
    ("char_start", "char_end"),
    ("@from", "@to"),
    ("@start", "@end"),
)
# Words for a start and an end, in whatever names they stand (aspect_start, startOffset, end2).
_START_AND_END = (("start", "end"), ("start", "stop"), ("begin", "end"), ("from", "to"))
# What in a name speaks of offsets; with one of the others in it, the numbers are of something else than letters.
_OFFSET_WORDS = frozenset({"start", "end", "begin", "stop", "offset", "offsets", "span", "spans", "indices"})
_OTHER_WORDS = frozenset({"id", "ids", "date", "time", "timestamp", "year", "month", "day", "page", "ms", "seconds"})
# The words of a name in any style: start_offset, startOffset and aspect-start.
_NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
# A start and an end in one text: 0-5, 0:5 and (0, 5).
_RANGE = re.compile(r"[(\s]*(\d+)\s*[-:,]\s*(\d+)[)\s]*")


# Kinds of values that never hold others, and what a text begins with that may be a list or a mapping.
_WITHOUT_MORE = frozenset({int, float, bool, NoneType})
_OPENINGS = frozenset("[{")
_FIRST_CHARACTER = itemgetter(slice(0, 1))


def cut_words(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return those words that a border of a span cuts in two; their letters cannot be shared out after an edit."""
    borders = sorted({border for span in spans for border in span})
    if not borders:
        return []
    cut = []
    for start, end in word_spans(text):
        # The first border behind the word's start. If it lies before the word's end, it cuts the word; a border at the
        # start or at the end cuts nothing.
        behind = bisect_right(borders, start)
        if behind < len(borders) and borders[behind] < end:
            cut.append((start, end))
    return cut


def outside(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return the stretches of a text that no span covers."""
    gaps: list[Span] = []
    covered = 0
    for start, end in sorted(spans):
        if start > covered:
            gaps.append((covered, start))
        # Spans may overlap or nest: a short one inside a long one must not take the border back.
        covered = max(covered, end)
    if covered < len(text):
        gaps.append((covered, len(text)))
    return gaps


def by_words(edited: EditedText) -> EditedText:
    """Return an edited text whose edits are whole words, one for each word that changed.

    A span of whole words then moves to the same words and back, exactly: a letter that comes before the first letter
    of a word, or behind its last, belongs to the word and so to the span.

    Args:
        edited: The text, its edited form, and the edits between them.

    Returns:
        The same two texts with other edits between them.

    Raises:
        DataError: An edit is of a word that the text does not have.
    """
    if not edited.edits:
        return edited
    places = word_spans(edited.source)
    last = max(edit.word for edit in edited.edits)
    if last >= len(places):
        raise DataError(f"the edit log names word {last}, the text has {len(places)}")
    edits_of: dict[int, list[Edit]] = {}
    words = []
    for edit in edited.edits:
        start, end = places[edit.word]
        # What is changed beside a word, such as the blank before the next one, is no part of it.
        if edit.old[0] < end and start < edit.old[1]:
            edits_of.setdefault(edit.word, []).append(edit)
        else:
            words.append(edit)
    words += [_word_edit(edited, places[number], edits) for number, edits in edits_of.items()]
    return EditedText(edited.source, edited.text, tuple(sorted(words, key=_begin)))


def _word_edit(edited: EditedText, place: Span, edits: Sequence[Edit]) -> Edit:
    """Return the one edit of a word that several edits together are."""
    first, last = min(edits, key=_begin), max(edits, key=_begin)
    # A cluster at the border of a word may be edited with a letter that is no part of the word.
    start, end = min(place[0], first.old[0]), max(place[1], last.old[1])
    # Between a border of the word and its outermost edit nothing has changed: both texts have as many letters there.
    new_start = first.new[0] - (first.old[0] - start)
    new_end = last.new[1] + (end - last.old[1])
    old, new = (start, end), (new_start, new_end)
    return Edit(first.word, first.operator, old, new, edited.source[start:end], edited.text[new_start:new_end])


def _begin(edit: Edit) -> tuple[Span, Span]:
    # An insertion has an empty old span: where that of two edits begins alike, the new one tells which comes first.
    return edit.old, edit.new


def is_row(value: Any) -> bool:
    """Tell whether a value is a list that begins with two whole numbers, and goes on, if at all, with a label."""
    if not isinstance(value, list | tuple) or len(value) < 2 or not all(map(is_whole, value[:2])):
        return False
    return len(value) == 2 or value[2] is None or isinstance(value[2], str)


def is_whole(value: Any) -> bool:
    """Tell whether a value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def whole_number(value: Any) -> int | None:
    """Return a whole number, also of its digits or of a float (as columns with gaps have them); None for others."""
    if is_whole(value) or (isinstance(value, float) and value.is_integer()):
        return int(value)
    # Only ASCII digits, since they are what would be written back; isdecimal() alone takes those of any script.
    if not isinstance(value, str) or not value.isascii() or not value.isdecimal():
        return None
    try:
        return int(value)
    except ValueError:  # of thousands of digits
        return None


@lru_cache(maxsize=4096)  # the names of columns are asked for in every record
def speaks_of_offsets(name: str, more: frozenset[str] = frozenset()) -> bool:
    """Tell whether a name is one that numbers of letters have, such as ``answer_start`` or ``charOffset``.

    Args:
        name: The name.
        more: Words that speak of offsets where the name stands, besides the usual ones.

    Returns:
        Whether it is.
    """
    parts = {part.lower() for part in _NAME_PARTS.findall(name)}
    return bool(parts & (_OFFSET_WORDS | more)) and not parts & _OTHER_WORDS


def holds_numbers(value: Any) -> bool:
    """Tell whether a value is a whole number, a range such as ``0-5``, or a list of such things."""
    if isinstance(value, list | tuple):
        return bool(value) and all(map(holds_numbers, value))
    if isinstance(value, str):
        return value.isdecimal() or _RANGE.fullmatch(value) is not None
    return is_whole(value) or (isinstance(value, float) and value.is_integer())


def looks_like_offsets(record: Record, texts: Sequence[str], plain: Sequence[str] = ()) -> str:
    """Return the first column of a record that seems to hold offsets into a text; nothing if none does.

    Args:
        record: The record.
        texts: Its texts.
        plain: Columns that hold none.

    Returns:
        The name of the column, or an empty text.
    """
    # Most records hold nothing but words and numbers under names that are plain: told by their names once for all.
    if not _has_suspects(tuple(record)) and not any(map(_may_hold_more, record.values())):
        return ""
    length = max(map(len, texts), default=0)
    columns: dict[str, Any] = {}
    for name, value in record.items():
        if name not in plain and not (isinstance(value, str) and value in texts):
            columns[str(name)] = _unpacked(value)
    for start, end in _pairs_of(tuple(columns)):
        if _are_inside(columns[start], columns[end], length):
            return start
    for name, value in columns.items():
        if isinstance(value, list | tuple | dict) and _holds_offsets(value, texts):
            return name
        # A lone number under such a name may be anything: it is a place if the words that stand there are given too.
        if speaks_of_offsets(name) and not is_whole(value) and _are_places(value, length):
            return name
        if speaks_of_offsets(name) and any(_stands_at(copy, value, texts) for copy in columns.values()):
            return name
    return ""


def may_hold_offsets(records: Sequence[Record]) -> Iterable[int]:
    """Return the numbers of all records in which :func:`looks_like_offsets` may find something, and maybe more."""
    names = set(map(tuple, records))
    if any(map(_has_suspects, names)):
        return range(len(records))
    suspects: set[int] = set()
    for column in set(chain.from_iterable(names)):
        values: list[Any] = [record.get(column) for record in records]
        kinds = set(map(type, values))
        # Most columns are all numbers, or all texts of which none begins as a list does: no step of Python a record.
        if kinds <= _WITHOUT_MORE or (kinds == {str} and _OPENINGS.isdisjoint(map(_FIRST_CHARACTER, values))):
            continue
        suspects.update(number for number, value in enumerate(values) if _may_hold_more(value))
    return suspects


@lru_cache(maxsize=4096)
def _has_suspects(names: tuple[Any, ...]) -> bool:
    """Tell whether one of some names speaks of offsets, or two of them are of a start and an end."""
    written = tuple(map(str, names))
    return bool(_pairs_of(written)) or any(map(speaks_of_offsets, written))


def _may_hold_more(value: Any) -> bool:
    """Tell whether a value may hold other values: all but numbers, nothing, and text that is no list or mapping."""
    if isinstance(value, str):
        return value.startswith(("[", "{"))
    return value is not None and not isinstance(value, int | float)


@lru_cache(maxsize=4096)
def _pairs_of(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the pairs of names that are alike but for a word for a start and one for an end."""
    by_lower = {name.lower(): name for name in names}
    pairs = []
    for lower, name in by_lower.items():
        for start, end in _START_AND_END:
            other = by_lower.get(lower.replace(start, end))
            # A start_date and an end_date are such a pair as well, but no places.
            if start in lower and other is not None and not _OTHER_WORDS.intersection(_NAME_PARTS.findall(lower)):
                pairs.append((name, other))
    return tuple(pairs)


def _unpacked(value: Any) -> Any:
    """Return the list or mapping that a text or an array holds; other values as they are."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if not isinstance(value, str) or value[:1] not in ("[", "{"):
        return value
    return literal(value)


def _are_places(value: Any, length: int) -> bool:
    """Tell whether a value is a range, or a list of numbers, in a text of some length."""
    if isinstance(value, str):
        ends = _RANGE.fullmatch(value)
        return ends is not None and _are_inside(ends[1], ends[2], length)
    return isinstance(value, list | tuple) and bool(value) and all(is_whole(n) and 0 <= n <= length for n in value)


def _stands_at(copy: Any, where: Any, texts: Sequence[str]) -> bool:
    """Tell whether some words stand in a text at a place that a number names."""
    number = whole_number(where)
    if number is None or not isinstance(copy, str) or not copy or copy in texts:
        return False
    # Single letters stand at a given place by chance.
    return any(len(copy) > 1 and text.startswith(copy, number) for text in texts)


def _holds_offsets(value: Any, texts: Sequence[str]) -> bool:
    """Tell whether a value holds, at any depth, what seems to be offsets into a text."""
    length = max(map(len, texts), default=0)
    if isinstance(value, dict):
        pairs = _pairs_of(tuple(value)) if all(isinstance(key, str) for key in value) else ()
        own = any(_are_inside(value[start], value[end], length) for start, end in pairs)
        return own or any(_holds_offsets(inner, texts) for inner in value.values())
    if not isinstance(value, list | tuple):
        return False
    # Two numbers alone are any two numbers; with a label behind or before them they are a span.
    if is_row(value) and len(value) > 2:
        return _are_inside(value[0], value[1], length)
    if len(value) == 2 and _stands_at(value[0], value[1], texts):
        return True  # a token with its place
    if len(value) == 3 and isinstance(value[0], str) and all(map(is_whole, value[1:])):
        return _are_inside(value[1], value[2], length)
    return any(_holds_offsets(inner, texts) for inner in value)


def _are_inside(start: Any, end: Any, length: int) -> bool:
    if isinstance(start, list) and isinstance(end, list):
        return any(_are_inside(*pair, length) for pair in zip(start, end, strict=False))
    first, behind = whole_number(start), whole_number(end)
    return first is not None and behind is not None and 0 <= first < behind <= length


def stale_offset(value: Any, plain: Sequence[str] = (), more: frozenset[str] = frozenset()) -> str:
    """Return the first key, at any depth, under which numbers stand whose name speaks of offsets; nothing for none.

    Args:
        value: What is looked at.
        plain: Keys under which there are none.
        more: See :func:`speaks_of_offsets`.

    Returns:
        The key, or an empty text.
    """
    if isinstance(value, list | tuple):
        return next(filter(None, (stale_offset(item, plain, more) for item in value)), "")
    if not isinstance(value, dict):
        return ""
    for key, inner in value.items():
        if key in plain:
            continue
        if speaks_of_offsets(str(key), more) and holds_numbers(inner):
            return str(key)
        below = stale_offset(inner, plain, more)
        if below:
            return below
    return ""


def check_no_offsets(record: Record, texts: Sequence[str], plain: Sequence[str], place: Place) -> None:
    """Refuse to edit a text of which a record holds offsets that do not follow.

    Args:
        record: The record.
        texts: Its texts.
        plain: Columns that hold no offsets, whatever they look like.
        place: Where the record stands.

    Raises:
        DataError: With the column.
    """
    column = looks_like_offsets(record, texts, plain)
    if column:
        raise place.error(
            f"column {column!r} seems to hold offsets into the text ({record[column]!r}), which would be stale once it "
            "is edited; with `task` = spans they follow; if they are no offsets, name the column with `plain_columns`"
        )
