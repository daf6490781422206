"""Edits by which letters would join: a mark that loses the letter under it goes to the one before, and so on.

Such an edit would say one thing (a letter is left out) and do another (two letters become one), its border would lie
inside a letter of the edited text, and a text in normal form C might not be in it any more.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

import numpy as np

from charrobust.perturb.assembly import Draft
from charrobust.perturb.clusters import is_composed, stays_apart
from charrobust.perturb.code_points import CLUSTERED, CodePointBuffer, CodePoints, class_table, decode
from charrobust.perturb.edits import Span
from charrobust.perturb.operators.base import Replacements
from charrobust.perturb.words import Index, Mask, Words

_FIRST_MARK = 0x300  # no code point before it joins another, but for the line end of two characters
_RETURN = 0x0D


def joining_edits(drafts: Sequence[Draft], buffer: CodePointBuffer, words: Words, exempt: Sequence[bool]) -> list[Mask]:
    """Tell which edits are to be left out, as letters would join by them.

    Nearly all texts hold nothing that joins, which shows at once; of others, the edits beside such a code point are
    looked at one by one.

    Args:
        drafts: All edits of a batch, disjoint.
        buffer: The texts.
        words: Their words.
        exempt: For each draft whether its edits may join letters.

    Returns:
        For each draft a mask of shape (edits,); an empty list where nothing can join. Any of the other edits may be
        left out, too, without harm to the rest.
    """
    # Where every letter is one code point, only what an edit writes may join another.
    held = [draft for draft, may_join in zip(drafts, exempt, strict=True) if not may_join]
    if words.cuts is None and not any(_holds_joiner(draft.replacements.new) for draft in held):
        return []
    touching = _Touching(drafts, buffer)
    masks = []
    for draft, may_join in zip(drafts, exempt, strict=True):
        edits = draft.replacements
        joins = np.zeros(len(edits.start), bool)
        masks.append(joins)
        if may_join:
            continue
        rows = np.flatnonzero(_beside_joiners(edits, buffer) | touching.at(edits))
        for row, start, (before, old, new, after) in _in_context(edits, rows, buffer, words):
            fits = _is_fit(before, old, new, after)
            if fits and start in touching.written:
                fits = _is_fit(touching.written[start], old, new, after)
            joins[row] = not fits
    return masks


def joining_alone(edits: Replacements, buffer: CodePointBuffer, words: Words) -> Mask:
    """Tell by which edits letters would join, each of them the only edit of its text.

    Args:
        edits: The edits, which may overlap.
        buffer: The texts.
        words: Their words.

    Returns:
        Shape (edits,).
    """
    joins = np.zeros(len(edits.start), bool)
    if words.cuts is None and not _holds_joiner(edits.new):
        return joins
    rows = np.flatnonzero(_beside_joiners(edits, buffer))
    for row, _, context in _in_context(edits, rows, buffer, words):
        joins[row] = not _is_fit(*context)
    return joins


def _in_context(
    edits: Replacements, rows: Index, buffer: CodePointBuffer, words: Words
) -> Iterator[tuple[int, int, tuple[str, str, str, str]]]:
    """Go through some edits: their numbers, where they start, and the letter before, the old, the new, that behind."""
    joined = buffer.joined
    surroundings = zip(_starts_before(edits.start[rows], words), _ends_behind(edits.end[rows], words), strict=True)
    for (row, (start, end), new), (first, last) in zip(_listed(edits, rows), surroundings, strict=True):
        yield row, start, (joined[first:start], joined[start:end], new, joined[end:last])


# The same letters stand beside the same others again and again; the bound keeps the memory small.
@functools.lru_cache(maxsize=1 << 16)
def _is_fit(before: str, old: str, new: str, after: str) -> bool:
    """Tell whether an edit leaves the letters beside it alone; ``before`` and ``after`` are one letter or more."""
    # (Letters of flags may change places and say the same: two and one of them are one and two.)
    # In a text that is not in the normal form already, an edit need not be.
    return new != old and stays_apart(before, new, after) and (is_composed(new) or not is_composed(old))


class _Touching:
    """Edits that begin where another one ends, as they may at the ends of words without a blank between.

    Attributes:
        written: What the other one writes, by where it ends.
    """

    def __init__(self, drafts: Sequence[Draft], buffer: CodePointBuffer) -> None:
        """Note where edits start and end.

        Args:
            drafts: All edits of a batch.
            buffer: The texts.
        """
        self._ends = np.zeros(len(buffer.code_points) + 1, bool)
        starts = np.zeros(len(buffer.code_points) + 1, bool)
        for draft in drafts:
            edits = draft.replacements
            # An insertion ends where it starts, and does not touch itself.
            self._ends[edits.end[edits.end > edits.start]] = True
            starts[edits.start] = True
        self.written: dict[int, str] = {}
        for draft in drafts:
            edits = draft.replacements
            rows = np.flatnonzero(starts[edits.end] & (edits.end > edits.start))
            for _, (_, end), new in _listed(edits, rows):
                self.written[end] = new

    def at(self, edits: Replacements) -> Mask:
        """Tell which edits begin where another one ends, shape (edits,)."""
        return self._ends[edits.start]


def _holds_joiner(code_points: CodePoints) -> bool:
    # Most are Latin, and need no look at each.
    if code_points.max(initial=0) < _FIRST_MARK:
        return False
    return bool((class_table()[code_points] & CLUSTERED).any())


def _joiners(code_points: CodePoints) -> Mask:
    """Tell which code points may join another letter, shape as they have."""
    is_return: Mask = code_points == _RETURN
    if code_points.max(initial=0) < _FIRST_MARK:
        return is_return
    joins: Mask = is_return | (class_table()[code_points] & CLUSTERED != 0)
    return joins


def _beside_joiners(edits: Replacements, buffer: CodePointBuffer) -> Mask:
    """Tell which edits write a code point that may join another, or stand beside one, shape (edits,)."""
    beside = _joiners(buffer.code_points[edits.start - 1]) | _joiners(buffer.code_points[edits.end])
    # counts[i] is how many of the code points before place i may join: an edit writes one where the count grows.
    counts = np.concatenate([[0], np.cumsum(_joiners(edits.new))])
    ends = np.cumsum(edits.lengths)
    writes: Mask = counts[ends] > counts[ends - edits.lengths]
    return beside | writes


def _listed(edits: Replacements, rows: Index) -> Iterator[tuple[int, Span, str]]:
    """Go through some edits: their numbers, their spans in the buffer, and what they write."""
    written = decode(edits.new)
    ends = np.cumsum(edits.lengths)[rows]
    columns = (rows, edits.start[rows], edits.end[rows], ends - edits.lengths[rows], ends)
    for row, start, end, first, last in zip(*(column.tolist() for column in columns), strict=True):
        yield row, (start, end), written[first:last]


def _starts_before(places: Index, words: Words) -> list[int]:
    """Return where the letters before places of the buffer start."""
    if words.cuts is None:
        starts: list[int] = (places - 1).tolist()
    else:
        starts = words.cuts[np.searchsorted(words.cuts, places) - 1].tolist()
    return starts


def _ends_behind(places: Index, words: Words) -> list[int]:
    """Return where the letters behind places of the buffer end."""
    if words.cuts is None:
        ends: list[int] = (places + 1).tolist()
    else:
        ends = words.cuts[np.searchsorted(words.cuts, places, side="right")].tolist()
    return ends
