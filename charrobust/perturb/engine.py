"""The engine: which words are edited, by which operator, where; all words of a batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from charrobust.perturb.alignment import changed_runs
from charrobust.perturb.assembly import Draft, assemble
from charrobust.perturb.code_points import CodePointBuffer, encode, ranges
from charrobust.perturb.counter_random import Keys, draw, high_below, word_streams
from charrobust.perturb.operators.base import LetterOperator, Letters, Operator, Places, Replacements, WordOperator
from charrobust.perturb.perturbed import EditTable, Tally
from charrobust.perturb.recipe import Recipe
from charrobust.perturb.word_classes import NO_LETTER, WordClasses
from charrobust.perturb.words import Index, Mask, Words, overlapping

# How often a place is drawn again where the operator does not apply, before all places are looked at.
_TRIES = 6
# Numbers of the draws of a word: 0 chooses the word and the first operator, the others as follows.
_PLACE, _PLACES_A_ROUND, _OPERATOR = 1, 64, 1 << 20


@dataclass(frozen=True)
class Job:
    """A batch on its way through the engine.

    Attributes:
        recipe: What to do.
        buffer: The texts.
        words: Their words.
        keys: The key of each example, shape (examples,).
        protected: Buffer spans that stay, (starts, ends).
        whole_tokens: Whether each text is one token, which must stay one.
    """

    recipe: Recipe
    buffer: CodePointBuffer
    words: Words
    keys: Keys
    protected: tuple[Index, Index]
    whole_tokens: bool = False


def run(job: Job, sources: Sequence[str]) -> tuple[list[str], EditTable, Tally]:
    """Perturb a batch.

    Returns:
        The edited texts, the edit log and the tally.
    """
    recipe, words = job.recipe, job.words
    tally = Tally(words=len(words.start))
    word_classes = WordClasses(job.buffer, words, recipe.stop_words)
    chosen = _eligible(job, word_classes, tally)
    tally.eligible = len(chosen)
    streams = word_streams(job.keys[words.example[chosen]], words.rank(chosen))
    bits = draw(streams, 0)
    if recipe.edited_words is None and recipe.share < 1:
        mask = bits < np.uint64(int(recipe.share * 2**64))
        chosen, streams, bits = chosen[mask], streams[mask], bits[mask]
    drafting = _Drafting(job, word_classes, chosen, streams)
    for number in range(recipe.edits_per_word):
        drafting.edit_round(number, bits if number == 0 else draw(streams, _OPERATOR + number))
    if recipe.edited_words is not None:
        drafting.keep_first(recipe.edited_words, bits)
    drafting.count(tally)
    labels = tuple(operator.label for operator in recipe.operators)
    return (*assemble(job.buffer, words, chosen, drafting.drafts, labels, sources), tally)


def _eligible(job: Job, word_classes: WordClasses, tally: Tally) -> Index:
    """Return the numbers of the words that may be edited, and count why others may not."""
    words, recipe = job.words, job.recipe
    alive = np.arange(len(words.start))

    def exclude(mask: Mask, reason: str) -> None:
        nonlocal alive
        if mask.any():
            tally.excluded[reason] += int(np.count_nonzero(mask))
            alive = alive[~mask]

    if job.whole_tokens:
        exclude(word_classes.has(NO_LETTER, alive), NO_LETTER)
    exclude(words.end[alive] - words.start[alive] < recipe.min_length, f"shorter than {recipe.min_length} letters")
    for kind in recipe.skip:
        exclude(word_classes.has(kind, alive), kind)
    if len(job.protected[0]):
        start, end = words.at(words.start), words.at(words.end)
        exclude(overlapping(start, end, *job.protected)[alive], "protected")
    return alive


class _Drafting:
    """The edits made so far to the chosen words of a job.

    Word numbers here count the chosen words.
    """

    def __init__(self, job: Job, word_classes: WordClasses, chosen: Index, streams: Keys) -> None:
        self.job, self.word_classes, self.chosen, self.streams = job, word_classes, chosen, streams
        self.letters = Letters(job.buffer.code_points, job.words)
        self.start, self.end = job.words.start[chosen], job.words.end[chosen]
        self.counted: Mask = np.ones(len(chosen), bool)
        self.drawn: list[Index] = []
        self.left: list[tuple[int, str, Index]] = []
        self.drafts: list[Draft] = []
        self.taken: Index = np.zeros(0, np.int64)

    def edit_round(self, number: int, bits: Keys) -> None:
        """Draw an operator for every chosen word and let it edit the word once."""
        operators = self.job.recipe.operators
        if number:
            self._note_taken()
        drawn = _draw_operators(operators, bits)
        self.drawn.append(drawn)
        for which, operator in enumerate(operators):
            mine = np.flatnonzero(drawn == which) if len(operators) > 1 else np.arange(len(drawn))
            for kind in operator.skip:
                mine = self._leave(which, kind, mine, self.word_classes.has(kind, self.chosen[mine]))
            if operator.min_length > 1:
                short = self.end[mine] - self.start[mine] < operator.min_length
                mine = self._leave(which, f"shorter than {operator.min_length} letters", mine, short)
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
        none = count <= 0
        words, count = self._leave(which, "no place for it", words, none), count[~none]
        for attempt in range(_TRIES):
            bits = draw(self.streams[words], _PLACE + number * _PLACES_A_ROUND + attempt)
            place = self.start[words] + first + high_below(bits, count)
            good = self._free(operator, words, place, number)
            if good.all():
                self._write(which, operator, words, place, bits)
                return
            self._write(which, operator, words[good], place[good], bits[good])
            self._leave(which, "no place for it", words, ~good & (count == 1))
            again = ~good & (count > 1)  # a word with a single place has had its chance
            words, count = words[again], count[again]
        if len(words):
            bits = draw(self.streams[words], _PLACE + number * _PLACES_A_ROUND + _TRIES)
            self._edit_exhaustively(which, operator, number, words, first, count, bits)

    def _edit_exhaustively(
        self, which: int, operator: LetterOperator, number: int, words: Index, first: int, count: Index, bits: Keys
    ) -> None:
        """Choose among all places of each word at which the operator applies, as drawing for ever would."""
        owner = np.repeat(np.arange(len(words)), count)
        places = ranges(self.start[words] + first, count)
        free = self._free(operator, words[owner], places, number)
        owner, places = owner[free], places[free]
        choices = np.bincount(owner, minlength=len(words))
        some = choices > 0
        self._leave(which, "no place for it", words, ~some)
        chosen = (np.cumsum(choices) - choices)[some] + high_below(bits[some], choices[some])
        self._write(which, operator, words[some], places[chosen], bits[some])

    def _free(self, operator: LetterOperator, words: Index, place: Index, number: int) -> Mask:
        """Tell where the operator changes something without touching an earlier edit of the word."""
        good = operator.applies(self.letters, place)
        if number == 0:
            return good
        some = np.flatnonzero(good)
        wanted = operator.replace(self.letters, self._places(words[some], place[some], np.zeros(len(some), np.uint64)))
        free = good.copy()
        free[some] = self.taken[wanted.end + 1] == self.taken[wanted.start]
        return free

    def _note_taken(self) -> None:
        """Count, up to each gap between code points, those that the edits made so far cover or border on."""
        steps = np.zeros(len(self.job.buffer.code_points) + 2, np.int64)
        for draft in self.drafts:
            np.add.at(steps, draft.made.start, 1)
            np.add.at(steps, draft.made.end + 1, -1)
        self.taken = np.concatenate([[0], np.cumsum(np.cumsum(steps) > 0)])

    def _write(self, which: int, operator: LetterOperator, words: Index, place: Index, bits: Keys) -> None:
        if len(words):
            self.drafts.append(Draft(which, words, operator.replace(self.letters, self._places(words, place, bits))))

    def _places(self, words: Index, place: Index, bits: Keys) -> Places:
        return Places(place, self.start[words], self.end[words], bits)

    def _rewrite_words(self, which: int, operator: WordOperator, number: int, words: Index) -> None:
        """Let an operator rewrite words one by one, and recover the edits by alignment."""
        edited = np.isin(words, np.concatenate([words[:0], *(draft.words for draft in self.drafts)]))
        words = self._leave(which, "already edited", words, edited)
        start, end = self.job.words.at(self.start[words]), self.job.words.at(self.end[words])
        bits = draw(self.streams[words], _PLACE + number * _PLACES_A_ROUND)
        same, unfit = np.zeros(len(words), bool), np.zeros(len(words), bool)
        owner, spans, new = [], [], []
        for i, (a, b, seed) in enumerate(zip(start.tolist(), end.tolist(), bits.tolist(), strict=True)):
            word = self.job.buffer.joined[a:b]
            result = operator.rewrite(word, seed)
            same[i] = result == word
            unfit[i] = not result or (self.job.whole_tokens and _blanks(result) != _blanks(word))
            for (c, d), text in () if same[i] or unfit[i] else changed_runs(word, result):
                owner.append(words[i])
                spans.append((a + c, a + d))
                new.append(text)
        self._leave(which, "nothing to change", words, same)
        self._leave(which, "would break the token", words, unfit & ~same)
        if spans:
            place = np.array(spans, np.int64)
            lengths = np.fromiter(map(len, new), np.int64, len(new))
            made = Replacements(place[:, 0], place[:, 1], encode("".join(new)), lengths)
            self.drafts.append(Draft(which, np.array(owner, np.int64), made))

    def keep_first(self, count: int, bits: Keys) -> None:
        """Keep the edits of ``count`` words an example, in the order of the words' random numbers."""
        edited = np.zeros(len(self.chosen), bool)
        for draft in self.drafts:
            edited[draft.words] = True
        example = self.job.words.example[self.chosen]
        order = np.lexsort((bits, ~edited, example))
        first = np.searchsorted(example[order], np.arange(len(self.job.keys)))
        kept = np.zeros(len(self.chosen), bool)
        kept[order] = np.arange(len(order)) - first[example[order]] < count
        self.counted = kept
        self.left = [(which, reason, words[kept[words]]) for which, reason, words in self.left]
        self.drafts = [draft.where(kept[draft.words]) for draft in self.drafts]

    def count(self, tally: Tally) -> None:
        """Add what happened to a tally, by operator."""
        labels = [operator.label for operator in self.job.recipe.operators]
        for drawn in self.drawn:
            counts = np.bincount(drawn[self.counted], minlength=len(labels))
            for label, count in zip(labels, counts.tolist(), strict=True):
                tally.drawn[label] += count
        for draft in self.drafts:
            tally.edited[labels[draft.operator]] += len(draft.words)
        for which, reason, words in self.left:
            if len(words):
                tally.left[labels[which], reason] += len(words)


def _draw_operators(operators: tuple[Operator, ...], bits: Keys) -> Index:
    """Draw an operator by weight with the low 32 bits."""
    weights = np.array([operator.weight for operator in operators])
    low = (bits & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    drawn = np.zeros(len(bits), np.int64)
    for border in np.cumsum(weights / weights.sum())[:-1]:
        drawn += low >= np.uint32(border * 2**32)
    return drawn


def _blanks(text: str) -> list[str]:
    return [letter for letter in text if letter.isspace()]
