"""Attacks for searches: one that lists what could be edited, and one that makes the edits that were chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Self

import numpy as np

from charrobust.perturb.attack import Attack
from charrobust.perturb.candidates import Candidates
from charrobust.perturb.inputs import check_texts, joined_tokens
from charrobust.perturb.perturbed import EditTable, Perturbed, PerturbedTokens, Tally
from charrobust.perturb.protection import check_marks, sentences_as_texts
from charrobust.perturb.words import Index, found_words, words_of_tokens


@dataclass(frozen=True)
class Call:
    """One call of an attack on the strings of one record.

    Attributes:
        sources: The strings: texts, or the tokens of all sentences.
        lengths: The number of tokens of each sentence; of texts, 1.
        candidates: Every single edit of them.
    """

    sources: list[str]
    lengths: list[int]
    candidates: Candidates


@dataclass(frozen=True)
class Picked:
    """Candidates of a call that are to be made in copies of its strings; arrays of shape (edits,), in order.

    Attributes:
        copy: The number of the copy.
        candidate: The number of the candidate.
    """

    copy: Index
    candidate: Index


@dataclass(frozen=True)
class Listing(Attack):
    """An attack that edits nothing, and lists what could be edited.

    Attributes:
        calls: What was found, a call after the other.
    """

    calls: list[Call] = field(default_factory=list, kw_only=True)

    def texts(
        self,
        texts: Sequence[str],
        *,
        ids: Sequence[str | None] | None = None,
        protect: Sequence[Sequence[tuple[int, int]]] | None = None,
        field: str = "text",
    ) -> Perturbed:
        """See the base class; no text is edited."""
        check_texts(texts)
        return self._listed(texts, self._candidates(texts, found_words, protect))

    def joined(
        self,
        sentences: Sequence[Sequence[str]],
        *,
        ids: Sequence[str | None] | None = None,
        protect: Sequence[Sequence[bool]] | None = None,
        field: str = "tokens",
    ) -> Perturbed:
        """See the base class; no text is edited."""
        joined_tokens(sentences)
        texts, spans = sentences_as_texts(sentences, protect)
        found = self._candidates(texts, words_of_tokens(sentences), spans, is_tokenised=True)
        return self._listed(texts, found)

    def tokens(
        self,
        sentences: Sequence[Sequence[str]],
        *,
        ids: Sequence[str | None] | None = None,
        protect: Sequence[Sequence[bool]] | None = None,
        field: str = "tokens",
        blanks: bool = False,
    ) -> PerturbedTokens:
        """See the base class; no token is edited."""
        self.check_keeps_tokens(("split",) if blanks else ())
        joined_tokens(sentences)
        check_marks(sentences, protect)
        found = self._token_candidates(sentences, protect)
        call = Call(list(chain.from_iterable(sentences)), list(map(len, sentences)), found)
        self.calls.append(call)
        return PerturbedTokens(list(map(list, sentences)), _made(call, _NOTHING, 1).edits, found.tally)

    def _listed(self, texts: Sequence[str], found: Candidates) -> Perturbed:
        call = Call(list(texts), [1] * len(texts), found)
        self.calls.append(call)
        return _made(call, _NOTHING, 1)


@dataclass(frozen=True)
class Chosen(Attack):
    """An attack that makes chosen edits, in copies of a record that was listed.

    Attributes:
        copies: The number of copies, which stand one behind the other.
        picks: For each call of the :class:`Listing`, in order, the edits to be made.
    """

    copies: int = field(kw_only=True)
    picks: Iterator[tuple[Call, Picked]] = field(kw_only=True)

    def in_language(self, language: object) -> Self:
        """Return the attack itself: its edits are chosen already."""
        return self

    def texts(
        self,
        texts: Sequence[str],
        *,
        ids: Sequence[str | None] | None = None,
        protect: Sequence[Sequence[tuple[int, int]]] | None = None,
        field: str = "text",
    ) -> Perturbed:
        """See the base class; the chosen edits are made, whoever names the texts and whatever is protected."""
        return self._next(texts)

    def joined(
        self,
        sentences: Sequence[Sequence[str]],
        *,
        ids: Sequence[str | None] | None = None,
        protect: Sequence[Sequence[bool]] | None = None,
        field: str = "tokens",
    ) -> Perturbed:
        """See the base class, and :meth:`texts`."""
        return self._next([" ".join(tokens) for tokens in sentences])

    def tokens(
        self,
        sentences: Sequence[Sequence[str]],
        *,
        ids: Sequence[str | None] | None = None,
        protect: Sequence[Sequence[bool]] | None = None,
        field: str = "tokens",
        blanks: bool = False,
    ) -> PerturbedTokens:
        """See the base class, and :meth:`texts`."""
        made = self._next(list(chain.from_iterable(sentences)))
        borders = np.cumsum([0, *map(len, sentences)]).tolist()
        edited = [made.texts[first:last] for first, last in pairwise(borders)]
        return PerturbedTokens(edited, made.edits, made.tally)

    def _next(self, sources: Sequence[str]) -> Perturbed:
        """Make the edits of the next call."""
        call, picked = next(self.picks)
        if list(sources) != call.sources * self.copies:
            raise ValueError("a task must attack copies of a record as the record itself, call by call")
        return _made(call, picked, self.copies)


_NOTHING = Picked(np.zeros(0, np.int64), np.zeros(0, np.int64))


def _made(call: Call, picked: Picked, copies: int) -> Perturbed:
    """Make edits in copies of the strings of a call."""
    found, row = call.candidates, picked.candidate
    slot = picked.copy * len(call.sources) + found.slot[row]
    start, end = found.start[row], found.end[row]
    new = [found.new[number] for number in row.tolist()]
    _check_apart(slot, start, end)
    sources = call.sources * copies
    texts = list(sources)
    edits = list(zip(slot.tolist(), start.tolist(), end.tolist(), new, strict=True))
    # From the last edit to the first, so that the places of those before it are still right.
    for number, first, last, written in reversed(edits):
        texts[number] = texts[number][:first] + written + texts[number][last:]
    length = np.fromiter(map(len, new), np.int64, len(new))
    new_start = start + _growth_before(slot, length - (end - start))
    columns = {
        "example": picked.copy * len(call.lengths) + found.example[row],
        "word": found.word[row],
        "operator": found.operator[row],
        "old_start": start,
        "old_end": end,
        "new_start": new_start,
        "new_end": new_start + length,
        "slot": slot,
    }
    narrow = {name: column.astype(np.int32) for name, column in columns.items()}
    table = EditTable(**narrow, operators=found.operators, sources=sources, texts=texts)
    return Perturbed(sources, texts, table, _tally(found, row, copies))


def _check_apart(slot: Index, start: Index, end: Index) -> None:
    """Refuse edits of a string that are not in order, or change the same place.

    Raises:
        ValueError: There are some.
    """
    same = slot[1:] == slot[:-1]
    if (slot[1:] < slot[:-1]).any() or (same & (start[1:] < end[:-1])).any():
        raise ValueError("edits must be in order, and must not meet")


def _growth_before(slot: Index, growth: Index) -> Index:
    """Return by how much the edits before each one, in its string, have moved it."""
    before = np.cumsum(growth) - growth
    # Less what strings before it have grown by: the running total at the first edit of the string.
    first = np.searchsorted(slot, slot)
    return before - before[first]


def _tally(found: Candidates, row: Index, copies: int) -> Tally:
    """Count what happened to the words of all copies."""
    tally = Tally(words=found.tally.words * copies, eligible=found.tally.eligible * copies)
    for reason, count in found.tally.excluded.items():
        tally.excluded[reason] = count * copies
    counts = np.bincount(found.operator[row], minlength=len(found.operators))
    for label, count in zip(found.operators, counts.tolist(), strict=True):
        tally.drawn[label] += count
        tally.edited[label] += count
    return tally
