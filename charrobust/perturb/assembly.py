"""Putting edits into texts: merged in order, spliced into the buffer, cut into texts, logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from charrobust.perturb.code_points import CodePointBuffer, CodePoints, decode, ranges
from charrobust.perturb.operators.base import Replacements
from charrobust.perturb.perturbed import EditTable
from charrobust.perturb.words import Index, Mask, Words


@dataclass(frozen=True)
class Draft:
    """Edits that one operator made, not yet put into the texts.

    Attributes:
        operator: Number of the operator in the recipe.
        words: The word of each edit, as a number among the chosen words.
        made: The edits.
    """

    operator: int
    words: Index
    made: Replacements

    def where(self, mask: Mask) -> Draft:
        """Return the edits of a mask alone."""
        made = self.made
        offsets = np.cumsum(made.lengths) - made.lengths
        new = made.new[ranges(offsets[mask], made.lengths[mask])]
        kept = Replacements(made.start[mask], made.end[mask], new, made.lengths[mask])
        return Draft(self.operator, self.words[mask], kept)


@dataclass(frozen=True)
class _Merged:
    """All edits in the order of the text; edit i writes ``new[offset[i] : offset[i] + length[i]]``."""

    operator: Index
    word: Index
    start: Index
    end: Index
    offset: Index
    length: Index
    new: CodePoints


def assemble(
    buffer: CodePointBuffer,
    words: Words,
    chosen: Index,
    drafts: Sequence[Draft],
    operators: tuple[str, ...],
    sources: Sequence[str],
) -> tuple[list[str], EditTable]:
    """Write the edited texts and their log.

    Args:
        buffer: The buffer of the texts.
        words: Its words.
        chosen: The words that drafts refer to.
        drafts: The edits.
        operators: Labels of the operators.
        sources: The texts.
    """
    edits = _merge(drafts, chosen, buffer)
    delta = edits.length - (edits.end - edits.start)
    new_start = edits.start + np.cumsum(delta) - delta
    code_points = _splice(buffer.code_points, edits, new_start, delta)
    text = words.text[edits.word]
    text_delta = np.bincount(text, weights=delta, minlength=len(buffer.starts)).astype(np.int64)
    text_starts = buffer.starts + np.cumsum(text_delta) - text_delta
    texts = _cut(decode(code_points), text_starts, buffer.lengths + text_delta)
    old_start = edits.start - buffer.starts[text]
    new_start = new_start - text_starts[text]
    columns = {
        "example": words.example[edits.word],
        "word": words.rank(edits.word),
        "operator": edits.operator,
        "old_start": old_start,
        "old_end": old_start + (edits.end - edits.start),
        "new_start": new_start,
        "new_end": new_start + edits.length,
        "slot": text,
    }
    narrow = {name: column.astype(np.int32) for name, column in columns.items()}
    return texts, EditTable(**narrow, operators=operators, sources=sources, texts=texts)


def _merge(drafts: Sequence[Draft], chosen: Index, buffer: CodePointBuffer) -> _Merged:
    if len(drafts) == 1:
        made, (draft,) = drafts[0].made, drafts
        offset = np.cumsum(made.lengths) - made.lengths
        operator = np.full(len(offset), draft.operator)
        return _Merged(operator, chosen[draft.words], made.start, made.end, offset, made.lengths, made.new)
    none = np.zeros(0, np.int64)
    word = np.concatenate([none, *(draft.words for draft in drafts)])
    start, end, length = (
        np.concatenate([none, *(getattr(draft.made, part) for draft in drafts)]) for part in ("start", "end", "lengths")
    )
    operator = np.concatenate([none, *(np.full(len(draft.words), draft.operator) for draft in drafts)])
    new: CodePoints = np.concatenate([buffer.code_points[:0], *(draft.made.new for draft in drafts)])
    order = _order(word, start, len(chosen))
    offset = np.cumsum(length) - length
    return _Merged(operator[order], chosen[word[order]], start[order], end[order], offset[order], length[order], new)


def _order(word: Index, start: Index, words: int) -> Index:
    """Return the order of edits in the text; words are in that order, so one edit a word needs no sorting."""
    place = np.full(words, -1)
    place[word] = np.arange(len(word))
    order = place[place >= 0]
    return order if len(order) == len(word) else np.argsort(start, kind="stable")


def _splice(code_points: CodePoints, edits: _Merged, new_start: Index, delta: Index) -> CodePoints:
    """Replace the spans of all edits.

    Args:
        code_points: The buffer.
        edits: Sorted, disjoint edits.
        new_start: Where each edit starts in the new buffer.
        delta: By how much each edit moves what follows.
    """
    # Each place of the new buffer comes from the place after that of its neighbour, but for jumps behind edits.
    steps = np.ones(len(code_points) + int(delta.sum()), np.int64)
    steps[0] = 0
    moving = np.flatnonzero(delta)
    np.subtract.at(steps, (new_start + edits.length)[moving], delta[moving])
    source = np.cumsum(steps, out=steps)
    out = code_points.astype(np.result_type(code_points, edits.new), copy=False).take(source, mode="clip")
    for place in range(int(edits.length.max(initial=0))):
        long = np.flatnonzero(edits.length > place)
        out[new_start[long] + place] = edits.new[edits.offset[long] + place]
    return out


def _cut(joined: str, starts: Index, lengths: Index) -> list[str]:
    """Cut texts out of the joined string of their buffer."""
    lines = joined.split("\n")
    if len(lines) == len(starts) + 2:  # no text holds a line feed, so only the joints do
        return lines[1:-1]
    return [joined[a:b] for a, b in zip(starts.tolist(), (starts + lengths).tolist(), strict=True)]
