"""Tags that follow their tokens, where an attack splits tokens, joins them, drops, doubles or exchanges them."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from charrobust.errors import DataError
from charrobust.perturb import EditedText, EditTable
from charrobust.tasks.tagging.metrics import find_spans
from charrobust.tasks.tagging.schemes import OUTSIDE, Reading

Tags = Sequence[str | None]


# The letters of a span's only token and of its last one, by a letter that tells the scheme: BILOU, BMEWO, IOBES.
_SINGLE_AND_LAST = {"U": ("U", "L"), "L": ("U", "L"), "W": ("W", "E"), "S": ("S", "E")}


def letters_of(old: Sequence[str], count: int) -> list[str]:
    """Return the letters of a span whose number of tokens has changed.

    Args:
        old: Its letters before, by which the scheme is told.
        count: The number of its tokens now.

    Returns:
        A letter for each token.
    """
    inner = "M" if "M" in old else "I"
    telling = next((letter for letter in old if letter in _SINGLE_AND_LAST), "")
    if telling:
        (single, last), first = _SINGLE_AND_LAST[telling], "B"
    elif "E" in old:
        # With a letter for the first token it is IOBES, without one IOE.
        single, last, first = ("S", "E", "B") if "B" in old else ("E", "E", inner)
    else:
        single, last, first = old[0], inner, old[0]
    return [single] if count == 1 else [first, *[inner] * (count - 2), last]


def tokens_in(text: str) -> list[str]:
    """Cut a sentence at its blanks, of which one stands between each two tokens.

    Args:
        text: The sentence.

    Returns:
        Its tokens; none of an empty sentence.
    """
    return text.split(" ") if text else []


def sources_of(tokens: Sequence[str], edited: EditedText) -> list[int | None]:
    """Tell which token each token of an edited sentence comes from.

    Args:
        tokens: The tokens before.
        edited: The sentence, with a blank between each two tokens, before and after the attack.

    Returns:
        For each token after the attack the number of the one it comes from, the first of several; None for a new one.
    """
    starts = []
    place = 0
    for token in tokens:
        starts.append(place)
        place += len(token) + 1
    ends = [start + len(token) for start, token in zip(starts, tokens, strict=True)]
    sources: list[int | None] = []
    used: set[int] = set()
    place = 0
    for token in tokens_in(edited.text):
        start, end = edited.original(place, place + len(token))
        place += len(token) + 1
        # The tokens that end behind the start of what the token was, and begin before its end.
        among = range(bisect_right(ends, start), bisect_left(starts, end))
        source = _best(token, among, tokens, used)
        if source is None and sources and sources[-1] is not None and tokens[sources[-1]] == token:
            source = sources[-1]  # said again
        sources.append(source)
        used.update(() if source is None else (source,))
    return sources


def _best(token: str, among: range, tokens: Sequence[str], used: set[int]) -> int | None:
    """Return which of some tokens another one comes from: the one that reads the same, or else the first."""
    for number in among:
        if tokens[number] == token and number not in used:
            return number
    return among[0] if among else None


def carried(tags: Tags, sources: Sequence[int | None], reading: Reading | None) -> list[str | None]:
    """Return the tags of an edited sentence.

    Args:
        tags: The tags of its tokens before the attack.
        sources: Which token each one comes from; see :func:`sources_of`.
        reading: Where the letters of spans stand; None where tags mark none.

    Returns:
        A tag for each token: that of its source. Spans are written anew where their tokens have changed, so that a
        span of one token that is split has a first and a second tag (``B-X I-X``).

    Raises:
        DataError: A token is new, and tags mark no spans, outside of which it could be.
    """
    if reading is None:
        if None in sources:
            raise DataError("the attack adds words, and nothing says what their tags are")
        return [tags[source] for source in sources if source is not None]
    spans = find_spans([[tag or OUTSIDE for tag in tags]], {}, reading=reading)
    span_of = [0] * len(tags)
    sizes = [0]
    for first, behind, _ in spans.triples():
        span_of[first:behind] = [len(sizes)] * (behind - first)
        sizes.append(behind - first)
    new: list[str | None] = []
    for span, numbers in groupby(sources, key=lambda source: _span_at(source, span_of)):
        run = list(numbers)
        if not span:
            new += [OUTSIDE if source is None else tags[source] for source in run]
            continue
        kept = [source for source in run if source is not None]
        # Spans that are as they were keep their tags, also where these are not as their scheme would have them.
        is_whole = len(set(kept)) == len(kept) == sizes[span]
        new += [tags[source] for source in kept] if is_whole else _written(tags, span_of, span, len(run), reading)
    return new


def _written(tags: Tags, span_of: Sequence[int], span: int, count: int, reading: Reading) -> list[str]:
    """Return the tags of a span whose number of tokens has changed."""
    old = [reading.split(tag or OUTSIDE) for tag, own in zip(tags, span_of, strict=True) if own == span]
    kind = old[0][1]
    letters = letters_of([letter for letter, _ in old], count)
    return [reading.tag(letter, kind) for letter in letters]


def _span_at(source: int | None, span_of: Sequence[int]) -> int:
    """Return the number of the span that a token is in; 0 for none."""
    return 0 if source is None else span_of[source]


def written_tags(tags: Sequence[Any] | None) -> str:
    """Return the tags of a sentence as one text, as an edit log holds them; nothing for none."""
    return "" if tags is None else json.dumps(list(tags), ensure_ascii=False)


def read_tags(text: str) -> list[Any]:
    """Return the tags that :func:`written_tags` wrote.

    Args:
        text: The text.

    Returns:
        The tags.

    Raises:
        DataError: It is no list of tags.
    """
    try:
        tags = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"the edit log says of tags {text!r:.60}, which is no list") from error
    if not isinstance(tags, list):
        raise DataError(f"the edit log says of tags {text!r:.60}, which is no list")
    return tags


def tag_edits(old: Sequence[str], new: Sequence[str]) -> EditTable:
    """Return the edits of tags that followed: of each sentence with other tags than before, all of them at once.

    Args:
        old: The tags of each sentence, as :func:`written_tags` writes them.
        new: Those after the attack.

    Returns:
        The edits.
    """
    changed = np.array([number for number, tags in enumerate(old) if tags != new[number]], np.int32)
    nothing = np.zeros(len(changed), np.int32)
    old_lengths = np.fromiter(map(len, old), np.int32, len(old))
    new_lengths = np.fromiter(map(len, new), np.int32, len(new))
    return EditTable(
        example=changed,
        word=nothing,
        operator=nothing,
        old_start=nothing,
        old_end=old_lengths[changed],
        new_start=nothing,
        new_end=new_lengths[changed],
        operators=("tags",),
        sources=old,
        texts=new,
        slot=changed,
    )
