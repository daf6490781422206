"""Perturbed batches: edited texts with their edit log, held in columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charrobust.perturb.code_points import CodePointBuffer, CodePoints, ranges
from charrobust.perturb.edits import Edit, EditedText

Column = NDArray[np.int32]


@dataclass
class Tally:
    """What happened to words, counted.

    Attributes:
        words: Words seen.
        eligible: Words that an attack might touch: long enough, of no excluded class, not protected.
        excluded: Why the others were not, with counts.
        drawn: Words that each operator was to edit; of several drawn for the same edit, the last one.
        edited: Edits made by each operator.
        left: (operator, reason): words that stayed although drawn, with counts.
        drawn_again: (operator, reason): words that the operator left as they were, and for which another was drawn.
    """

    words: int = 0
    eligible: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    drawn: Counter[str] = field(default_factory=Counter)
    edited: Counter[str] = field(default_factory=Counter)
    left: Counter[tuple[str, str]] = field(default_factory=Counter)
    drawn_again: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Add the counts of another tally to this one."""
        self.words += other.words
        self.eligible += other.eligible
        # A Counter's update adds the counts, unlike that of a dict.
        self.excluded.update(other.excluded)
        self.drawn.update(other.drawn)
        self.edited.update(other.edited)
        self.left.update(other.left)
        self.drawn_again.update(other.drawn_again)


# Compared by identity: fields that are arrays have no single truth value.
@dataclass(frozen=True, eq=False)
class EditTable:
    """The edit log of a batch, one row an edit, ordered by text and place.

    Attributes:
        example: Number of the text or sentence in the batch.
        word: Number of the word in it.
        operator: Index into ``operators``.
        old_start: Start of the edit in the original text (for tagging: in the token).
        old_end: Its end.
        new_start: Start of the edit in the edited text.
        new_end: Its end.
        operators: Labels of the operators.
        sources: Original strings.
        texts: Edited strings.
        slot: Which of these strings the row's spans belong to.
    """

    example: Column
    word: Column
    operator: Column
    old_start: Column
    old_end: Column
    new_start: Column
    new_end: Column
    operators: tuple[str, ...]
    sources: Sequence[str]
    texts: Sequence[str]
    slot: Column

    def __len__(self) -> int:
        return len(self.example)

    def old_texts(self) -> list[str]:
        """Return what each edit replaced."""
        return _slices(self.sources, self.slot, self.old_start, self.old_end)

    def new_texts(self) -> list[str]:
        """Return what each edit wrote."""
        return _slices(self.texts, self.slot, self.new_start, self.new_end)

    def joined_old_texts(self) -> tuple[CodePoints, NDArray[np.int64]]:
        """Return what the edits replaced, one behind the other, as code points, and the length of each."""
        return _joined_slices(self.sources, self.slot, self.old_start, self.old_end)

    def joined_new_texts(self) -> tuple[CodePoints, NDArray[np.int64]]:
        """Return what the edits wrote, one behind the other, as code points, and the length of each."""
        return _joined_slices(self.texts, self.slot, self.new_start, self.new_end)

    def rows(self, slot: int) -> tuple[Edit, ...]:
        """Return the edits of one string as objects."""
        # Rows are ordered by slot, so those of one string are a stretch.
        first, last = np.searchsorted(self.slot, [slot, slot + 1])
        return tuple(map(self.row, range(first, last)))

    def row(self, number: int) -> Edit:
        """Return one edit as an object."""
        slot = int(self.slot[number])
        old = int(self.old_start[number]), int(self.old_end[number])
        new = int(self.new_start[number]), int(self.new_end[number])
        return Edit(
            word=int(self.word[number]),
            operator=self.operators[int(self.operator[number])],
            old=old,
            new=new,
            old_text=self.sources[slot][slice(*old)],
            new_text=self.texts[slot][slice(*new)],
        )


def _slices(strings: Sequence[str], slot: Column, start: Column, end: Column) -> list[str]:
    # Lists of Python's integers: to take numbers out of an array one by one is several times slower.
    spans = zip(slot.tolist(), start.tolist(), end.tolist(), strict=True)
    return [strings[number][first:last] for number, first, last in spans]


def _joined_slices(
    strings: Sequence[str], slot: Column, start: Column, end: Column
) -> tuple[CodePoints, NDArray[np.int64]]:
    """Cut slices out of strings, all at once: without a string of Python for each."""
    buffer = CodePointBuffer.of(strings)
    lengths = (end - start).astype(np.int64)
    return buffer.code_points[ranges(buffer.starts[slot] + start, lengths)], lengths


@dataclass(frozen=True, eq=False)
class Perturbed(Sequence[EditedText]):
    """Edited texts, a sequence of :class:`EditedText` made on access.

    Attributes:
        sources: The original texts.
        texts: The edited texts.
        edits: The edit log.
        tally: What happened to the words.
    """

    sources: Sequence[str]
    texts: list[str]
    edits: EditTable
    tally: Tally

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, number: Any) -> Any:
        """Return one edited text with its edits, or a list of them for a slice."""
        if isinstance(number, slice):
            return list(map(self.__getitem__, range(*number.indices(len(self)))))
        # Indexing a range turns negative numbers into places and refuses those beyond the end, as a list would.
        number = range(len(self))[number]
        return EditedText(self.sources[number], self.texts[number], self.edits.rows(number))

    def __iter__(self) -> Iterator[EditedText]:
        return map(self.__getitem__, range(len(self)))


@dataclass(frozen=True)
class PerturbedTokens:
    """Edited sentences of tokens; token counts never change.

    Attributes:
        sentences: The edited tokens of each sentence.
        edits: The edit log; ``example`` is the sentence, ``word`` the token, spans lie inside the token.
        tally: What happened to the tokens.
    """

    sentences: list[list[str]]
    edits: EditTable
    tally: Tally
