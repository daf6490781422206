"""Text as it can be shown: characters that a terminal or a page would obey, or not show at all, become escapes."""

from __future__ import annotations

import re

_CONTROLS = (
    r"\x00-\x09\x0b-\x1f\x7f-\x9f"  # of ASCII (but for the line feed, which does no more than end a line) and of C1
    r"\u2028\u2029"  # line ends that not every program takes for some
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # which turn the direction of what stands behind them
    r"\xad\u180e\u200b\u2060-\u2065\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # which have no width
    r"\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # which are no characters: halves of surrogate pairs, and others
)
# Emoji, and words of Persian and of Indic scripts, are put together with these two: between such characters they stay.
_JOINERS = r"\u200c\u200d"
_JOINED = r"[^\x00-\u02ff\u2000-\u206f]"
_HIDDEN = re.compile(f"[{_CONTROLS}]|[{_JOINERS}](?!{_JOINED})|(?<!{_JOINED})[{_JOINERS}]")
_SHORT = {"\t": r"\t", "\r": r"\r"}


def visible(text: str) -> str:
    r"""Return a text with escapes, such as ``\x1b`` and ``\u202e``, for what is not shown but has an effect.

    These are control characters other than line feeds, what changes the direction of writing, characters without
    width, and halves of surrogate pairs. A backslash of the text itself stays as it is: what is returned is for reading
    and cannot be turned back.

    Args:
        text: Any text.

    Returns:
        A text that can be printed and encoded.
    """
    return _HIDDEN.sub(_escape, text)


def visible_in(value: object) -> object:
    """Return lists and mappings, as JSON has them, with all their texts, and the keys, as :func:`visible` shows them.

    Args:
        value: The lists and mappings, or a single value.

    Returns:
        The same, with other texts.
    """
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {visible_in(key): visible_in(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(visible_in, value))
    return value


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
