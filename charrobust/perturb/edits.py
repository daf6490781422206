"""Edits, edited texts, and how spans move through edits and back."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
        return _map_span(start, end, [edit.old for edit in self.edits], [edit.new for edit in self.edits])

    def original(self, start: int, end: int) -> Span:
        """Map a span of the edited text back to the original one, by the same rules as :meth:`moved`.

        Args:
            start: First code point, in the edited text.
            end: One past the last.
        """
        return _map_span(start, end, [edit.new for edit in self.edits], [edit.old for edit in self.edits])


def _map_span(start: int, end: int, here: Sequence[Span], there: Sequence[Span]) -> Span:
    mapped_start = _map_border(start, here, there, opening=True)
    if end <= start:
        return mapped_start, mapped_start
    return mapped_start, max(mapped_start, _map_border(end, here, there, opening=False))


def _map_border(border: int, here: Sequence[Span], there: Sequence[Span], *, opening: bool) -> int:
    """Map one end of a span: through the edit around it, or by the last edit that ends before it."""
    if opening:
        # Edits that end at or before an opening border lie left of it.
        before = bisect_right(here, border, key=lambda span: span[1])
        if before < len(here) and here[before][0] < border:
            return there[before][0]
    else:
        # Edits that start at or after a closing border lie right of it.
        before = bisect_left(here, border, key=lambda span: span[0])
        if before and here[before - 1][1] > border:
            return there[before - 1][1]
    return border + (there[before - 1][1] - here[before - 1][1] if before else 0)


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
    return _substitute(source, [(edit.old, edit.old_text, edit.new_text) for edit in edits])


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
    return _substitute(text, [(edit.new, edit.new_text, edit.old_text) for edit in edits])


def _substitute(text: str, changes: Iterable[tuple[Span, str, str]]) -> str:
    pieces, position = [], 0
    for (start, end), expected, replacement in sorted(changes):
        if start < position or text[start:end] != expected or end > len(text):
            raise DataError(
                f"the edit log does not fit the text: expected {expected!r} at {start}:{end}, "
                f"found {text[start:end]!r} in {text[max(0, start - 20) : end + 20]!r}; "
                "use the log that was written with this file"
            )
        pieces += [text[position:start], replacement]
        position = end
    return "".join(pieces) + text[position:]
