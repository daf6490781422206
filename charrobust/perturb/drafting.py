"""Letting operators edit the chosen words of a batch, all words at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from charrobust.perturb.account import NO_OPERATOR, Account
from charrobust.perturb.assembly import Draft
from charrobust.perturb.code_points import CodePointBuffer, ranges
from charrobust.perturb.counter_random import Keys, draw, high_below
from charrobust.perturb.letter_edits import LetterEdits
from charrobust.perturb.limited_words import LimitedWords
from charrobust.perturb.mixing import weighted, weighted_among
from charrobust.perturb.operators.base import (
    LetterOperator,
    Letters,
    Operator,
    Places,
    UnitOperator,
    WordOperator,
    labels,
)
from charrobust.perturb.perturbed import Tally
from charrobust.perturb.recipe import Recipe
from charrobust.perturb.rewrites import LONGEST_REWRITTEN, RewrittenWords
from charrobust.perturb.taken_gaps import TakenGaps
from charrobust.perturb.turns import Turn
from charrobust.perturb.unit_edits import unfit_edits, units_at
from charrobust.perturb.word_classes import WordClasses
from charrobust.perturb.word_limit import WordLimit
from charrobust.perturb.words import Index, Mask, Words

# How often a place is drawn again where the operator does not apply, before all places are looked at.
_TRIES = 6
_NO_PLACE = "no place for it"


class Drafting:
    """The edits made so far to the chosen words of a batch.

    Word numbers here count the chosen words.

    Attributes:
        drafts: The edits.
    """

    def __init__(
        self,
        *,
        recipe: Recipe,
        buffer: CodePointBuffer,
        words: Words,
        word_classes: WordClasses,
        chosen: Index,
        streams: Keys,
        whole_tokens: bool,
        protected: Mask | None = None,
        limit: WordLimit | None = None,
    ) -> None:
        """Begin without edits.

        Args:
            recipe: What to do.
            buffer: The texts.
            words: Their words.
            word_classes: Tells classes of words.
            chosen: Numbers of the words to edit, ascending, shape (chosen,).
            streams: The random stream of each, shape (chosen,).
            whole_tokens: Whether each text is one token, which must stay one.
            protected: Places of the buffer that no edit across words may change, shape (code points,); None for none.
            limit: What an edited word may become; None for anything.
        """
        self.drafts: list[Draft] = []
        self._recipe, self._buffer, self._words = recipe, buffer, words
        self._word_classes, self._chosen, self._streams = word_classes, chosen, streams
        self._whole_tokens, self._protected = whole_tokens, protected
        self._edit_counts = recipe.edit_counts(streams)
        self._letters = Letters(buffer.code_points, words)
        self._start, self._end = words.start[chosen], words.end[chosen]
        self._account = Account(len(chosen))
        self._taken: TakenGaps | None = None  # in the first round nothing is
        counts = recipe.most_edits if self._edit_counts is None else self._edit_counts
        self._limited = LimitedWords(limit, buffer, words.at(self._start), words.at(self._end), counts)

    def edit(self, bits: Keys) -> None:
        """Let operators edit every chosen word, as often as its number of edits says.

        Args:
            bits: The random number by which each word was chosen, shape (chosen,).
        """
        # The first round takes its operators from the low 32 bits of that number: whether the word is edited hangs on
        # the high ones alone, but for 1 in 2**32.
        self._edit_round(0, bits)
        for round_number in range(1, self._recipe.most_edits):
            self._edit_round(round_number, draw(self._streams, Turn(round_number).operator_counter))

    def _edit_round(self, round_number: int, bits: Keys) -> None:
        """Draw an operator for every chosen word that has an edit left, and let it edit the word once."""
        if round_number:
            # Once a round is enough: its edits are all in different words, and cannot meet each other.
            edits = [draft.replacements for draft in self.drafts]
            self._taken = TakenGaps.of(edits, len(self._buffer.code_points))
            self._limited.note(self.drafts)
        # By the low 32 bits of each random number.
        drawn = weighted(_weights(self._recipe.operators), bits)
        if self._edit_counts is not None:
            drawn[self._edit_counts <= round_number] = NO_OPERATOR
        self._account.draw(drawn)
        entries = self._account.entries
        self._edit_drawn(Turn(round_number), np.arange(len(drawn)), drawn)
        if self._recipe.redraw:
            self._redraw(round_number, drawn, entries)

    def _redraw(self, round_number: int, drawn: Index, entries: int) -> None:
        """Let the words that their operator left as they were draw another one, until one edits them.

        An operator is drawn by weight among those not tried yet. In the end that is a draw by weight among those
        that can edit the word.

        Args:
            round_number: The round.
            drawn: The operator of each chosen word, shape (chosen,); changed in place.
            entries: How long the account of words that were left was before the round.
        """
        weights = _weights(self._recipe.operators)
        untried = np.ones((len(drawn), len(weights)), bool)
        for again in range(1, len(weights)):
            words = self._account.draw_again(entries)
            if not len(words):
                return
            turn = Turn(round_number, again)
            untried[words, drawn[words]] = False
            drawn[words] = weighted_among(weights, untried[words], draw(self._streams[words], turn.operator_counter))
            self._edit_drawn(turn, words, drawn[words])

    def _edit_drawn(self, turn: Turn, words: Index, drawn: Index) -> None:
        """Let each of some words be edited by the operator that was drawn for it."""
        for operator_number, operator in enumerate(self._recipe.operators):
            fallen_to = words[drawn == operator_number]
            if not len(fallen_to):
                continue
            fit = self._leave_unfit(operator_number, operator, fallen_to)
            if isinstance(operator, LetterOperator):
                self._edit_letters(operator_number, operator, turn, fit)
            elif isinstance(operator, WordOperator):
                self._rewrite_words(operator_number, operator, turn, fit)
            elif isinstance(operator, UnitOperator):
                self._edit_units(operator_number, operator, turn, fit)

    def leave(self, masks: Sequence[Mask], reason: str) -> None:
        """Take back edits, each with the others of its word.

        Args:
            masks: For each draft which edits, shape (edits,).
            reason: Why.
        """
        for number, mask in enumerate(masks):
            if mask.any():
                draft = self.drafts[number]
                # A word that was rewritten is several edits, which stand or fall together.
                words = np.unique(draft.words[mask])
                self._account.leave(draft.operator, reason, words)
                self.drafts[number] = draft.select(~np.isin(draft.words, words))

    def leave_unfit_words(self) -> None:
        """Take back all edits of words that may not become what these make of them.

        A word of a single edit was looked at when that was drawn. Of several edits the last ones may not have found a
        place, or have been taken back.
        """
        if self._recipe.most_edits == 1:
            return
        self._limited.note(self.drafts)
        unfit = self._limited.unfit()
        self.leave([np.isin(draft.words, unfit) for draft in self.drafts], self._limited.reason)

    def keep_first(self, count: int, bits: Keys) -> None:
        """Keep the edits of ``count`` words an example, in the order of the words' random numbers.

        Args:
            count: How many words of each example are to be edited; fewer where fewer can be.
            bits: A random number of each word, shape (chosen,).
        """
        edited = self._edited()
        example = self._words.example[self._chosen]
        # Sorted by example, edited words before others, then by random number (lexsort's last key is the first). A
        # word's rank in its example is then its place in this order less the place of the example's first word.
        # So a word without an edit is kept, and counted as left, only where an example has too few that can be edited.
        order = np.lexsort((bits, ~edited, example))
        first = np.searchsorted(example[order], np.arange(len(self._words.first)))
        rank = np.arange(len(order)) - first[example[order]]
        kept = np.zeros(len(self._chosen), bool)
        kept[order] = rank < count
        self._account.keep(kept)
        self.drafts = [draft.select(kept[draft.words]) for draft in self.drafts]

    def count(self, tally: Tally) -> None:
        """Add what happened to a tally, by operator."""
        operator_labels = labels(self._recipe.operators)
        self._account.count(operator_labels, tally)
        for draft in self.drafts:
            tally.edited[operator_labels[draft.operator]] += len(draft.words)

    def _leave(self, operator_number: int, reason: str, words: Index, mask: Mask) -> Index:
        """Note words that the operator leaves as they are, and return the others."""
        if not mask.any():
            return words
        self._account.leave(operator_number, reason, words[mask])
        return words[~mask]

    def _leave_unfit(self, operator_number: int, operator: Operator, words: Index) -> Index:
        """Note the words that an operator may not edit, and return the others."""
        for word_class in operator.skip:
            in_class = self._word_classes.has(word_class, self._chosen[words])
            words = self._leave(operator_number, word_class, words, in_class)
        if operator.min_length > 1:
            short = self._end[words] - self._start[words] < operator.min_length
            words = self._leave(operator_number, f"shorter than {operator.min_length} letters", words, short)
        return words

    def _edit_letters(self, operator_number: int, operator: LetterOperator, turn: Turn, words: Index) -> None:
        """Place one edit in each word, uniformly over the places where the operator applies."""
        first, count = operator.window(self._end[words] - self._start[words])
        no_window = count <= 0
        # `first` may be one number for all words.
        first, count = np.broadcast_to(first, count.shape)[~no_window], count[~no_window]
        words = self._leave(operator_number, _NO_PLACE, words, no_window)
        # Rejection sampling: a place is drawn from all places of the word, and drawn again where the operator does
        # not apply there. That is uniform over the places that fit, and nearly every word is done in the first pass,
        # without a look at its other places.
        for attempt in range(_TRIES):
            bits = self._place_bits(words, turn, attempt)
            place = self._start[words] + first + high_below(bits, count)
            applies = self._fits(operator, words, place)
            fits = self._within_limit(operator, words, place, bits, turn, applies)
            # So it is in the first round for operators that apply everywhere: nothing has to be selected.
            if fits.all():
                self._write(operator_number, operator, words, place, bits)
                return
            self._write(operator_number, operator, words[fits], place[fits], bits[fits])
            # A word with a single place has had its chance, unless something else may be written there.
            hopeless = ~applies & (count == 1)
            self._leave(operator_number, _NO_PLACE, words, hopeless)
            again = ~fits & ~hopeless
            words, first, count = words[again], first[again], count[again]
        if len(words):
            bits = self._place_bits(words, turn, _TRIES)
            self._edit_exhaustively(operator_number, operator, turn, words, first, count, bits)

    def _edit_exhaustively(
        self,
        operator_number: int,
        operator: LetterOperator,
        turn: Turn,
        words: Index,
        first: Index,
        count: Index,
        bits: Keys,
    ) -> None:
        """Choose among all places of each word at which the operator applies, as drawing for ever would."""
        # All places of all words in a row; owner[i] is the word of places[i].
        owner = np.repeat(np.arange(len(words)), count)
        places = ranges(self._start[words] + first, count)
        fits = self._fits(operator, words[owner], places)
        owner, places = owner[fits], places[fits]
        choices = np.bincount(owner, minlength=len(words))
        has_choice = choices > 0
        self._leave(operator_number, _NO_PLACE, words, ~has_choice)
        # The places of a word stand together, behind those of all words before it.
        first_choice = np.cumsum(choices) - choices
        choice = first_choice[has_choice] + high_below(bits[has_choice], choices[has_choice])
        words, place, bits = words[has_choice], places[choice], bits[has_choice]
        allowed = self._within_limit(operator, words, place, bits, turn, np.ones(len(words), bool))
        if not allowed.all():
            self._edit_within_limit(operator_number, operator, turn, words[~allowed], bits[~allowed])
            words, place, bits = words[allowed], place[allowed], bits[allowed]
        self._write(operator_number, operator, words, place, bits)

    def _edit_within_limit(
        self, operator_number: int, operator: LetterOperator, turn: Turn, words: Index, bits: Keys
    ) -> None:
        """Choose among all edits of each word by which it becomes what it may, as drawing for ever would."""
        if operator.enumerable:
            made = LetterEdits.of(operator, self._buffer, self._words, self._chosen[words])
            fits = self._limited.allows(words[made.row], made.edits, turn.round_number)
            if self._taken is not None:
                fits = fits & self._taken.are_free(made.edits)
            chosen = np.zeros(len(fits), bool)
            chosen[made.drawn(fits, bits)] = True
            self.drafts.append(Draft(operator_number, words[made.row[chosen]], made.edits.select(chosen)))
            words = np.delete(words, made.row[chosen])
        self._account.leave(operator_number, self._limited.reason, words)

    def _place_bits(self, words: Index, turn: Turn, attempt: int) -> Keys:
        """Draw the random numbers of a place: the high 32 bits choose it, the low ones are the operator's."""
        return draw(self._streams[words], turn.place_counter + attempt)

    def _fits(self, operator: LetterOperator, words: Index, place: Index) -> Mask:
        """Tell where the operator changes something without touching an earlier edit of the word."""
        applies = operator.applies(self._letters, place)
        if self._taken is None:
            return applies
        candidates = np.flatnonzero(applies)
        # Only the spans matter here, and they do not hang on the random bits.
        no_bits = np.zeros(len(candidates), np.uint64)
        edits = operator.replace(self._letters, self._places(words[candidates], place[candidates], no_bits))
        fits = applies.copy()
        fits[candidates] = self._taken.are_free(edits)
        return fits

    def _within_limit(
        self, operator: LetterOperator, words: Index, place: Index, bits: Keys, turn: Turn, applies: Mask
    ) -> Mask:
        """Tell which words may become what the operator makes of them, where it applies."""
        if self._limited.limit is None:
            return applies
        rows = np.flatnonzero(applies)
        edits = operator.replace(self._letters, self._places(words[rows], place[rows], bits[rows]))
        within = applies.copy()
        within[rows] = self._limited.allows(words[rows], edits, turn.round_number)
        return within

    def _write(self, operator_number: int, operator: LetterOperator, words: Index, place: Index, bits: Keys) -> None:
        if len(words):
            edits = operator.replace(self._letters, self._places(words, place, bits))
            self.drafts.append(Draft(operator_number, words, edits))

    def _places(self, words: Index, place: Index, bits: Keys) -> Places:
        return Places(at=place, word_start=self._start[words], word_end=self._end[words], bits=bits)

    def _rewrite_words(self, operator_number: int, operator: WordOperator, turn: Turn, words: Index) -> None:
        """Let an operator rewrite words one by one, and recover the edits by alignment."""
        # The operator is given the word as it was at first; what it makes of that would not hold an earlier edit.
        words = self._leave(operator_number, "already edited", words, self._edited()[words])
        too_long = self._end[words] - self._start[words] > LONGEST_REWRITTEN
        words = self._leave(operator_number, f"longer than {LONGEST_REWRITTEN} letters", words, too_long)
        made = RewrittenWords(operator, self._buffer.joined, self._whole_tokens)
        starts, ends = self._words.at(self._start[words]), self._words.at(self._end[words])
        # An operator of words draws as often as it likes, so it gets a number to seed a generator of its own.
        columns = (starts, ends, self._place_bits(words, turn, 0))
        limits = self._limited.limits_of(words, turn.round_number)
        for number, (start, end, seed) in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
            made.rewrite(number, (start, end), seed, limits[number])
        for reason, left in made.left.items():
            self._account.leave(operator_number, reason, words[left])
        if made.owners:
            self.drafts.append(Draft(operator_number, words[made.owners], made.edits.replacements()))

    def _edit_units(self, operator_number: int, operator: UnitOperator, turn: Turn, words: Index) -> None:
        """Let an operator edit whole words, sentences or texts."""
        words = self._leave(operator_number, "already edited", words, self._edited()[words])
        bits = self._place_bits(words, turn, 0)
        units = units_at(self._buffer, self._words, self._chosen[words], bits)
        applies = operator.applies(units)
        words, units = self._leave(operator_number, _NO_PLACE, words, ~applies), units.take(applies)
        if not len(words):
            return
        draft = Draft(operator_number, words, operator.replace(units))
        for reason, is_unfit in unfit_edits(self._words, self._protected):
            unfit = is_unfit(draft.replacements)
            self._leave(operator_number, reason, draft.words, unfit)
            draft = draft.select(~unfit)
        self.drafts.append(draft)

    def _edited(self) -> Mask:
        """Tell which of the chosen words have an edit already, shape (chosen,)."""
        edited = np.zeros(len(self._chosen), bool)
        for draft in self.drafts:
            edited[draft.words] = True
        return edited


def _weights(operators: tuple[Operator, ...]) -> list[float]:
    return [operator.weight for operator in operators]
