"""Putting edits into texts: merged in order, spliced into the buffer, cut into texts, logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.perturb.code_points import CodePointBuffer, CodePoints, decode
from charrobust.perturb.operators.base import Replacements
from charrobust.perturb.perturbed import EditTable
from charrobust.perturb.words import Index, Mask, Words


@dataclass(frozen=True)
class Draft:
    """Edits that one operator made, not yet put into the texts.

    Attributes:
        operator: Number of the operator in the recipe.
        words: The word of each edit, as a number among the chosen words.
        replacements: The edits, in buffer positions.
    """

    operator: int
    words: Index
    replacements: Replacements

    def select(self, mask: Mask) -> Draft:
        """Return the edits of a mask alone.

        Args:
            mask: Which edits to keep, shape (edits,).

        Returns:
            The draft of these edits.
        """
        return Draft(self.operator, self.words[mask], self.replacements.select(mask))


@dataclass(frozen=True)
class Drafted:
    """All edits that the operators of one recipe made.

    Attributes:
        words: The words of the buffer, or its sentences, as the recipe edits them.
        chosen: The words that drafts refer to, ascending.
        drafts: The edits, disjoint.
        first_operator: The number that its first operator has among those of all recipes.
    """

    words: Words
    chosen: Index
    drafts: Sequence[Draft]
    first_operator: int = 0


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

    def take(self, order: Index) -> _Merged:
        """Return the edits in another order; what they write stays where it is, and is found by its offset."""
        return _Merged(
            operator=self.operator[order],
            word=self.word[order],
            start=self.start[order],
            end=self.end[order],
            offset=self.offset[order],
            length=self.length[order],
            new=self.new,
        )


def assemble(
    *,
    buffer: CodePointBuffer,
    drafted: Sequence[Drafted],
    operators: tuple[str, ...],
    sources: Sequence[str],
) -> tuple[list[str], EditTable]:
    """Write the edited texts and their log.

    Args:
        buffer: The buffer of the texts.
        drafted: The edits, disjoint: those of one recipe, or of each part of a mixture.
        operators: Labels of all operators.
        sources: The texts.

    Returns:
        The edited texts and the edit log.
    """
    edits = _merge(drafted, buffer)
    text, example, number = _homes(drafted, edits.word)
    # growth[i]: by how much edit i moves what follows. The growth of all edits before it is the running total
    # less its own, and tells where the edit starts in the new buffer.
    growth = edits.length - (edits.end - edits.start)
    new_start = edits.start + np.cumsum(growth) - growth
    edited = _splice(buffer.code_points, edits, new_start, growth)
    # The same again for texts: each starts later by the growth of all texts before it.
    # (bincount sums weights as floats, which are exact for whole numbers of this size.)
    text_growth = np.bincount(text, weights=growth, minlength=len(buffer.starts)).astype(np.int64)
    new_text_starts = buffer.starts + np.cumsum(text_growth) - text_growth
    # Decoded once for all texts, then cut as a string: a decoding for each text would be far slower.
    texts = _cut(decode(edited), new_text_starts, buffer.lengths + text_growth)
    old_start_in_text = edits.start - buffer.starts[text]
    new_start_in_text = new_start - new_text_starts[text]
    columns = {
        "example": example,
        "word": number,
        "operator": edits.operator,
        "old_start": old_start_in_text,
        "old_end": old_start_in_text + (edits.end - edits.start),
        "new_start": new_start_in_text,
        "new_end": new_start_in_text + edits.length,
        "slot": text,
    }
    # A log of many millions of rows is kept in memory, so its numbers are as narrow as a text's length needs.
    narrow = {name: column.astype(np.int32) for name, column in columns.items()}
    return texts, EditTable(**narrow, operators=operators, sources=sources, texts=texts)


def _homes(drafted: Sequence[Drafted], word: Index) -> tuple[Index, Index, Index]:
    """Return the text, the example, and the number in a log, of the word of each edit."""
    texts, examples, numbers = [], [], []
    for part in drafted:
        texts.append(part.words.text[part.chosen])
        examples.append(part.words.example[part.chosen])
        numbers.append(part.words.number(part.chosen))
    return np.concatenate(texts)[word], np.concatenate(examples)[word], np.concatenate(numbers)[word]


def _merge(drafted: Sequence[Drafted], buffer: CodePointBuffer) -> _Merged:
    """Join drafts and bring their edits into the order of the text; words count the chosen ones of all parts."""
    if len(drafted) == 1 and len(drafted[0].drafts) == 1:
        # An operator handles words in their order, so the edits of a single draft are sorted.
        return _merged(drafted[0].drafts[0])
    # Each list begins with an empty array, so that something of the right type can be joined where there is no draft.
    nothing = np.zeros(0, np.int64)
    operators, words, starts, ends, lengths = [nothing], [nothing], [nothing], [nothing], [nothing]
    new: list[NDArray[Any]] = [buffer.code_points[:0]]
    first_word = 0
    for part in drafted:
        for draft in part.drafts:
            operators.append(np.full(len(draft.words), part.first_operator + draft.operator))
            words.append(first_word + draft.words)
            starts.append(draft.replacements.start)
            ends.append(draft.replacements.end)
            lengths.append(draft.replacements.lengths)
            new.append(draft.replacements.new)
        first_word += len(part.chosen)
    word, start, end, length = map(np.concatenate, (words, starts, ends, lengths))
    new_code_points: CodePoints = np.concatenate(new)
    unsorted = _Merged(
        operator=np.concatenate(operators),
        word=word,
        start=start,
        end=end,
        offset=np.cumsum(length) - length,
        length=length,
        new=new_code_points,
    )
    # Words of several parts are not numbered in the order of the text.
    order = _text_order(word, start, end, first_word) if len(drafted) == 1 else np.lexsort((end, start))
    return unsorted.take(order)


def _merged(draft: Draft) -> _Merged:
    edits = draft.replacements
    return _Merged(
        operator=np.full(len(draft.words), draft.operator),
        word=draft.words,
        start=edits.start,
        end=edits.end,
        offset=np.cumsum(edits.lengths) - edits.lengths,
        length=edits.lengths,
        new=edits.new,
    )


def _text_order(word: Index, start: Index, end: Index, word_count: int) -> Index:
    """Return the order of edits in the text.

    Args:
        word: The chosen word of each edit, shape (edits,).
        start: Where each edit starts in the buffer, shape (edits,).
        end: Where it ends, shape (edits,).
        word_count: Number of chosen words.
    """
    # Words are numbered in the order of the text. With one edit a word, writing the number of each edit to the
    # place of its word sorts them in linear time. A word of several edits keeps only one of them in this table,
    # which shows in the count; then the starts are sorted.
    edit_of_word = np.full(word_count, -1)
    edit_of_word[word] = np.arange(len(word))
    order = edit_of_word[edit_of_word >= 0]
    if len(order) == len(word):
        return order
    # Where an insertion and another edit start at one place, the insertion stands before it.
    return np.lexsort((end, start))


def _splice(code_points: CodePoints, edits: _Merged, new_start: Index, growth: Index) -> CodePoints:
    """Replace the spans of all edits.

    Args:
        code_points: The buffer, shape (code points,).
        edits: Sorted, disjoint edits.
        new_start: Where each edit starts in the new buffer, shape (edits,).
        growth: By how much each edit moves what follows, shape (edits,).

    Returns:
        The new buffer.
    """
    # An edit may write a letter beyond Latin-1 into a buffer of bytes.
    wide_enough = np.result_type(code_points, edits.new)
    edited = code_points.astype(wide_enough, copy=False)
    growing = np.flatnonzero(growth)
    # Where letters change places or give way to others, everything else stays where it is.
    edited = _moved(edited, (new_start + edits.length)[growing], growth[growing]) if len(growing) else edited.copy()
    # Edits write one or two code points, seldom more: one pass for the first of all edits, one for the second of
    # those that have two, and so on, is faster than building the index of all written places.
    for position in range(int(edits.length.max(initial=0))):
        reaching = np.flatnonzero(edits.length > position)
        edited[new_start[reaching] + position] = edits.new[edits.offset[reaching] + position]
    return edited


def _moved(code_points: CodePoints, new_end: Index, growth: Index) -> CodePoints:
    """Make room, or close gaps, behind some edits.

    Args:
        code_points: The buffer, shape (code points,).
        new_end: Where each edit ends in the new buffer, shape (edits,).
        growth: By how much each moves what follows, shape (edits,).

    Returns:
        The new buffer; what it holds inside of edits is of no use.
    """
    # source[i] is the old place that place i of the new buffer is copied from. Walking through the new buffer, the
    # old place goes on by one as well, but behind an edit it jumps back by what was added, or on by what was left
    # out. So the running sum of ones, less the growth at the end of each edit, gives all sources at once. Inside
    # an edit the source is of no use, and may even lie outside (hence "clip").
    steps = np.ones(len(code_points) + int(growth.sum()), np.int64)
    steps[0] = 0
    # The buffer ends with a line feed, so what is behind an edit is always a place in it. Unlike `steps[...] -=`,
    # subtract.at counts each of several edits that end at one place.
    np.subtract.at(steps, new_end, growth)
    return code_points.take(np.cumsum(steps, out=steps), mode="clip")


def _cut(joined: str, starts: Index, lengths: Index) -> list[str]:
    """Cut texts out of the joined string of their buffer."""
    # Splitting is many times faster than slicing, and right where no text holds a line feed, so that the only
    # ones are those around the texts: one more than there are texts, which makes two more lines.
    lines = joined.split("\n")
    if len(lines) == len(starts) + 2:
        return lines[1:-1]
    ends = starts + lengths
    return [joined[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
