"""Edits, edited texts, and how spans move through edits and back."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from charrobust.errors import DataError

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of one text. Spans count code points and exclude their end, as Python slices do.

    Attributes:
        word: Number of the word in the text (of the token in the sentence).
        operator: What made the edit.
        old: Span of ``old_text`` in the original text.
        new: Span of ``new_text`` in the edited text.
        old_text: What was there; empty for an insertion.
        new_text: What is there now; empty for a deletion.
    """

    word: int
    operator: str
    old: Span
    new: Span
    old_text: str
    new_text: str


@dataclass(frozen=True, slots=True)
class EditedText:
    """A text, its edited form, and the edits between them in order.

    Attributes:
        source: The original text.
        text: The edited text.
        edits: Disjoint edits, sorted by place.
    """

    source: str
    text: str
    edits: tuple[Edit, ...]

    def moved(self, start: int, end: int) -> Span:
        """Map a span of the original text to the edited one.

        A span grows or shrinks with the edits inside it. A border inside an edit moves outward, so that the
        mapped span holds the edit whole; an insertion exactly at a border stays outside.

        Args:
            start: First code point, in the original text.
            end: One past the last.

        Returns:
            The span in the edited text.
        """
        return _map_span(start, end, self.edits, source=_OLD, target=_NEW)

    def original(self, start: int, end: int) -> Span:
        """Map a span of the edited text back to the original one, by the same rules as :meth:`moved`.

        Args:
            start: First code point, in the edited text.
            end: One past the last.

        Returns:
            The span in the original text.
        """
        return _map_span(start, end, self.edits, source=_NEW, target=_OLD)


_Side = Callable[[Edit], Span]
_OLD: _Side = attrgetter("old")
_NEW: _Side = attrgetter("new")


def _map_span(start: int, end: int, edits: Sequence[Edit], *, source: _Side, target: _Side) -> Span:
    """Map a span through edits.

    The edits are searched as they are: lists of their spans would cost every span of a text as much as all edits.

    Args:
        start: First code point of the span.
        end: One past the last.
        edits: Disjoint edits, sorted by place.
        source: Gives the span of an edit in the text that the span lies in.
        target: Gives that in the other text.
    """
    mapped_start = _map_start(start, edits, source=source, target=target)
    # An empty span has one border. Mapped as a start and as an end, an insertion at it would turn the two around.
    if end <= start:
        return mapped_start, mapped_start
    return mapped_start, max(mapped_start, _map_end(end, edits, source=source, target=target))


def _map_start(start: int, edits: Sequence[Edit], *, source: _Side, target: _Side) -> int:
    """Map the start of a span: to the start of the edit around it, or by the last edit that ends before it."""
    # An edit that ends exactly at the start lies left of the span.
    before = bisect_right(edits, start, key=lambda edit: source(edit)[1])
    if before < len(edits) and source(edits[before])[0] < start:
        return target(edits[before])[0]
    return _carry(start, edits, before, source=source, target=target)


def _map_end(end: int, edits: Sequence[Edit], *, source: _Side, target: _Side) -> int:
    """Map the end of a span: to the end of the edit around it, or by the last edit that starts before it."""
    # An edit that starts exactly at the end lies right of the span.
    before = bisect_left(edits, end, key=lambda edit: source(edit)[0])
    if before and source(edits[before - 1])[1] > end:
        return target(edits[before - 1])[1]
    return _carry(end, edits, before, source=source, target=target)


def _carry(border: int, edits: Sequence[Edit], before: int, *, source: _Side, target: _Side) -> int:
    """Move a border outside all edits as far as the last of the ``before`` edits left of it moved its own end."""
    if before == 0:
        return border
    last = edits[before - 1]
    return border + target(last)[1] - source(last)[1]


def replay(source: str, edits: Iterable[Edit]) -> str:
    """Apply logged edits to the text that they were made on.

    Args:
        source: The original text.
        edits: Disjoint edits of it, in any order.

    Returns:
        The edited text.

    Raises:
        DataError: The text does not hold an edit's ``old_text`` at its place.
    """
    in_order = sorted(edits, key=attrgetter("old", "new"))
    return _substitute(source, [(edit.old, edit.old_text, edit.new_text) for edit in in_order])


def revert(text: str, edits: Iterable[Edit]) -> str:
    """Undo logged edits.

    Args:
        text: The edited text.
        edits: All edits that led to it, in any order.

    Returns:
        The original text.

    Raises:
        DataError: The text does not hold an edit's ``new_text`` at its place.
    """
    # Deletions beside each other have one place in the edited text; where they stood tells their order.
    in_order = sorted(edits, key=attrgetter("new", "old"))
    return _substitute(text, [(edit.new, edit.new_text, edit.old_text) for edit in in_order])


def undone(text: str, edits: Iterable[Edit]) -> EditedText:
    """Undo logged edits, and keep them with both texts, so that spans can follow.

    Args:
        text: As for :func:`revert`.
        edits: See there.

    Returns:
        The original text as source, the edited one, and the edits between them.

    Raises:
        DataError: As for :func:`revert`.
    """
    in_order = tuple(sorted(edits, key=attrgetter("new", "old")))
    return EditedText(revert(text, in_order), text, in_order)


def _substitute(text: str, changes: Iterable[tuple[Span, str, str]]) -> str:
    # Pieces are collected and the text itself stays as it is, so that all offsets go on to be those of the given text.
    pieces, position = [], 0
    for (start, end), expected, replacement in changes:
        # A slice that reaches beyond the end is cut short without an error, so the end is checked by itself.
        if start < position or text[start:end] != expected or end > len(text):
            raise DataError(
                f"the edit log does not fit the text: expected {expected!r} at {start}:{end}, "
                f"found {text[start:end]!r} in {text[max(0, start - 20) : end + 20]!r}; "
                "use the log that was written with this file"
            )
        pieces += [text[position:start], replacement]
        position = end
    return "".join(pieces) + text[position:]
