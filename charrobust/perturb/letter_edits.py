"""Every edit that an operator on letters may make of some words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from charrobust.perturb.code_points import CodePointBuffer, ranges
from charrobust.perturb.counter_random import Keys, high_below, low_bits
from charrobust.perturb.operators.base import LetterOperator, Letters, Places, Replacements
from charrobust.perturb.words import Index, Mask, Words

# What the edits of a place weigh together: so much that a place with a thousand of them is as likely as another with
# one, and so little that those of a word, however long, fit into the 32 bits that choose among them.
_WEIGHT_OF_PLACE = 1 << 16


@dataclass(frozen=True)
class LetterEdits:
    """Edits of words, in the order of the words and of the places in them; arrays of shape (edits,).

    Attributes:
        row: The word, as a number among those that were asked for.
        at_place: How many edits the operator may make at the place.
        edits: The edits, in buffer positions; they may overlap.
    """

    row: Index
    at_place: Index
    edits: Replacements

    @classmethod
    def of(cls, operator: LetterOperator, buffer: CodePointBuffer, words: Words, numbers: Index) -> LetterEdits:
        """List what is written at each place of each word.

        Args:
            operator: The operator, which must be ``enumerable``.
            buffer: The texts.
            words: Their words.
            numbers: Which words, shape (rows,).

        Returns:
            The edits.
        """
        letters = Letters(buffer.code_points, words)
        word_start, word_end = words.start[numbers], words.end[numbers]
        first, count = operator.window(word_end - word_start)
        count = np.maximum(count, 0)
        row = np.repeat(np.arange(len(numbers)), count)
        at = ranges(word_start + first, count)
        applies = operator.applies(letters, at)
        row, at = row[applies], at[applies]
        no_bits = np.zeros(len(at), np.uint64)
        outcomes = operator.outcomes(letters, Places(at, word_start[row], word_end[row], no_bits))
        # Each place as often as there are outcomes, with the bits that lead to the first, the second, and so on.
        row, at, counts = (np.repeat(column, outcomes) for column in (row, at, outcomes))
        bits = low_bits(ranges(np.zeros(len(outcomes), np.int64), outcomes), counts)
        return cls(row, counts, operator.replace(letters, Places(at, word_start[row], word_end[row], bits)))

    def drawn(self, fits: Mask, bits: Keys) -> Index:
        """Draw an edit of each word as if a place, and what is written there, were drawn again and again until it fits.

        Args:
            fits: Which edits fit, shape (edits,).
            bits: Random numbers, whose high 32 bits are used, shape (rows,).

        Returns:
            The numbers of the edits; none of words of which no edit fits.
        """
        # Whole numbers, so that what is drawn for a word hangs on no other word.
        weight = np.where(fits, np.maximum(_WEIGHT_OF_PLACE // self.at_place, 1), 0)
        total = np.zeros(len(bits), np.int64)
        np.add.at(total, self.row, weight)
        drawn_from = np.flatnonzero(total)
        # The weights of all words in a row: those of a word begin behind the weights of all words before it.
        before = np.cumsum(total) - total
        wanted = before[drawn_from] + high_below(bits[drawn_from], total[drawn_from])
        return np.searchsorted(np.cumsum(weight), wanted, side="right")
