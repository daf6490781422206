"""Words as restorers see them: where they stand in a text, which can be restored, in which case."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from charrobust.perturb.words import word_spans

Span = tuple[int, int]

_DASHES = "-‐‑‒–—―/"
_FEW = 1  # small letters that an edit may bring into a word of capitals


def word_places(text: str) -> list[Span]:
    """Return where the words of a text stand, as a reader of typing errors sees them.

    They are those of Unicode (UAX 29) that hold a letter or a digit, but a mark hit by mistake does not split a word:
    ``wonderf;l`` is one, while ``well-made`` and ``and/or`` are two.
    """
    # No word and no slip goes across a blank; and what stands between two is often what stood in an earlier text. A
    # stretch is read with the blank before it, as a sign without a place of its own goes with what it stands behind.
    places: list[Span] = []
    start = 0
    for number, stretch in enumerate(text.split(" ")):
        read = f" {stretch}" if number else stretch
        places += [(start + first, start + last) for first, last in _places_in(read)]
        start += len(read)
    return places


@lru_cache(maxsize=2**14)
def _places_in(stretch: str) -> tuple[Span, ...]:
    """Return where the words of a text stand that has no blank but in front."""
    places: list[Span] = []
    for start, end in word_spans(stretch):
        if places and _is_slip(stretch, places[-1][1], start):
            places[-1] = places[-1][0], end
        else:
            places.append((start, end))
    return tuple(places)


def _is_slip(text: str, end: int, start: int) -> bool:
    """Tell whether what stands between two words is one mark between two letters, the second one small."""
    if start != end + 1:
        return False
    mark = text[end]
    return text[end - 1].isalpha() and text[start].islower() and not mark.isspace() and mark not in _DASHES


def replaced(text: str, places: Sequence[Span], words: Sequence[str]) -> str:
    """Return a text with other words at some places; all between them stays.

    Args:
        text: The text.
        places: Where words stand, in order.
        words: What is to stand there.

    Returns:
        The new text.
    """
    parts: list[str] = []
    behind = 0  # the end of the last word, in the text as it was
    for (start, end), word in zip(places, words, strict=True):
        parts += [text[behind:start], word]
        behind = end
    return "".join([*parts, text[behind:]])


def in_case_of(word: str, written: str) -> str:
    """Write a word in the case of what stood in its place.

    A capital at the beginning stays, capitals throughout stay, though one small letter be among them. If nothing but
    case tells the two apart, the word stays as it was written (``iPhone``).

    Args:
        word: The word, in lower case.
        written: What stood in its place.

    Returns:
        The word in that case.
    """
    if word == written.lower():
        return written
    # Signs and letters without case, as in Chinese, count neither way.
    capitals, small = sum(map(str.isupper, written)), sum(map(str.islower, written))
    if capitals > 1 and small <= _FEW:
        return word.upper()
    if written[:1].isupper():
        # Not `capitalize`, which makes all other letters small.
        return word[:1].upper() + word[1:]
    return word
