"""Spans as tags of words, and back: how models that tag words are taught spans and asked for them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import regex

from charrobust.tasks.spans.metrics import Span, Spans
from charrobust.tasks.tagging.metrics import find_spans
from charrobust.tasks.tagging.schemes import OUTSIDE, reading_of

Place = tuple[int, int]

# Runs of letters and digits; each letter of scripts that put no blanks between words; and each other mark alone, as
# data sets of tagged words have them. So a span of "Stockholm" in "Stockholm's" has its border between two pieces.
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_PIECE = regex.compile(rf"{_UNSPACED}\p{{M}}*|(?:(?!{_UNSPACED})[\p{{L}}\p{{M}}\p{{N}}])+|\S", regex.VERSION1)


def pieces_of(text: str) -> list[Place]:
    """Return (start, end) of the pieces of a text that get a tag each: words, and marks between them."""
    return [match.span() for match in _PIECE.finditer(text)]


def tags_of(types: Sequence[str]) -> tuple[str, ...]:
    """Return the tags that spans of some types are written with."""
    tags = [OUTSIDE]
    for span_type in types:
        tags += [f"B-{span_type}", f"I-{span_type}"]
    return tuple(tags)


def type_of(tag: str) -> str | None:
    """Return the type of a tag; None for the tag outside of all spans."""
    if tag == OUTSIDE:
        return None
    # Without a prefix the tag is the type: some models tag words with PER and not with B-PER.
    return tag.partition("-")[2] or tag


def nested(spans: Spans) -> list[Span]:
    """Return those of some spans that overlap another one: of these the longer is kept, the first of equal ones."""
    kept: list[Span] = []
    left_out: list[Span] = []
    # Greedy: what a longer span has pushed out does not push out others itself.
    for span in sorted(spans, key=_longest_first):
        overlaps = any(span[0] < end and start < span[1] for start, end, _ in kept)
        if overlaps:
            left_out.append(span)
        else:
            kept.append(span)
    return left_out


def _longest_first(span: Span) -> tuple[int, Span]:
    # The negative length, and the span itself to order equal lengths.
    return span[0] - span[1], span


def tagged(pieces: Sequence[Place], spans: Spans) -> tuple[str, ...]:
    """Return the tag of each piece of a text; a piece that a span cuts belongs to the span.

    Args:
        pieces: The pieces.
        spans: The spans; those that overlap a longer one cannot be said.

    Returns:
        A tag for each piece, in the scheme IOB2.
    """
    tags = [OUTSIDE] * len(pieces)
    starts = [start for start, _ in pieces]
    ends = [end for _, end in pieces]
    left_out = set(nested(spans))
    for start, end, span_type in spans:
        if (start, end, span_type) in left_out:
            continue
        # The first piece that ends behind the start, and the first that starts at the end or behind it.
        first, behind = bisect_right(ends, start), bisect_left(starts, end)
        for number in range(first, behind):
            # Two spans may cut one piece between them: the first keeps it.
            if tags[number] == OUTSIDE:
                prefix = "B" if number == first else "I"
                tags[number] = f"{prefix}-{span_type}"
    return tuple(tags)


def spans_of(pieces: Sequence[Sequence[Place]], tags: Sequence[Sequence[str]], known: Sequence[str]) -> list[Spans]:
    """Return the spans that tags mark, in the offsets of each text.

    Args:
        pieces: The pieces of each text.
        tags: Their tags, in any scheme.
        known: All tags that a model may give, by which the scheme is told.

    Returns:
        The spans of each text, in order.
    """
    types: dict[str, int] = {}
    marked = find_spans(tags, types, reading=reading_of(set(known)))
    names = {number: name for name, number in types.items()}
    # Numbers of pieces count through all texts.
    first_pieces = [0]
    for text_pieces in pieces:
        first_pieces.append(first_pieces[-1] + len(text_pieces))
    spans_by_text: list[list[Span]] = [[] for _ in pieces]
    for text, (first, behind, type_number) in zip(marked.sentence.tolist(), marked.triples(), strict=True):
        offset = first_pieces[text]
        start, _ = pieces[text][first - offset]
        _, end = pieces[text][behind - 1 - offset]
        spans_by_text[text].append((start, end, names[type_number]))
    return list(map(tuple, spans_by_text))
