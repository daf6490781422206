"""Offsets into a text that is edited: what must stay so that they keep their meaning, and how they move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from charrobust.errors import DataError
from charrobust.perturb import Edit, EditedText
from charrobust.perturb.words import word_spans
from charrobust.tasks.records import Place, Record

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
)


def cut_words(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return those words that a border of a span cuts in two; their letters cannot be shared out after an edit."""
    borders = {border for span in spans for border in span}
    if not borders:
        return []
    cut = []
    for start, end in word_spans(text):
        if any(start < border < end for border in borders):
            cut.append((start, end))
    return cut


def outside(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return the stretches of a text that no span covers."""
    gaps: list[Span] = []
    covered = 0
    for start, end in sorted(spans):
        if start > covered:
            gaps.append((covered, start))
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
    edits_of: dict[int, list[Edit]] = {}
    for edit in edited.edits:
        edits_of.setdefault(edit.word, []).append(edit)
    places = word_spans(edited.source) if edits_of else []
    if edits_of and max(edits_of) >= len(places):
        raise DataError(f"the edit log names word {max(edits_of)}, the text has {len(places)}")
    words = [_word_edit(edited, places[number], edits) for number, edits in sorted(edits_of.items())]
    return EditedText(edited.source, edited.text, tuple(words))


def _word_edit(edited: EditedText, place: Span, edits: Sequence[Edit]) -> Edit:
    """Return the one edit of a word that several edits together are."""
    first, last = min(edits, key=_begin), max(edits, key=_begin)
    # A cluster at the border of a word may be edited with a letter that is no part of the word.
    start, end = min(place[0], first.old[0]), max(place[1], last.old[1])
    new_start = first.new[0] - (first.old[0] - start)
    new_end = last.new[1] + (end - last.old[1])
    old, new = (start, end), (new_start, new_end)
    return Edit(first.word, first.operator, old, new, edited.source[start:end], edited.text[new_start:new_end])


def _begin(edit: Edit) -> tuple[Span, Span]:
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
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else None


def looks_like_offsets(record: Record, texts: Sequence[str], plain: Sequence[str] = ()) -> str:
    """Return the first column of a record that seems to hold offsets into a text; nothing if none does.

    Args:
        record: The record.
        texts: Its texts.
        plain: Columns that hold none.

    Returns:
        The name of the column, or an empty text.
    """
    length = max(map(len, texts), default=0)
    for number in ("", "1", "2"):
        for start, end in PAIRS:
            names = start + number, end + number
            if not set(names) & set(plain) and _are_inside(record.get(names[0]), record.get(names[1]), length):
                return names[0]
    for column, value in record.items():
        if isinstance(value, list | tuple | dict) and column not in plain and _holds_offsets(value, length):
            return column
    return ""


def _holds_offsets(value: Any, length: int) -> bool:
    """Tell whether a value holds, at any depth, what seems to be offsets into a text of some length."""
    if isinstance(value, dict):
        own = any(_are_inside(value.get(start), value.get(end), length) for start, end in PAIRS)
        return own or any(_holds_offsets(inner, length) for inner in value.values())
    if is_row(value) and len(value) > 2:
        return _are_inside(value[0], value[1], length)
    return isinstance(value, list | tuple) and any(_holds_offsets(inner, length) for inner in value)


def _are_inside(start: Any, end: Any, length: int) -> bool:
    if isinstance(start, list) and isinstance(end, list):
        return any(_are_inside(*pair, length) for pair in zip(start, end, strict=False))
    first, behind = whole_number(start), whole_number(end)
    return first is not None and behind is not None and 0 <= first < behind <= length


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
