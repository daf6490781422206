"""Spans carried between two forms of a text: by its edits, or by what differs between the two."""

from __future__ import annotations

from collections.abc import Iterable

from charrobust.perturb import Edit, EditedText
from charrobust.perturb.distance import Change, changes
from charrobust.tasks.spans.metrics import Span


def moved_spans(spans: Iterable[Span], edited: EditedText) -> tuple[Span, ...]:
    """Return where spans are after the edits of their text."""
    return tuple((*edited.moved(start, end), span_type) for start, end, span_type in spans)


def spans_on(spans: Iterable[Span], source: str, text: str) -> tuple[Span, ...]:
    """Return where spans of a text are in what a defence has restored of it.

    Args:
        spans: The spans.
        source: Their text.
        text: The restored one.

    Returns:
        The spans in the restored text.
    """
    return tuple(spans) if source == text else moved_spans(spans, _restored(source, text))


def spans_back(spans: Iterable[Span], source: str, text: str) -> tuple[Span, ...]:
    """Return where spans of a restored text are in the one that a defence was given.

    Args:
        spans: The spans.
        source: The text that was given.
        text: The restored one, which is theirs.

    Returns:
        The spans in the text that was given, in order; those of nothing but inserted letters are left out.
    """
    if source == text:
        return tuple(spans)
    restored = _restored(source, text)
    carried: set[Span] = set()
    for start, end, span_type in spans:
        source_start, source_end = restored.original(start, end)
        if source_start < source_end:
            carried.add((source_start, source_end, span_type))
    return tuple(sorted(carried))


def _restored(source: str, text: str) -> EditedText:
    """Return the edits by which a defence has restored a text: it tells the text alone, and they are what differs."""
    edits = [_replacement(source, text, change) for change in changes(source, text)]
    return EditedText(source, text, tuple(edits))


def _replacement(source: str, text: str, change: Change) -> Edit:
    """Return a change between two texts as an edit."""
    # Word and operator are not known, and not read: to map spans back only the places of edits are asked for.
    return Edit(0, "", change.old, change.new, source[slice(*change.old)], text[slice(*change.new)])
