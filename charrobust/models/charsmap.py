"""The compiled table of strings that SentencePiece and the tokenizers library replace strings by."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count

_BLOCK = 256  # whatever byte is looked for, its unit is then one of the table
_LEAF = 1 << 8
_VALUE = 1 << 31
_Node = dict[int, "_Node"]


def compiled(table: Mapping[str, str]) -> bytes:
    """Return a table in the form that ``tokenizers.normalizers.Precompiled`` takes.

    Its size in bytes, a trie of the keys in UTF-8 as a double array (darts-clone), and the values, ended by zeros.
    A unit is 32 bits: the byte that leads to it (0 to 7), whether a key ends there (8), and from bit 10 on the way to
    its children: their place is its own, by exclusive or with that, and with their byte.

    Args:
        table: What each string is replaced by; no key is the beginning of another.

    Returns:
        The table.
    """
    root: _Node = {}
    values = bytearray()
    starts = {}
    for key, value in sorted(table.items()):
        node = root
        for byte in key.encode():
            node = node.setdefault(byte, {})
        starts[id(node)] = len(values)
        values += value.encode() + b"\0"
    units = _units(root, starts)
    trie = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(trie)) + trie + bytes(values)


def _units(root: _Node, starts: Mapping[int, int]) -> list[int]:
    """Return the double array of a trie, given where the value of each of its ends begins."""
    taken = {0: 0}
    bases = {0}
    free: set[int] = set()
    blocks = count(0, _BLOCK)
    waiting = [(root, 0)]
    while waiting:
        node, place = waiting.pop()
        # What ends has one child, by the byte 0, in which no text goes on: the start of its value.
        labels = list(node) or [0]
        while (base := _base(labels, bases, free)) is None:
            start = next(blocks)
            free.update(range(max(1, start), start + _BLOCK))  # the root is at 0
        bases.add(base)
        free.difference_update(_children(base, labels))
        taken[place] |= (place ^ base) << 10
        if not node:
            taken[place] |= _LEAF
            taken[base] = starts[id(node)] | _VALUE
        for byte, child in node.items():
            taken[base ^ byte] = byte
            waiting.append((child, base ^ byte))
    size = _BLOCK * (max(*taken, *bases) // _BLOCK + 1)
    return [taken.get(place, 0) for place in range(size)]


def _base(labels: Sequence[int], bases: set[int], free: set[int]) -> int | None:
    """Return the smallest base that no other node has, and that puts all children of a node in free places.

    Two nodes never share a base: a child would be taken for that of both.
    """
    fit_first = sorted(place ^ labels[0] for place in free)
    return next((base for base in fit_first if base not in bases and free.issuperset(_children(base, labels))), None)


def _children(base: int, labels: Iterable[int]) -> Iterator[int]:
    """Return the places of the children of a node."""
    return (base ^ label for label in labels)
