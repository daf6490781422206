"""Whole blocks of JSON Lines, read and written at once where nothing in them is out of the ordinary.

What is read has the values that the ``json`` module reads, and what is written its bytes. Where that is not certain
there is no result (None), and the block is taken line by line: orjson, several times faster, differs from ``json`` in
large numbers, NaN and lone surrogates, and that must not show in any data set.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, repeat
from types import NoneType
from typing import Any

import numpy as np
import orjson

from charrobust.datasets.formats.limits import lines_of
from charrobust.tasks.nesting import is_too_deep
from charrobust.tasks.records import Record

SPACED = json.JSONEncoder(ensure_ascii=False)
COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

_LINE_FEED, _BRACE = ord("\n"), ord("{")
# Values of which both libraries read the same, and the numbers as the json module writes them without blanks.
_SIMPLE = frozenset({str, int, bool, NoneType})
_NUMBERS = frozenset({int, float, bool, NoneType})
# A whole number of fewer digits fits into 64 bits. Larger ones are read as floats, which is how they show.
_LONG_NUMBER = 19 * b"0"
# A key whose colon does not follow at once, and a quotation mark or a colon that is written in another way than most.
_ODD_KEY = re.compile(rb'"[ \t\r]+:|\\u00(?:22|3[aA])')
_DIGITS_AS_ZERO = bytes.maketrans(b"123456789", 9 * b"0")


def are_objects(content: bytes) -> bool:
    """Tell whether each line begins with the brace of an object, so that none is blank.

    Args:
        content: Whole lines.

    Returns:
        Whether each does; some that are objects may begin otherwise, with blanks.
    """
    code = np.frombuffer(content, np.uint8)
    line_feeds = np.flatnonzero(code == _LINE_FEED)
    # Behind a line feed at the end there is no line.
    starts = line_feeds[line_feeds + 1 < len(code)] + 1
    return content.startswith(b"{") and bool((code[starts] == _BRACE).all())


def read_objects(content: bytes) -> list[Record] | None:
    """Read lines that are objects.

    Args:
        content: Whole lines.

    Returns:
        The objects; None where a line is none, or is not surely read as the ``json`` module would.
    """
    if not are_objects(content):
        return None
    lines = lines_of(content)
    try:
        values: list[Record] = list(map(orjson.loads, lines))
    except orjson.JSONDecodeError:  # also of NaN, lone surrogates and numbers beyond all floats
        return None
    kinds = set(map(type, chain.from_iterable(map(dict.values, values))))
    if not kinds <= _SIMPLE and _LONG_NUMBER in content.translate(_DIGITS_AS_ZERO):
        return None
    if kinds & {dict, list} and any(map(is_too_deep, values, map(bytes.decode, lines))):
        return None
    return None if _may_repeat_keys(content, values) else values


def _may_repeat_keys(content: bytes, values: list[Record]) -> bool:
    """Tell whether an object may have a key twice, of which the parser keeps the last without a word."""
    if _ODD_KEY.search(content) is not None:
        return True
    marks = content.count(b'":')
    # Each key has one, so that there are no more keys than these; else there are such marks in texts, or inner objects.
    if marks == sum(map(len, values)):
        return False
    # In what keeps all keys there are as many, those within texts among them.
    return marks != orjson.dumps(values).count(b'":')


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs of an object as a dictionary, as a hook of the ``json`` module.

    Args:
        pairs: Keys with their values.

    Returns:
        The dictionary.

    Raises:
        ValueError: A key stands twice.
    """
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in made if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return made


def write_objects(records: Sequence[Record], encoder: json.JSONEncoder) -> bytes | None:
    """Write records as objects, a line each.

    Args:
        records: The records.
        encoder: How they are to be written: :data:`SPACED` or :data:`COMPACT`.

    Returns:
        The lines; None where the records are not alike, or hold what is not surely written as the encoder would.
    """
    names = set(map(tuple, records))
    keys = names.pop() if len(names) == 1 else ()
    # The json module writes numbers and the like as keys, too, in its own way.
    if set(map(type, keys)) != {str}:
        return None
    columns = dict(zip(keys, zip(*map(dict.values, records), strict=True), strict=True))
    try:
        return write_columns(columns, encoder)
    except (TypeError, UnicodeEncodeError):
        return None


def write_columns(columns: Mapping[str, Sequence[Any]], encoder: json.JSONEncoder) -> bytes:
    """Write columns as objects, a line a row.

    Args:
        columns: The values by name, as many in each.
        encoder: See :func:`write_objects`.

    Returns:
        The lines.

    Raises:
        TypeError: JSON has no such value, or a text is a lone surrogate.
        UnicodeEncodeError: A text within a value holds a lone surrogate.
    """
    pieces: list[Iterable[bytes]] = []
    opening = "{"
    # Column by column: what stands before a value is the same in all lines.
    for key, values in columns.items():
        # Texts come without their quotation marks, which stand in what is the same.
        quote = '"' if set(map(type, values)) == {str} else ""
        pieces.append(repeat(f"{opening}{encoder.encode(key)}{encoder.key_separator}{quote}".encode()))
        pieces.append(_texts(values) if quote else _others(values, encoder))
        opening = quote + encoder.item_separator
    pieces.append(repeat(opening.removesuffix(encoder.item_separator).encode() + b"}\n"))
    # The values end what the constant pieces would go on with for ever; all columns are of one length.
    return b"".join(chain.from_iterable(zip(*pieces, strict=False)))


def _texts(values: Sequence[str]) -> list[bytes]:
    """Write texts, without quotation marks around them.

    Raises:
        TypeError: A text holds a lone surrogate.
    """
    # A quotation mark in a text is escaped, so that it never follows a comma: the list is cut where it was joined.
    return orjson.dumps(values)[2:-2].split(b'","')


def _others(values: Sequence[Any], encoder: json.JSONEncoder) -> list[bytes]:
    """Write values that are not all texts.

    Raises:
        TypeError: JSON has no such value.
        UnicodeEncodeError: A text within a value holds a lone surrogate.
    """
    if values and set(map(type, values)) <= _NUMBERS:
        return COMPACT.encode(values)[1:-1].encode().split(b",")
    return [encoder.encode(value).encode() for value in values]
