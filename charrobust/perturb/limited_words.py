"""Words that are held to a limit while they are edited: what edits make of each, and whether it may become that."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from charrobust.perturb.assembly import Draft
from charrobust.perturb.code_points import CodePointBuffer
from charrobust.perturb.edits import Span
from charrobust.perturb.maybe_words import MaybeWords
from charrobust.perturb.operators.base import Replacements
from charrobust.perturb.word_limit import NON_WORD, WordLimit
from charrobust.perturb.words import Index, Mask

Change = tuple[int, int, str]
"""Where an edit starts, where it ends, and what it writes."""


def edited_word(text: str, start: int, end: int, changes: Iterable[Change]) -> str:
    """Return what edits make of a word.

    Args:
        text: The text that holds it.
        start: Where it starts.
        end: Where it ends.
        changes: The edits, inside the word, in any order; they do not meet.

    Returns:
        The edited word.
    """
    pieces: list[str] = []
    done = start
    for first, last, new in sorted(changes):
        pieces += (text[done:first], new)
        done = last
    return "".join((*pieces, text[done:end]))


class LimitedWords:
    """The words of a batch that are edited, by their numbers, with the edits that they have.

    Attributes:
        limit: What they may become; None for anything.
        reason: Why a word stays that may not become what an edit makes of it.
    """

    def __init__(
        self, limit: WordLimit | None, buffer: CodePointBuffer, start: Index, end: Index, counts: Index | int
    ) -> None:
        """Begin without edits.

        Args:
            limit: What the words may become; None for anything.
            buffer: The texts.
            start: Where each word starts in the buffer, shape (words,).
            end: Where each ends, shape (words,).
            counts: How many edits each is to have, shape (words,), or all of them.
        """
        self.limit, self.reason = limit, "" if limit is None else limit.reason
        self._buffer, self._start, self._end = buffer, start, end
        self._counts = np.broadcast_to(counts, start.shape)
        self._changes: dict[int, list[Change]] = {}

    def note(self, drafts: Sequence[Draft]) -> None:
        """Note all edits that were made; those noted before are forgotten."""
        if self.limit is None:
            return
        found = defaultdict(list)
        for draft in drafts:
            for word, change in zip(draft.words.tolist(), _changes(draft.replacements), strict=True):
                found[word].append(change)
        self._changes = dict(found)

    def allows(self, words: Index, edits: Replacements, round_number: int = 0) -> Mask:
        """Tell which edits may be made, each beside those that were noted of its word.

        Before the last edit of a word any may be made: what it becomes is what counts.

        Args:
            words: The word of each edit, shape (edits,).
            edits: The edits; each is the next one of its word, or one of several to choose from.
            round_number: How many edits the words were to have before.

        Returns:
            Shape (edits,).
        """
        allowed = np.ones(len(words), bool)
        if self.limit is None:
            return allowed
        is_last = self._counts[words] == round_number + 1
        # Nearly none makes a word; the others are not looked at.
        looked_at = is_last & (
            self._maybe_words.made(self._start[words], self._end[words], edits) | self._noted()[words]
        )
        allowed[is_last] = self.limit.errors == NON_WORD
        changes = zip(words[looked_at].tolist(), _changes(edits.select(looked_at)), strict=True)
        allowed[looked_at] = [
            self._allows(self.limit, word, [*self._changes.get(word, ()), change]) for word, change in changes
        ]
        return allowed

    def limits_of(self, words: Index, round_number: int) -> list[WordLimit | None]:
        """Return what each of some words may become by its next edit; None for anything.

        Args:
            words: The words.
            round_number: How many edits they were to have before.

        Returns:
            The limits, in order.
        """
        if self.limit is None:
            return [None] * len(words)
        is_last = (self._counts[words] == round_number + 1).tolist()
        return [self.limit if last else None for last in is_last]

    def unfit(self) -> Index:
        """Return the words that may not become what the noted edits make of them."""
        unfit: list[int] = []
        if self.limit is not None:
            noted = self._changes.items()
            unfit = [word for word, changes in noted if not self._allows(self.limit, word, changes)]
        return np.array(unfit, np.int64)

    def _allows(self, limit: WordLimit, word: int, changes: Iterable[Change]) -> bool:
        start, end = self._spans[word]
        text = self._buffer.joined
        return limit.allows(text[start:end], edited_word(text, start, end, changes))

    def _noted(self) -> Mask:
        """Tell which words have edits already, shape (words,)."""
        noted = np.zeros(len(self._start), bool)
        noted[list(self._changes)] = True
        return noted

    @functools.cached_property
    def _maybe_words(self) -> MaybeWords:
        known = frozenset() if self.limit is None else self.limit.known
        return MaybeWords(known, self._buffer.code_points)

    @functools.cached_property
    def _spans(self) -> list[Span]:
        """Where each word stands."""
        return list(zip(self._start.tolist(), self._end.tolist(), strict=True))


def _changes(edits: Replacements) -> Iterator[Change]:
    """Go through edits."""
    return zip(edits.start.tolist(), edits.end.tolist(), edits.strings(), strict=True)
