"""The engine: which words are edited, by which operator, where; all words of a batch at once."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from charrobust.perturb.alignment import changed_runs
from charrobust.perturb.batch import EditTable, Tally
from charrobust.perturb.codes import CodeBuffer, decode, encode, ranges
from charrobust.perturb.draws import Keys, draw, high_below, high_unit, low_below, word_streams
from charrobust.perturb.operators.base import LetterOperator, Letters, Operator, Places, Replacements, WordOperator
from charrobust.perturb.recipe import Recipe
from charrobust.perturb.words import Index, Mask, StopWords, Words, digit_kinds, overlapping, stop_words

_TRIES = 6


@dataclass(frozen=True)
class Job:
    """A batch on its way through the engine.

    Attributes:
        recipe: What to do.
        buffer: The texts.
        words: Their words.
        example: The example of each text, shape (texts,).
        keys: The key of each example, shape (examples,).
        protected: Buffer spans that stay, (starts, ends).
        whole_tokens: Whether each text is one token, which must stay one.
    """

    recipe: Recipe
    buffer: CodeBuffer
    words: Words
    example: Index
    keys: Keys
    protected: tuple[Index, Index]
    whole_tokens: bool = False


def run(job: Job, sources: Sequence[str]) -> tuple[list[str], EditTable, Tally]:
    """Perturb a batch.

    Returns:
        The edited texts, the edit log and the tally.
    """
    tally = Tally(words=len(job.words.start))
    kinds = _Kinds(job)
    eligible = _eligible(job, kinds, tally)
    tally.eligible = len(eligible)
    streams = word_streams(job.keys[job.example[job.words.text[eligible]]], job.words.rank[eligible])
    first_bits = draw(streams, 0)
    if job.recipe.edited_words is None and job.recipe.share < 1:
        chosen = high_unit(first_bits) < job.recipe.share
        eligible, streams, first_bits = eligible[chosen], streams[chosen], first_bits[chosen]
    made = _Made(job, kinds, eligible, streams)
    for number in range(job.recipe.edits_per_word):
        bits = first_bits if number == 0 else draw(streams, 1000 + number)
        made.edit_round(number, bits)
    if job.recipe.edited_words is not None:
        made.keep_first(job.recipe.edited_words, first_bits)
    return (*made.assemble(sources), made.count(tally))


class _Kinds:
    """Tells kinds of words, looking at no more words than asked for."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def has(self, kind: str, words: Index) -> Mask:
        """Tell which of some words are of a kind."""
        if kind == "stop-words":
            return self._stop_words.among(words)
        return self._digit_kinds[kind][words]

    @functools.cached_property
    def _digit_kinds(self) -> dict[str, Mask]:
        masks = digit_kinds(self._job.buffer, self._job.words)
        return dict(zip(("digits", "numbers", "no letter or digit"), masks, strict=True))

    @functools.cached_property
    def _stop_words(self) -> StopWords:
        return StopWords(self._job.buffer, self._job.words, stop_words(self._job.recipe.stop_words))


def _eligible(job: Job, kinds: _Kinds, tally: Tally) -> Index:
    """Return the numbers of the words that may be edited, and count why others may not."""
    alive = np.arange(len(job.words.start))

    def exclude(mask: Mask, reason: str) -> None:
        nonlocal alive
        if mask.any():
            tally.excluded[reason] += int(np.count_nonzero(mask))
            alive = alive[~mask]

    if job.whole_tokens:
        exclude(kinds.has("no letter or digit", alive), "no letter or digit")
    exclude(job.words.length[alive] < job.recipe.min_length, f"shorter than {job.recipe.min_length} letters")
    for kind in job.recipe.skip:
        exclude(kinds.has(kind, alive), kind)
    if len(job.protected[0]):
        start, end = job.words.at(job.words.start), job.words.at(job.words.end)
        exclude(overlapping(start, end, *job.protected)[alive], "protected")
    return alive


class _Made:
    """The edits made so far to the chosen words of a job.

    Word numbers here count the chosen words; ``chosen`` gives their numbers in the job.
    """

    def __init__(self, job: Job, kinds: _Kinds, chosen: Index, streams: Keys) -> None:
        self.job, self.kinds, self.chosen, self.streams = job, kinds, chosen, streams
        self.letters = Letters(job.buffer.codes, job.words)
        self.start, self.end = job.words.start[chosen], job.words.end[chosen]
        self.counted = np.ones(len(chosen), bool)
        self.drawn: list[Index] = []
        self.left: list[tuple[int, str, Index]] = []
        self.edits: list[tuple[int, Index, Replacements]] = []

    def edit_round(self, number: int, bits: Keys) -> None:
        """Draw an operator for every chosen word and let it edit the word once."""
        operators = self.job.recipe.operators
        drawn = _draw_operators(operators, bits)
        self.drawn.append(drawn)
        for which, operator in enumerate(operators):
            mine = np.flatnonzero(drawn == which) if len(operators) > 1 else np.arange(len(drawn))
            for kind in operator.skip:
                mine = self._leave(which, kind, mine, self.kinds.has(kind, self.chosen[mine]))
            too_short = self.end[mine] - self.start[mine] < operator.min_length
            mine = self._leave(which, f"shorter than {operator.min_length} letters", mine, too_short)
            if isinstance(operator, LetterOperator):
                self._edit_letters(which, operator, number, mine)
            elif isinstance(operator, WordOperator):
                self._rewrite_words(which, operator, number, mine)

    def _leave(self, which: int, reason: str, words: Index, mask: Mask) -> Index:
        """Note words that the operator leaves, and return the others."""
        if mask.any():
            self.left.append((which, reason, words[mask]))
            return words[~mask]
        return words

    def _edit_letters(self, which: int, operator: LetterOperator, number: int, words: Index) -> None:
        """Place one edit in each word, uniformly over the places where the operator applies."""
        first, count = operator.window(self.end[words] - self.start[words])
        pending, count = self._leave(which, "no place for it", words, count <= 0), count[count > 0]
        bits = draw(self.streams[pending], 1 + number * 64)
        for attempt in range(1, _TRIES + 1):
            place = self.start[pending] + first + high_below(bits, count)
            good = self._free(operator, pending, place, number)
            self._write(which, operator, pending[good], place[good], bits[good])
            if good.all():
                return
            # A word with a single place has had its chance.
            again = ~good & (count > 1)
            self._leave(which, "no place for it", pending, ~good & (count == 1))
            pending, count = pending[again], count[again]
            bits = draw(self.streams[pending], 1 + number * 64 + attempt)
        for word, places, word_bits in zip(pending, count, bits, strict=True):
            self._edit_exhaustively(which, operator, number, np.array([word]), first, int(places), word_bits)

    def _edit_exhaustively(
        self, which: int, operator: LetterOperator, number: int, word: Index, first: int, count: int, bits: np.uint64
    ) -> None:
        """Choose among all places of one word at which the operator applies, as drawing again would."""
        places = self.start[word] + first + np.arange(count)
        places = places[self._free(operator, np.repeat(word, count), places, number)]
        if not len(places):
            self.left.append((which, "no place for it", word))
            return
        drawn = np.array([bits])
        self._write(which, operator, word, places[high_below(drawn, len(places))], drawn)

    def _free(self, operator: LetterOperator, words: Index, place: Index, number: int) -> Mask:
        """Tell where the operator changes something without touching an earlier edit of the word."""
        good = operator.applies(self.letters, place)
        if number == 0:
            return good
        good = good.copy()
        some = np.flatnonzero(good)
        wanted = operator.replace(self.letters, self._places(words[some], place[some], np.zeros(len(some), np.uint64)))
        for _, edited, done in self.edits:
            order = np.argsort(edited, kind="stable")
            low = np.searchsorted(edited[order], words[some], side="left")
            high = np.searchsorted(edited[order], words[some], side="right")
            for k in range(int((high - low).max(initial=0))):
                has = np.flatnonzero(low + k < high)
                other = order[low[has] + k]
                touches = (wanted.start[has] <= done.end[other]) & (wanted.end[has] >= done.start[other])
                good[some[has[touches]]] = False
        return good

    def _write(self, which: int, operator: LetterOperator, words: Index, place: Index, bits: Keys) -> None:
        if len(words):
            self.edits.append((which, words, operator.replace(self.letters, self._places(words, place, bits))))

    def _places(self, words: Index, place: Index, bits: Keys) -> Places:
        return Places(place, self.start[words], self.end[words], bits)

    def _rewrite_words(self, which: int, operator: WordOperator, number: int, words: Index) -> None:
        """Let an operator rewrite words one by one, and recover the edits by alignment."""
        start = self.job.words.at(self.start[words])
        end = self.job.words.at(self.end[words])
        bits = draw(self.streams[words], 1 + number * 64)
        owner, spans, new = [], [], []
        unchanged, unfit = np.zeros(len(words), bool), np.zeros(len(words), bool)
        touched = np.isin(words, np.concatenate([words[:0], *(edited for _, edited, _ in self.edits)]))
        for i, (a, b, seed) in enumerate(zip(start.tolist(), end.tolist(), bits.tolist(), strict=True)):
            if touched[i]:
                continue
            word = self.job.buffer.joined[a:b]
            result = operator.rewrite(word, seed)
            unchanged[i] = result == word
            unfit[i] = not result or (self.job.whole_tokens and _blanks(result) != _blanks(word))
            if not unchanged[i] and not unfit[i]:
                for (c, d), text in changed_runs(word, result):
                    owner.append(words[i])
                    spans.append((a + c, a + d))
                    new.append(text)
        self._leave(which, "nothing to change", words, unchanged & ~touched)
        self._leave(which, "would break the token", words, unfit & ~unchanged & ~touched)
        self._leave(which, "already edited", words, touched)
        if spans:
            place = np.array(spans, np.int64)
            lengths = np.array([len(text) for text in new], np.int64)
            made = Replacements(place[:, 0], place[:, 1], encode("".join(new)), lengths)
            self.edits.append((which, np.array(owner, np.int64), made))

    def keep_first(self, count: int, bits: Keys) -> None:
        """Keep the edits of ``count`` words an example, in the order of the words' random numbers."""
        edited = np.zeros(len(self.chosen), bool)
        for _, words, _ in self.edits:
            edited[words] = True
        example = self.job.example[self.job.words.text[self.chosen]]
        order = np.lexsort((bits >> np.uint64(32), ~edited, example))
        first = np.searchsorted(example[order], np.arange(len(self.job.keys)))
        place = np.arange(len(order)) - first[example[order]]
        kept = np.zeros(len(self.chosen), bool)
        kept[order] = place < count
        self.counted = kept
        self.left = [(which, reason, words[kept[words]]) for which, reason, words in self.left]
        self.edits = [(which, words[kept[words]], _subset(made, kept[words])) for which, words, made in self.edits]

    def count(self, tally: Tally) -> Tally:
        """Add up what happened, by operator."""
        labels = [operator.label for operator in self.job.recipe.operators]
        for drawn in self.drawn:
            counts = np.bincount(drawn[self.counted], minlength=len(labels))
            for label, count in zip(labels, counts.tolist(), strict=True):
                tally.drawn[label] += count
        for which, words, _ in self.edits:
            tally.edited[labels[which]] += len(words)
        for which, reason, words in self.left:
            if len(words):
                tally.left[labels[which], reason] += len(words)
        return tally

    def assemble(self, sources: Sequence[str]) -> tuple[list[str], EditTable]:
        """Write the edited texts and the log."""
        buffer, words = self.job.buffer, self.job.words
        which, word, start, end, new, lengths = self._sorted()
        codes = _splice(buffer.codes, start, end, new, lengths)
        delta = lengths - (end - start)
        shift = np.cumsum(delta) - delta
        text = words.text[word]
        text_delta = np.bincount(text, weights=delta, minlength=len(buffer.starts)).astype(np.int64)
        text_shift = np.cumsum(text_delta) - text_delta
        new_starts = buffer.starts + text_shift
        texts = _cut(decode(codes), new_starts, buffer.lengths + text_delta)
        old_start, new_start = start - buffer.starts[text], start + shift - new_starts[text]
        table = EditTable(
            example=self.job.example[text],
            word=words.rank[word],
            operator=which,
            old_start=old_start,
            old_end=old_start + (end - start),
            new_start=new_start,
            new_end=new_start + lengths,
            operators=tuple(operator.label for operator in self.job.recipe.operators),
            sources=sources,
            texts=texts,
            slot=text,
        )
        return texts, table

    def _sorted(self) -> tuple[Index, Index, Index, Index, np.ndarray, Index]:
        """Merge all edits in the order of the text."""
        if not self.edits:
            none = np.zeros(0, np.int64)
            return none, none, none, none, self.letters.codes[:0], none
        which = np.concatenate([np.full(len(words), number, np.int64) for number, words, _ in self.edits])
        word = np.concatenate([words for _, words, _ in self.edits])
        start, end, lengths = (
            np.concatenate([getattr(made, part) for *_, made in self.edits]) for part in ("start", "end", "lengths")
        )
        new = np.concatenate([made.new for *_, made in self.edits])
        order = np.argsort(start, kind="stable")
        offsets = np.cumsum(lengths) - lengths
        new = new[ranges(offsets[order], lengths[order])]
        return which[order], self.chosen[word[order]], start[order], end[order], new, lengths[order]


def _blanks(text: str) -> list[str]:
    return [letter for letter in text if letter.isspace()]


def _draw_operators(operators: tuple[Operator, ...], bits: Keys) -> Index:
    """Draw an operator by weight with the low 32 bits."""
    weights = np.array([operator.weight for operator in operators])
    drawn = np.zeros(len(bits), np.int64)
    low = low_below(bits, 2**32)
    for border in np.cumsum(weights / weights.sum())[:-1] * 2.0**32:
        drawn += low >= border
    return drawn


def _subset(made: Replacements, mask: Mask) -> Replacements:
    offsets = np.cumsum(made.lengths) - made.lengths
    new = made.new[ranges(offsets[mask], made.lengths[mask])]
    return Replacements(made.start[mask], made.end[mask], new, made.lengths[mask])


def _cut(joined: str, starts: Index, lengths: Index) -> list[str]:
    """Cut texts out of the joined string of their buffer."""
    lines = joined.split("\n")
    if len(lines) == len(starts) + 2:  # no text holds a line feed, so only the joints do
        return lines[1:-1]
    return [joined[a:b] for a, b in zip(starts.tolist(), (starts + lengths).tolist(), strict=True)]


def _splice(codes: np.ndarray, start: Index, end: Index, new: np.ndarray, lengths: Index) -> np.ndarray:
    """Replace sorted, disjoint spans of a buffer."""
    delta = lengths - (end - start)
    shift = np.cumsum(delta)
    new_start = start + shift - delta
    # Everything up to the end of edit i comes from as far back as the edits before it have shifted it.
    total = len(codes) + int(delta.sum())
    stretches = np.diff(new_start + lengths, prepend=0, append=total)
    source = np.arange(total, dtype=np.int32)
    source -= np.repeat(np.concatenate([[0], shift]).astype(np.int32), stretches)
    out = codes.astype(np.result_type(codes, new), copy=False).take(source, mode="clip")
    out[ranges(new_start, lengths)] = new
    return out
