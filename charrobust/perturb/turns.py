"""Turns: which of a word's random numbers an operator and its place are drawn with."""

from __future__ import annotations

from dataclasses import dataclass

# Counters of a word's draws. 0 chooses the word and its first operator; places of round r count from
# 1 + 64 r, one for each try; the operator of round r has 2**20 + r, beyond the places of the most rounds.
# Where a word draws again, both are further on: by 2**24 for each time.
_FIRST_PLACE_COUNTER = 1
_PLACE_COUNTERS_A_ROUND = 64
_OPERATOR_COUNTER = 1 << 20
_COUNTERS_A_TURN = 1 << 24


@dataclass(frozen=True)
class Turn:
    """A time that operators are drawn and let edit words.

    Attributes:
        round_number: How many edits the words may have already.
        again: How often the words have drawn an operator in this round before.
    """

    round_number: int
    again: int = 0

    @property
    def operator_counter(self) -> int:
        """The counter of the operator's draw."""
        return _OPERATOR_COUNTER + self.round_number + self.again * _COUNTERS_A_TURN

    @property
    def place_counter(self) -> int:
        """The first of the counters of the place's draws."""
        here = _FIRST_PLACE_COUNTER + self.round_number * _PLACE_COUNTERS_A_ROUND
        return here + self.again * _COUNTERS_A_TURN
