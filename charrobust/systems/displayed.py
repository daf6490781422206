"""What of a text is displayed: letters in the order in which they are seen, without what is not."""

from __future__ import annotations

import regex

from charrobust.perturb.clusters import clusters

_OVERRIDE_LEFT = "\u202e"  # RLO: what is behind it is displayed from right to left
_ISOLATES = "\u2066\u2067\u2068"
_EMBEDDINGS = "\u202a\u202b\u202d\u202e"
_POP_ISOLATE, _POP_EMBEDDING = "\u2069", "\u202c"
_BACKSPACE = "\b"
_RIGHT_TO_LEFT = regex.compile(r"[\p{Bidi_Class=R}\p{Bidi_Class=AL}]")
# Soft hyphen, zero-width space, marks and controls of direction, word joiner, invisible operators, byte order mark; and
# controls that are neither blanks nor line ends.
_UNSEEN = regex.compile(
    r"[\u00AD\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF"
    r"\x00-\x08\x0E-\x1B\x7F-\x84\x86-\x9F]"
)
# Joiner and non-joiner say something behind letters of Arabic and Indian scripts and between pictures. Behind those of
# the scripts named here, digits, marks of punctuation and blanks, they say nothing.
_IDLE_JOINERS = regex.compile(
    r"(?<=^|[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Georgian}\p{Script=Hebrew}"
    r"\p{Script=Cherokee}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}"
    r"\p{Nd}\p{P}\s\u0300-\u036F])[\u200C\u200D]+"
)


def displayed(text: str) -> str:
    """Return a text as it is displayed.

    Letters within a right-to-left override stand in the order in which they are seen, unless they are of a script that
    is written so; a backspace takes the letter before it along; what is invisible is left out. Joiners stay where a
    script or a picture needs them.

    Args:
        text: The text.

    Returns:
        The text without control and invisible characters.
    """
    if text.isascii() and text.isprintable():
        return text
    seen = _without_deleted(_reordered(text))
    return _IDLE_JOINERS.sub("", _UNSEEN.sub("", seen))


def _reordered(text: str) -> str:
    """Put letters within right-to-left overrides into the order of display (a part of UAX 9)."""
    if _OVERRIDE_LEFT not in text:
        return text
    # What is open: each opening character with what has come behind it. The text itself is opened by nothing.
    levels: list[tuple[str, list[str]]] = [("", [])]
    for cluster in clusters(text):
        if cluster in _ISOLATES or cluster in _EMBEDDINGS:
            levels.append((cluster, []))
        elif cluster == _POP_ISOLATE and any(opening and opening in _ISOLATES for opening, _ in levels):
            # The end of an isolate ends all embeddings that are still open in it.
            while _closed(levels) not in _ISOLATES:
                pass
        elif cluster == _POP_EMBEDDING and levels[-1][0] and levels[-1][0] in _EMBEDDINGS:
            _closed(levels)
        else:
            levels[-1][1].append(cluster)
    while len(levels) > 1:
        _closed(levels)
    return "".join(levels[0][1])


def _closed(levels: list[tuple[str, list[str]]]) -> str:
    """Close the innermost level: what it holds becomes one piece of the level around it. Return its opening."""
    opening, pieces = levels.pop()
    if opening == _OVERRIDE_LEFT and not any(map(_RIGHT_TO_LEFT.search, pieces)):
        pieces.reverse()
    levels[-1][1].append("".join(pieces))
    return opening


def _without_deleted(text: str) -> str:
    """Let each backspace take the letter before it along; blanks and line ends stay."""
    if _BACKSPACE not in text:
        return text
    kept: list[str] = []
    for cluster in clusters(text):
        if cluster != _BACKSPACE:
            kept.append(cluster)
        elif kept and not kept[-1].isspace():
            kept.pop()
    return "".join(kept)
