"""Models that searches ask in half precision first, and in full precision where that could matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from charrobust.errors import UserError
from charrobust.progress import Progress, no_progress
from charrobust.systems.predictor import Predictor
from charrobust.systems.system import Judgement
from charrobust.tasks.examples import Example
from charrobust.tasks.metrics import Array

# In log odds. Of 1,800 edited sentences a MiniLM moved by 0.11 at most, and one with a channel by 0.13.
NEAR = 1.0  # margins below are taken in full precision
_MOST_DRIFT = NEAR / 2  # a model that moves further is not to be told by half precision


class Screened(Predictor):
    """A model that is asked in bfloat16 whether a target wins by far, and in full precision where it does not.

    Searches ask about thousands of forms of a text, nearly all of which leave its answer as sure as it was. What turns
    a text is always found in full precision; that the others do not is told by a margin that rounding would have to
    move eight times as far as it was seen to. Predictions and scores are those of full precision.
    """

    is_screened = True

    def judge(
        self,
        examples: Sequence[Example],
        names: Mapping[str, str] | None = None,
        progress: Progress = no_progress,
    ) -> Judgement:
        """See the base class: in bfloat16, and again in full precision where a margin is not above :data:`NEAR`.

        Args:
            examples: See there.
            names: See there.
            progress: See there.

        Returns:
            What is known of the examples.

        Raises:
            UserError: Half precision moves a margin so far that it tells nothing.
        """
        with torch.autocast(self.model.device.type, torch.bfloat16):
            told = super().judge(examples, names, progress)
        half = np.full(len(examples), np.nan) if told.margins is None else told.margins
        near = np.flatnonzero(~(half > NEAR)).tolist()  # those that are no numbers, too
        checked = super().judge([examples[number] for number in near], names)
        if checked.margins is None:
            return checked  # of all examples, since none has a margin in half precision either
        drift = _drift(half[near], checked.margins)
        if drift > _MOST_DRIFT:
            raise UserError(
                f"model {self.name!r}: bfloat16 moves a margin by {drift:.2f}, and searches can be screened in it only "
                f"up to {_MOST_DRIFT:g}; leave `screen` out"
            )
        margins, predictions = half.copy(), list(told.predictions)
        margins[near] = checked.margins
        for number, prediction in zip(near, checked.predictions, strict=True):
            predictions[number] = prediction
        return Judgement(predictions, margins, told.readings)

    def first_order(
        self, example: Example, changed: Sequence[Example], names: Mapping[str, str] | None = None
    ) -> Array | None:
        """See the base class: in bfloat16, as estimates say alone what is asked first."""
        with torch.autocast(self.model.device.type, torch.bfloat16):
            return super().first_order(example, changed, names)

    @property
    def _asked(self) -> list[Any]:
        """See the base class: what was found by screening is kept apart."""
        return [*super()._asked, "screened in bfloat16"]


def _drift(half: Array, full: Array) -> float:
    """Return how far margins that are numbers in both precisions lie from each other at most."""
    are_finite = np.isfinite(half) & np.isfinite(full)
    return float(np.abs(half[are_finite] - full[are_finite]).max(initial=0.0))
